// Models and data sets from disk, and the data brought to what the model takes.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import { shuffledIndices } from '../../base/random.ts'
import { type ByteSource, fileSource } from '../../base/source.ts'
import type { Dataset } from '../../data/dataset.ts'
import { fitShape } from '../../data/fit.ts'
import { openDataset } from '../../data/open.ts'
import type { SampleType } from '../../data/raw.ts'
import type { HostInputs, Samples } from '../../engine/samples.ts'
import { type ImportedModel, importModel } from '../../formats/registry.ts'
import type { Graph, Quantization, Shape } from '../../ir/graph.ts'
import type { Plan } from '../../targets/plan.ts'
import type { DataInput } from './run-input.ts'

export interface LoadedModel extends ImportedModel {
  /** Files beside the model that it reads its weights from. */
  readonly siblings: readonly string[]
}

export async function loadModel(path: string): Promise<LoadedModel> {
  const siblings: string[] = []
  const folder = dirname(path)
  const open = (relative: string): ByteSource | null => {
    if (!existsSync(join(folder, relative))) return null
    siblings.push(relative)
    return fileSource(join(folder, relative))
  }
  const model = await importModel(fileSource(path), open)
  return { ...model, siblings }
}

/** What a model takes as one input, whether it is a graph or a pack. */
export interface InputPort {
  readonly name: string
  /** Batch first; null when the model does not say. */
  readonly shape: Shape | null
  readonly quant: Pick<Quantization, 'dtype' | 'scale' | 'zeroPoint'> | null
}

export function portsOfGraph(graph: Graph): InputPort[] {
  return graph.inputs.map((name) => {
    const value = graph.values.get(name)
    return { name, shape: value?.shape ?? null, quant: value?.quant ?? null }
  })
}

export function portsOfPlan(plan: Plan): InputPort[] {
  return plan.inputs.map(({ name, shape, tensor }) => {
    const { scale, zeroPoint } = plan.tensors[tensor]!
    return { name, shape, quant: { dtype: 'i8', scale: [scale], zeroPoint: [zeroPoint] } }
  })
}

export interface LoadedData {
  readonly dataset: Dataset
  /** The samples used, in order. */
  readonly indices: Uint32Array
  readonly labels: Int32Array | null
  readonly targets: Float32Array | null
  /** As the model takes them. */
  readonly samples: Samples
}

export type Split = 'test' | 'train'

/** @param split taken when the source has splits of its own */
export async function loadData(input: DataInput, ports: readonly InputPort[], split: Split): Promise<LoadedData> {
  const dataset = await openFor(ports, input)
  const { splits } = dataset
  const own = split === 'train' ? (splits.calibration ?? splits.train) : splits.test
  const all = own ? Uint32Array.from(own) : Uint32Array.from({ length: dataset.count }, (_, i) => i)
  return select(dataset, input.limit === null ? all : all.subarray(0, input.limit), ports)
}

/** A seeded choice of at most `count` of the samples. */
export function chooseSamples(data: LoadedData, count: number, seed: number, ports: readonly InputPort[]): LoadedData {
  const chosen = chosenIndices(data.indices.length, count, seed)
  if (!chosen) return data
  return select(
    data.dataset,
    Uint32Array.from(chosen, (i) => data.indices[i]!),
    ports,
  )
}

/** Which of `samples` a seeded choice of at most `count` takes, in order; null when it takes all. */
export function chosenIndices(samples: number, count: number, seed: number): Uint32Array | null {
  return samples <= count ? null : shuffledIndices(samples, seed).subarray(0, count).sort()
}

/** Opens a data set as what the model takes: its single input's name, and its integers for files of raw bytes. */
function openFor(ports: readonly InputPort[], input: Pick<DataInput, 'path' | 'preprocess'>): Promise<Dataset> {
  const [port] = ports
  return openDataset(input.path, {
    preprocess: input.preprocess,
    nameHint: ports.length === 1 ? port?.name : undefined,
    sample: port && sampleType(port),
  })
}

function sampleType({ quant, shape }: InputPort): SampleType {
  const sizes = shape?.slice(1)
  return {
    dtype: quant && quant.dtype !== 'i32' ? quant.dtype : 'u8',
    shape: sizes?.every((dim) => typeof dim === 'number') ? sizes : undefined,
    quant: quant ? { scale: quant.scale[0]!, zeroPoint: quant.zeroPoint[0]! } : undefined,
  }
}

function select(dataset: Dataset, indices: Uint32Array, ports: readonly InputPort[]): LoadedData {
  return {
    dataset,
    indices,
    labels: dataset.labels && Int32Array.from(indices, (i) => dataset.labels![i]!),
    targets: targetsAt(dataset, indices),
    samples: samplesOf(dataset, indices, ports),
  }
}

function targetsAt({ targets, targetSize: width }: Dataset, indices: Uint32Array): Float32Array | null {
  if (!targets) return null
  const chosen = new Float32Array(indices.length * width)
  for (const [row, index] of indices.entries())
    chosen.set(targets.subarray(index * width, (index + 1) * width), row * width)
  return chosen
}

/** One input: the data set's first array whatever its name. Several: by name. */
function samplesOf(dataset: Dataset, indices: Uint32Array, ports: readonly InputPort[]): Samples {
  const sources = ports.map((port) => {
    const index = ports.length === 1 ? 0 : dataset.inputs.findIndex((input) => input.name === port.name)
    const from = dataset.inputs[index]
    if (!from) {
      const found = dataset.inputs.map((input) => input.name).join(', ')
      throw new AppError('data.shape', { found, expected: say`an array ${port.name}` })
    }
    return { name: port.name, from: from.name, shape: fitShape(dataset, port.shape ?? ['N', ...from.shape], index) }
  })
  return {
    count: indices.length,
    read(first, count): HostInputs {
      const values = dataset.read(indices.subarray(first, first + count))
      for (const { from } of sources) assertFinite(values[from]!, from, first, count)
      return Object.fromEntries(
        sources.map(({ name, from, shape }) => [name, { data: values[from]!, shape: [count, ...shape] }]),
      )
    },
  }
}

/** No figure can be made from NaN, and no integer of a pack stands for it. */
function assertFinite(values: ArrayLike<number>, name: string, first: number, count: number) {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue
    const sample = first + Math.floor(i / (values.length / count))
    throw new AppError('data.malformed', { path: name, problem: say`sample ${sample} holds ${values[i]}` })
  }
}
