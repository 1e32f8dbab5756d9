// Layers that are rounded some rows at a time, and tensors that are read some columns at a time.
import { describe, expect, test } from 'vitest'
import { f32Tensor, readColumns, readFloats, type Tensor } from '../../../src-main/ir/tensor.ts'
import { cpuKernels } from '../../../src-main/kernels/cpu/kernels.ts'
import { layerOf, toRows, type WeightLayer, weightMatrix } from '../../../src-main/passes/layers.ts'
import { lostZeros } from '../../../src-main/passes/quantize-weights/lost-zeros.ts'
import { roundLayer } from '../../../src-main/passes/quantize-weights/round.ts'
import { type LayerSettings, params } from '../../../src-main/passes/quantize-weights/settings.ts'
import { isRoundedInSlabs, roundInSlabs } from '../../../src-main/passes/quantize-weights/slabs.ts'
import { makeGraph } from './graphs.ts'

/** More than one slab, the last one not whole. */
const [rows, columns] = [1100, 4096]

/** In a file, as it were: parts can be read, and the largest is noted. */
function fileTensor(shape: readonly number[], data: Float32Array) {
  const read = { most: 0, whole: 0 }
  const held: Tensor = {
    dtype: 'f32',
    shape,
    read() {
      read.whole++
      return data
    },
    readRange(first, count) {
      read.most = Math.max(read.most, count)
      return data.slice(first, first + count)
    },
  }
  return { held, read }
}

const wave = Float32Array.from({ length: rows * columns }, (_, i) =>
  i % 97 === 0 ? 0 : Math.sin(i * 0.37) * (1 + ((i >> 7) % 5)),
)

function layerWith(held: Tensor): WeightLayer {
  const isMatMul = held.shape[0] === columns
  const graph = makeGraph({
    inputs: { x: isMatMul ? [1, 2, columns] : [2, columns] },
    outputs: 'y',
    constants: { w: held },
    nodes: [isMatMul ? ['MatMul', 'x w', 'y'] : ['Gemm', 'x w', 'y', { transB: 1 }]],
  })
  return layerOf(graph, graph.nodes[0]!)!
}

const base = { bits: 4, method: 'nearest', range: 'max' } as const
const settings: Record<string, LayerSettings> = {
  groups: params.parse({ ...base, granularity: 'group', groupSize: 128, groupScales: 'free' }),
  'groups, affine': params.parse({
    ...{ ...base, granularity: 'group', groupSize: 96, groupScales: 'free', scheme: 'affine' },
  }),
  channels: params.parse({ ...base, granularity: 'channel' }),
}

describe('slabs of rows give what the whole layer gives', () => {
  const transposed = readColumns(f32Tensor([rows, columns], wave), 0, columns)
  const cases = Object.keys(settings).flatMap((name) => [
    { name, form: 'by output', shape: [rows, columns], data: wave },
    { name, form: 'by input', shape: [columns, rows], data: transposed },
  ])
  test.each(cases)('$name, weights $form', async ({ name, shape, data }) => {
    await using kernels = cpuKernels({ threads: 2 })
    const { held, read } = fileTensor(shape, data)
    const layer = layerWith(held)
    const own = settings[name]!
    expect(isRoundedInSlabs(layer, own)).toBe(true)
    const found = await roundInSlabs(kernels, layer, own)
    expect({ whole: read.whole, most: read.most <= 2 ** 22 }).toEqual({ whole: 0, most: true })
    const matrix = weightMatrix(layer)
    const expected = await roundLayer(kernels, layer, matrix, null, own)
    expect(Buffer.compare(bytes(found.grids.scale), bytes(expected.grids.scale))).toBe(0)
    expect(found.grids.zeroPoint).toEqual(expected.grids.zeroPoint)
    const inRows = toRows(layer, Int32Array.from(found.integers))
    expect(Buffer.compare(bytes(inRows), bytes(expected.integers))).toBe(0)
    expect(found.zeros).toEqual(lostZeros(matrix, expected))
  })

  test('only where rows do not depend on each other, and only large layers', () => {
    const layer = layerWith(f32Tensor([rows, columns], wave))
    const small = layerWith(f32Tensor([4, columns], wave.subarray(0, 4 * columns)))
    const own = settings.channels!
    expect([
      isRoundedInSlabs(layer, { ...own, method: 'gptq' }),
      isRoundedInSlabs(layer, { ...own, granularity: 'tensor' }),
      isRoundedInSlabs(small, own),
    ]).toEqual([false, false, false])
  })

  test('stops between slabs when it is cancelled', async () => {
    await using kernels = cpuKernels({ threads: 1 })
    const layer = layerWith(f32Tensor([rows, columns], wave))
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(roundInSlabs(kernels, layer, settings.groups!, signal)).rejects.toThrow('enough')
  })
})

test('columns are read without the others', () => {
  const data = Float32Array.from({ length: 35 }, (_, i) => i)
  const { held, read } = fileTensor([5, 7], data)
  expect([...readColumns(held, 2, 3)]).toEqual([2, 9, 16, 23, 30, 3, 10, 17, 24, 31, 4, 11, 18, 25, 32])
  expect(read).toEqual({ most: 3, whole: 0 })
  expect(readColumns(f32Tensor([5, 7], data), 2, 3)).toEqual(readColumns(held, 2, 3))
  expect(readFloats(held)).toBe(data)
})

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
  Buffer.from(buffer, byteOffset, byteLength)
