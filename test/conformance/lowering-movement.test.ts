// Random networks of operators that only move or compare integers, all with one scale: the plan in the twin must give
// exactly what ONNX Runtime gives. Wrong layouts, views, in-place writes or overlapping memory cannot hide behind rounding.
import { expect, test } from 'vitest'
import type { Random } from '../../src-main/base/random.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { openHostModel } from '../../src-main/engine/host-model.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { elementsOf } from '../../src-main/ir/tensor.ts'
import { lower } from '../../src-main/targets/lowering/lower.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import { type Constant, graphOf, ints, type NodeSpec, quant, random } from '../unit/targets/graphs.ts'

const zeros = '0'.repeat(64)
const origin = { modelName: 'test', modelSha256: zeros, recipeSha256: zeros, dataSha256: zeros, producer: 'test' }
const scale = quant(0.25, 3)

interface Made {
  readonly name: string
  readonly shape: readonly number[]
}

class Network {
  readonly nodes: NodeSpec[] = []
  readonly constants: Record<string, Constant> = {}
  readonly values: Made[]
  readonly #random: Random

  constructor(source: Random) {
    this.#random = source
    this.values = [{ name: 'x', shape: [1, 2 + source.below(3), 3 + source.below(4), 2 + source.below(5)] }]
  }

  pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)]!
  }
  below = (bound: number) => this.#random.below(bound)

  constant(numbers: readonly number[]): string {
    const name = `k${Object.keys(this.constants).length}`
    this.constants[name] = ints(...numbers)
    return name
  }

  add(op: string, inputs: readonly string[], shape: readonly number[], attrs: NodeSpec['attrs'] = {}) {
    const name = `v${this.nodes.length}`
    this.nodes.push({ op, inputs, outputs: [name], attrs })
    this.values.push({ name, shape })
  }
}

type Step = (network: Network, x: Made) => void

const steps: readonly Step[] = [
  (n, x) => {
    const perm = x.shape.map((_, d) => d)
    for (let d = perm.length - 1; d > 1; d--) {
      const e = 1 + n.below(d)
      ;[perm[d], perm[e]] = [perm[e]!, perm[d]!]
    }
    n.add(
      'Transpose',
      [x.name],
      perm.map((d) => x.shape[d]!),
      { perm },
    )
  },
  (n, x) => {
    const size = elementsOf(x.shape)
    const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((d) => size % d === 0)
    const first = n.pick(divisors)
    const rest = size / first
    const second = n.pick(divisors.filter((d) => rest % d === 0))
    const shape = n.pick([
      [1, size],
      [1, first, rest],
      [1, first, second, rest / second],
    ])
    n.add('Reshape', [x.name, n.constant(shape)], shape)
  },
  (n, x) => {
    if (x.shape.length !== 4 || x.shape[2]! < 2 || x.shape[3]! < 2) return
    const shape = [x.shape[0]!, x.shape[1]!, x.shape[2]! - 1, Math.floor((x.shape[3]! - 2) / 2) + 1]
    n.add('MaxPool', [x.name], shape, { kernel_shape: [2, 2], strides: [1, 2] })
  },
  (n, x) => {
    if (x.shape.length === 4) n.add('GlobalMaxPool', [x.name], [1, x.shape[1]!, 1, 1])
  },
  (n, x) => n.add('Relu', [x.name], x.shape),
  (n, x) => {
    const axis = 1 + n.below(x.shape.length - 1)
    const end = 1 + n.below(x.shape[axis]!)
    const shape = x.shape.map((size, d) => (d === axis ? end : size))
    n.add('Slice', [x.name, n.constant([0]), n.constant([end]), n.constant([axis])], shape)
  },
  (n, x) => {
    const after = x.shape.map((_, d) => (d === 0 ? 0 : n.below(2)))
    const before = x.shape.map((_, d) => (d === 0 ? 0 : n.below(2)))
    const shape = x.shape.map((size, d) => size + before[d]! + after[d]!)
    n.add('Pad', [x.name, n.constant([...before, ...after])], shape, { mode: 'edge' })
  },
  (n, x) => {
    const same = n.values.filter((v) => v.shape.join() === x.shape.join())
    const other = n.pick(same)
    const axis = 1 + n.below(x.shape.length - 1)
    n.add(
      'Concat',
      [x.name, other.name],
      x.shape.map((size, d) => (d === axis ? 2 * size : size)),
      { axis },
    )
  },
]

function randomNetwork(seed: number) {
  const network = new Network(random(seed))
  for (let i = 0; i < 10; i++) {
    const x = network.pick(network.values.slice(-3))
    if (elementsOf(x.shape) < 600) network.pick(steps)(network, x)
  }
  if (network.nodes.length === 0) network.add('Relu', ['x'], network.values[0]!.shape)
  const names = network.values.slice(1).map((value) => value.name)
  const outputs = [...new Set([names.at(-1)!, network.pick(names)])]
  const quants = Object.fromEntries(network.values.map((value) => [value.name, scale]))
  const { nodes, constants } = network
  return graphOf({ inputs: { x: network.values[0]!.shape }, outputs, nodes, constants, quants })
}

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'random network %i moves every integer to its place',
  async (seed) => {
    const graph = randomNetwork(seed)
    const plan = planMemory(lower(graph))
    using twin = await openTwin(writeShoe(plan, origin))
    await using host = await openHostModel(graph, { quantization: 'drop', threads: 1 })
    const source = random(seed + 1000)
    const { shape, bytes } = twin.inputs[0]!
    const stored = Int8Array.from({ length: bytes }, () => source.below(256) - 128)
    const expected = await host.run({ x: { data: Float32Array.from(stored, (q) => (q - 3) * 0.25), shape } })
    const device = twin.run([stored])
    expect(device.map((ints) => Array.from(ints, (q) => (q - 3) * 0.25))).toEqual(
      graph.outputs.map((name) => Array.from(expected[name]!.data)),
    )
  },
)
