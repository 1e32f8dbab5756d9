// Invented answers for the Model, Data and Device screens.
import { AppError } from '../../../src-main/base/errors.ts'
import type { DataSet, PreprocessRecord } from '../../../src-main/contract/data-set.ts'
import type { DataFit, DataSplits, PreprocessEffect } from '../../../src-main/contract/data-view.ts'
import type { ConsoleLine, DeviceDetails } from '../../../src-main/contract/device-bench.ts'
import type { Model } from '../../../src-main/contract/model.ts'
import type { GraphNode, ModelDifference, ModelGraph, TensorHistogram } from '../../../src-main/contract/model-graph.ts'
import { applyPreprocess } from '../../../src-main/data/preprocess.ts'

/** A chain of blocks with a branch each, of the named layers first. */
export function fakeGraph(name: string, blocks: number): ModelGraph {
  const nodes: GraphNode[] = [port('input', 'x')]
  const edges: ModelGraph['edges'] = []
  const add = (node: GraphNode, from: readonly number[]) => {
    for (const each of from)
      edges.push({ from: each, to: nodes.length, tensor: `${nodes[each]!.name}_out`, shape: [1, 16, 32] })
    nodes.push(node)
    return nodes.length - 1
  }
  let last = 0
  for (let block = 1; block <= blocks; block++) {
    const conv = add(operator(`conv${block}`, 'Conv', 384), [last])
    const relu = add(operator(`relu${block}`, 'Relu', 0), [conv])
    const erf = add({ ...operator(`erf${block}`, 'Erf', 0), refusal: 'there is no kernel for Erf' }, [relu])
    last = add(operator(`add${block}`, 'Add', 0), [relu, erf])
  }
  const fc = add(operator('fc', 'Gemm', 132), [last])
  add(port('output', 'y'), [fc])
  return { name, nodes, edges }
}

const tensor = (name: string) => ({ name, shape: ['n', 16, 32], dtype: 'f32' })

function port(kind: 'input' | 'output', name: string): GraphNode {
  const ends = kind === 'input' ? { inputs: [], outputs: [tensor(name)] } : { inputs: [tensor(name)], outputs: [] }
  return { kind, name, op: '', ...ends, attributes: [], constants: [], parameters: 0, macs: 0, refusal: null }
}

function operator(name: string, op: string, parameters: number): GraphNode {
  return {
    ...{ kind: 'node', name, op, refusal: null, parameters, macs: parameters * 1000 },
    inputs: [tensor(`${name}_in`)],
    outputs: [tensor(`${name}_out`)],
    attributes: op === 'Conv' ? [{ name: 'kernel_shape', value: '8' }] : [],
    constants:
      parameters > 0 ? [{ name: `${name}.weight`, shape: [16, 3, 8], dtype: 'f32', bytes: parameters * 4 }] : [],
  }
}

export function fakeHistogram(name: string, hasRun: boolean, bins: number): TensorHistogram {
  const of = (spread: number) => ({
    ...{ elements: 384, min: -0.81, max: 0.77, mean: 0.01, std: spread, zeros: 0.002 },
    counts: Array.from({ length: bins }, (_, i) =>
      Math.round(60 * Math.exp(-(((i - bins / 2) / (bins * spread)) ** 2))),
    ),
  })
  const after = hasRun ? { ...of(0.17), name, codec: 'rans', distinct: 201 } : null
  return { tensor: name, low: -0.81, high: 0.77, before: of(0.18), after }
}

export function fakeDifference(a: Model, b: Model): ModelDifference {
  return {
    ...{ a: a.name, b: b.name, sameNodes: 7 },
    added: [{ name: 'pool', op: 'AveragePool' }],
    removed: [{ name: 'erf1', op: 'Erf' }],
    changed: [{ name: 'conv2', op: 'Conv', changes: [{ what: 'attribute', a: 'strides=1', b: 'strides=2' }] }],
    tensors: [
      {
        name: 'conv1.weight',
        nameInB: 'conv1.weight',
        shape: [16, 3, 8],
        elements: 384,
        changed: 120,
        sqnrDb: 31.2,
        maxAbs: 0.04,
      },
      { name: 'fc.weight', nameInB: 'fc.weight', shape: [4, 32], elements: 128, changed: 0, sqnrDb: null, maxAbs: 0 },
    ],
    unmatched: [{ name: 'fc.bias', a: '4', b: null }],
  }
}

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

export function fakeEffect(set: DataSet, index: number, preprocess: PreprocessRecord): PreprocessEffect {
  const shape = set.inputs[0]!.shape
  const values = Float32Array.from({ length: count(shape) }, (_, i) =>
    Math.round(127 + 120 * Math.sin((i + index) / 9)),
  )
  const after = applyPreprocess(values, shape, preprocess)
  const of = (dims: readonly number[], data: Float32Array) => ({
    ...{
      shape: [...dims],
      shown: [...dims],
      values: [...data],
      mean: data.reduce((a, b) => a + b, 0) / data.length,
      std: 1,
    },
    ...{ min: Math.min(...data), max: Math.max(...data) },
  })
  const label = set.classNames?.[index % set.classNames.length] ?? null
  return { index, label, samples: 32, before: of(shape, values), after: of(after.shape, after.data) }
}

export function fakeSplits(set: DataSet, seed: number): DataSplits {
  const part = (samples: number) => ({
    samples,
    classCounts: set.classCounts?.map(() => Math.floor(samples / 4)) ?? null,
  })
  return { seed, own: false, asked: false, train: null, calibration: part(100), test: part(set.count), shared: 100 }
}

/** Pictures with their channels last do not fit a model that wants them first. */
export function fakeFit(set: DataSet, model: Model, preprocess: PreprocessRecord): DataFit {
  const input = set.inputs[0]!
  const isPicture = input.shape.length === 3
  const solved = preprocess.layout === 'nchw'
  const fixes: DataFit['problems'][number]['fixes'] = [
    { steps: ['layout', 'resize'], preprocess: { ...preprocess, layout: 'nchw', resize: [32, 32] } },
  ]
  const shape = { found: '16 × 16 × 3', expected: '3 × 32 × 32', fatal: true, fixes }
  return {
    model: model.inputs,
    data: [{ ...input, rawShape: input.shape }],
    problems: isPicture && !solved ? [{ kind: 'size', ...shape }] : [],
  }
}

export function fakeDetails(id: DeviceDetails['id']): DeviceDetails {
  const isPico = id === 'pico'
  const candidates = isPico ? [{ id: 'pico', name: 'Raspberry Pi Pico' }] : [{ id: 'twin', name: 'Twin' }]
  const image = (file: string, bytes: number) => ({ file, bytes, sha256: 'a5'.repeat(32), build: 'agent-0.1.0' })
  return {
    ...{ id, recognisedBy: 'profile', usb: null, candidates, mcu: isPico ? 'RP2040' : null },
    flash: isPico ? { totalBytes: 2_097_152, agentBytes: 524_288, slotBytes: 786_176 } : null,
    ram: isPico ? { totalBytes: 270_336, poolBytes: 258_048 } : null,
    features: [],
    sources: isPico ? ['https://datasheets.raspberrypi.com/pico/pico-product-brief.pdf'] : [],
    agent: {
      build: isPico ? 'agent-0.1.0' : null,
      images: isPico ? [image('agent-rp2040.uf2', 165_376), image('agent-rp2040.elf', 82_584)] : [],
      method: isPico ? 'uf2' : null,
    },
  }
}

/** Answers `name` and nothing else, as the agent words it. */
export class FakeConsole {
  #open = new Map<string, (line: ConsoleLine) => void>()

  async *watch(id: string, signal?: AbortSignal): AsyncGenerator<ConsoleLine, void, void> {
    const waiting: ConsoleLine[] = [line('note', 'opened', 'Raspberry Pi Pico (emulated)')]
    let wake = Promise.withResolvers<void>()
    this.#open.set(id, (each) => {
      waiting.push(each)
      wake.resolve()
    })
    signal?.addEventListener('abort', () => wake.resolve())
    try {
      while (!signal?.aborted) {
        while (waiting.length > 0) yield waiting.shift()!
        await wake.promise
        wake = Promise.withResolvers()
      }
    } finally {
      this.#open.delete(id)
    }
  }

  send(id: string, text: string) {
    const push = this.#open.get(id)
    if (!push) throw new AppError('usage.invalid', { problem: `There is no console open on ${id}.` })
    push(line('out', 'text', text))
    push(line('in', 'text', text === 'name' ? 'm-name-dut-[shoehorn]' : `e-[Unknown command: ${text}]`))
    push(line('in', 'text', 'm-ready'))
  }
}

const line = (direction: ConsoleLine['direction'], kind: ConsoleLine['kind'], text: string): ConsoleLine => ({
  ...{ atMs: Date.now(), direction, kind, text },
})
