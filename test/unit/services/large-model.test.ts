// What is said of models that no device can hold, and their compression without samples.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { fileSource } from '../../../src-main/base/source.ts'
import { bestCodec } from '../../../src-main/codecs/registry.ts'
import { importModel } from '../../../src-main/formats/registry.ts'
import { dequantizeTensor } from '../../../src-main/ir/quantize.ts'
import { f32Tensor, readColumns, readFloats, type Tensor } from '../../../src-main/ir/tensor.ts'
import { catalogueDevices } from '../../../src-main/services/devices.ts'
import { exportOnnx } from '../../../src-main/services/export-onnx.ts'
import { beyondDevice, isBeyondDevices, largeWeightFacts, weightCount } from '../../../src-main/services/large-model.ts'
import { weightStatistics } from '../../../src-main/targets/packer/statistics.ts'
import { largeGraph, writeLargeModel } from '../../bench/large-network.ts'
import { makeGraph, noise } from '../passes/graphs.ts'

/** int8 by output channel, whole and without pieces. */
function int8Rows(rows: Float32Array, columns: number): Int8Array {
  const scale = (r: number) =>
    Math.fround(rows.subarray(r * columns, (r + 1) * columns).reduce((m, v) => Math.max(m, Math.abs(v)), 0) / 127)
  const scales = Array.from({ length: rows.length / columns }, (_, r) => scale(r))
  return Int8Array.from(rows, (v, i) => Math.round(v / scales[Math.floor(i / columns)]!))
}

describe('the weights of a large model', () => {
  const [inputs, outputs] = [96, 40]
  const byInput = noise([inputs, outputs], 7)
  const byOutput = f32Tensor([outputs, inputs], readColumns(byInput, 0, outputs))

  test.each([
    ['by output', byOutput, 1],
    ['by input', byInput, 0],
  ] as const)('statistics and, of a tensor that is sampled whole, exact sizes: %s', (_, held, transB) => {
    const graph = makeGraph({
      inputs: { x: ['N', inputs] },
      outputs: 'y',
      constants: { w: held },
      nodes: [['Gemm', 'x w', 'y', { transB }]],
    })
    const data = int8Rows(readFloats(byOutput), inputs)
    const { best, sizes } = bestCodec({ data, rows: outputs, rowElements: inputs, inner: inputs })
    const [facts] = largeWeightFacts(graph)
    expect({ ...facts, codecs: facts!.codecs.filter(({ bytes }) => bytes !== null) }).toEqual({
      ...{ tensor: 'w', node: 'gemm0', op: 'Gemm', shape: [outputs, inputs], elements: inputs * outputs },
      ...weightStatistics(data),
      best: best.codec,
      codecs: sizes.map(({ codec, payloadBytes, tableBytes }) => ({ codec, bytes: payloadBytes + tableBytes })),
    })
  })

  test('sizes of a tensor that is sampled are near those of the whole', () => {
    const wide = noise([64, 2 ** 14], 9)
    const graph = makeGraph({
      inputs: { x: ['N', 2 ** 14] },
      ...{ outputs: 'y', constants: { w: wide }, nodes: [['Gemm', 'x w', 'y', { transB: 1 }]] },
    })
    const data = int8Rows(readFloats(wide), 2 ** 14)
    const [facts] = largeWeightFacts(graph)
    expect(facts).toMatchObject(weightStatistics(data))
    const whole = bestCodec({ data, rows: 64, rowElements: 2 ** 14, inner: 2 ** 14 }, ['int8', 'huffman', 'rans'])
    for (const { codec, payloadBytes, tableBytes } of whole.sizes) {
      const estimated = facts!.codecs.find((each) => each.codec === codec)!.bytes!
      expect(Math.abs(estimated / (payloadBytes + tableBytes) - 1)).toBeLessThan(0.02)
    }
  })

  test('no device holds 500 MB of floats, several hold a small layer', () => {
    const devices = catalogueDevices()
    const large = largeGraph()
    expect({ beyond: isBeyondDevices(large, devices), weights: weightCount(large) }).toEqual({
      ...{ beyond: true, weights: 4 * 4096 * 7680 },
    })
    expect(isBeyondDevices(largeGraph([64, 32]), devices)).toBe(false)
    const told = beyondDevice(devices[0]!, 1e9)
    expect({ fits: told.fits, problem: textOf(told.problem!) }).toEqual({
      fits: false,
      problem: '1000000000 weights are more than it holds',
    })
    const twin = devices.find(({ kind }) => kind === 'twin')!
    expect(beyondDevice(twin, 3e7).fits).toBeNull()
  })
})

describe('4-bit groups without samples', () => {
  /** The second layer is large enough to be rounded in slabs. */
  const sizes = [512, 2048, 2304, 64]
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shoehorn-groups-'))
    await writeLargeModel(join(folder, 'float.onnx'), true, sizes)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const events = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined }
  const host = { clock: systemClock, events }

  const imported = (name: string) =>
    importModel(fileSource(join(folder, name)), (sibling) => fileSource(join(folder, sibling)))

  async function outputsOf(path: string): Promise<Float32Array> {
    const random = seededRandom(3)
    const session = await ort.InferenceSession.create(path)
    const data = Float32Array.from({ length: 8 * sizes[0]! }, () => random.normal())
    const { y } = await session.run({ x: new ort.Tensor('float32', data, [8, sizes[0]!]) })
    await session.release()
    return y!.data as Float32Array
  }

  const sqnrDb = (expected: ArrayLike<number>, found: ArrayLike<number>) => {
    let [energy, error] = [0, 0]
    for (let i = 0; i < expected.length; i++) {
      energy += expected[i]! ** 2
      error += (expected[i]! - found[i]!) ** 2
    }
    return 10 * Math.log10(energy / error)
  }

  test('are an eighth of the file, open in ONNX Runtime and are near the float model', async () => {
    const out = join(folder, 'w4.onnx')
    const done = await exportOnnx({ path: join(folder, 'float.onnx'), out, recipe: 'w4-groups' }, host)
    const floatBytes = 4 * weightCount((await imported('float.onnx')).graph)
    expect({ quantized: done.quantizedValues, small: done.bytes < floatBytes / 7, data: done.data }).toEqual({
      ...{ quantized: 3, small: true, data: null },
    })
    expect(sqnrDb(await outputsOf(join(folder, 'float.onnx')), await outputsOf(out))).toBeGreaterThan(12)
  })

  test('every layer has a scale for 128 inputs and its weights are within 19 dB', async () => {
    const [before, after] = [(await imported('float.onnx')).graph, (await imported('w4.onnx')).graph]
    const quantized = [...after.values.values()].filter(({ quant }) => quant)
    expect(quantized.map(({ name, quant }) => [name, quant!.bits, quant!.blockSize])).toEqual([
      ['w0', 4, 128],
      ['w1.rows', 4, 128],
      ['w2.rows', 4, 128],
    ])
    for (const { name, quant, shape } of quantized) {
      const held: Tensor = before.constants.get(name.replace('.rows', ''))!
      const real = name.endsWith('.rows') ? readColumns(held, 0, held.shape[1]!) : readFloats(held)
      expect(shape).toEqual(name.endsWith('.rows') ? held.shape.toReversed() : held.shape)
      expect(sqnrDb(real, readFloats(dequantizeTensor(after.constants.get(name)!, quant!)))).toBeGreaterThan(19)
    }
  })

  test('8 bits for activations need samples, and a folder that is not there is said first', async () => {
    const path = join(folder, 'float.onnx')
    const before = readdirSync(folder)
    await expect(exportOnnx({ path, out: join(folder, 'i8.onnx'), recipe: 'int8' }, host)).rejects.toMatchObject({
      code: 'recipe.noCalibration',
    })
    await expect(
      exportOnnx({ path, out: join(folder, 'none', 'i8.onnx'), recipe: 'int8' }, host),
    ).rejects.toMatchObject({
      code: 'usage.cannotWrite',
    })
    expect(readdirSync(folder)).toEqual(before)
  })
})
