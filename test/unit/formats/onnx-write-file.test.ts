// Models written to files piece by piece: the same bytes as in memory, weights beside the model, and what happens when
// writing fails.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256 } from '../../../src-main/base/hash.ts'
import { fileSource, memorySource } from '../../../src-main/base/source.ts'
import { readOnnx } from '../../../src-main/formats/onnx/read.ts'
import { writeOnnx } from '../../../src-main/formats/onnx/write.ts'
import { writeOnnxFile } from '../../../src-main/formats/onnx/write-file.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { printGraph } from '../../../src-main/ir/print.ts'
import { readFloats, type Tensor } from '../../../src-main/ir/tensor.ts'
import { written } from '../../../src-main/services/written.ts'
import { makeGraph, noise } from '../passes/graphs.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoehorn-write-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const group = 64
const [inputs, outputs] = [256, 48]
const integers: Tensor = {
  dtype: 'i8',
  shape: [outputs, inputs],
  read: () => Int8Array.from({ length: outputs * inputs }, (_, i) => ((i * 7) % 16) - 8),
}
const blocks = (outputs * inputs) / group

/** A layer with 4-bit weights in blocks and one with float weights. */
function graph(): Graph {
  return makeGraph({
    inputs: { x: ['N', inputs] },
    outputs: 'y',
    constants: { w: integers, b: noise([outputs], 2), v: noise([outputs, outputs], 3, 0.1) },
    nodes: [
      ['Gemm', 'x w b', 'h', { transB: 1 }],
      ['MatMul', 'h v', 'y'],
    ],
    quants: {
      w: {
        ...{ dtype: 'i8', bits: 4, min: -8, max: 7, axis: 1, blockSize: group },
        scale: Array.from({ length: blocks }, (_, i) => 2 ** -6 * (1 + (i % 5))),
        zeroPoint: Array.from({ length: blocks }, () => 0),
      },
    },
  })
}

async function outputsOf(model: string | Uint8Array): Promise<Float32Array> {
  const session = typeof model === 'string' ? ort.InferenceSession.create(model) : ort.InferenceSession.create(model)
  const x = new ort.Tensor('float32', readFloats(noise([4, inputs], 5)), [4, inputs])
  const opened = await session
  const { y } = await opened.run({ x })
  await opened.release()
  return y!.data as Float32Array
}

describe('a file', () => {
  test('has the bytes that are made in memory, and says which', async () => {
    for (const quantization of ['keep', 'fake', 'drop'] as const) {
      const path = join(folder, `${quantization}.onnx`)
      const expected = writeOnnx(graph(), { quantization })
      const { model, data } = await writeOnnxFile(graph(), path, { quantization })
      expect({ data, bytes: model.bytes, hash: model.sha256 }).toEqual({
        ...{ data: null, bytes: expected.length, hash: sha256(expected) },
      })
      expect(Buffer.compare(readFileSync(path), expected)).toBe(0)
    }
    expect(readdirSync(folder).sort()).toEqual(['drop.onnx', 'fake.onnx', 'keep.onnx'])
  })

  test('that was imported is written again as it was, 4 bits an element', () => {
    const whole = writeOnnx(graph(), { quantization: 'keep' })
    const again = readOnnx(memorySource('m', whole), () => null)
    const { bits, min, max } = again.values.get('w')!.quant!
    expect({ bits, min, max }).toEqual({ bits: 4, min: -8, max: 7 })
    expect(writeOnnx(again, { quantization: 'keep' }).length).toBe(whole.length)
  })

  test('with weights beside it is the same model, for us and for ONNX Runtime', async () => {
    const path = join(folder, 'model.onnx')
    const whole = writeOnnx(graph(), { quantization: 'keep' })
    const { model, data } = await writeOnnxFile(graph(), path, { quantization: 'keep', largestModel: 1000 })
    expect({ path: data?.path, small: model.bytes < whole.length / 4 }).toEqual({ path: `${path}.data`, small: true })
    const imported = readOnnx(fileSource(path), (name) => fileSource(join(folder, name)))
    expect(printGraph(imported)).toBe(printGraph(readOnnx(memorySource('m', whole), () => null)))
    for (const [name, held] of readOnnx(memorySource('m', whole), () => null).constants)
      expect({ name, data: imported.constants.get(name)!.read() }).toEqual({ name, data: held.read() })
    expect(await outputsOf(path)).toEqual(await outputsOf(whole))
  })
})

describe('a large tensor', () => {
  const count = 2 ** 21 + 2 ** 19 + 3
  const asked: number[] = []
  const ramp = (first: number, length: number) => Float32Array.from({ length }, (_, k) => (first + k) % 1021)
  const held: Tensor = {
    dtype: 'f32',
    shape: [count],
    read: () => {
      throw new Error('the tensor was read whole')
    },
    readRange(first, length) {
      asked.push(length)
      return ramp(first, length)
    },
  }

  test('is written without being read whole', async () => {
    const large = makeGraph({
      ...{ inputs: { x: [count] }, outputs: 'y', constants: { c: held }, nodes: [['Add', 'x c', 'y']] },
    })
    const path = join(folder, 'large.onnx')
    await writeOnnxFile(large, path, { quantization: 'drop' })
    expect({ most: Math.max(...asked), all: asked.reduce((a, b) => a + b, 0) }).toEqual({ most: 2 ** 20, all: count })
    const read = readOnnx(fileSource(path), () => null).constants.get('c')!
    expect(Buffer.compare(Buffer.from(readFloats(read).buffer), Buffer.from(ramp(0, count).buffer))).toBe(0)
    expect(read.readRange!(count - 5, 5)).toEqual(ramp(count - 5, 5))
  })
})

describe('a file that cannot be written', () => {
  /** The second piece of the weights meets a full disk. */
  const failing = (error: Error): Graph => {
    const shape = [2 ** 20 + 2]
    const readRange = (first: number, length: number) => {
      if (first > 0) throw error
      return new Float32Array(length)
    }
    const c: Tensor = { dtype: 'f32', shape, read: () => new Float32Array(shape[0]!), readRange }
    return makeGraph({ inputs: { x: shape }, outputs: 'y', constants: { c }, nodes: [['Add', 'x c', 'y']] })
  }
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })

  test('leaves the file that was there and nothing else', async () => {
    const path = join(folder, 'model.onnx')
    writeFileSync(path, 'before')
    const writing = written(path, () => writeOnnxFile(failing(full), path, { quantization: 'drop' }))
    await expect(writing).rejects.toMatchObject({ code: 'usage.cannotWrite', data: { path, problem: full.message } })
    expect({ files: readdirSync(folder), text: readFileSync(path, 'utf8') }).toEqual({
      ...{ files: ['model.onnx'], text: 'before' },
    })
  })

  test('weights that were written beside it go too', async () => {
    const path = join(folder, 'taken.onnx')
    mkdirSync(path)
    const writing = written(path, () => writeOnnxFile(graph(), path, { quantization: 'keep', largestModel: 0 }))
    await expect(writing).rejects.toMatchObject({ code: 'usage.cannotWrite' })
    expect(readdirSync(folder)).toEqual(['taken.onnx'])
  })

  test('what is wrong with the content is not the disk', async () => {
    const path = join(folder, 'model.onnx')
    const bug = new Error('not of the file system')
    await expect(written(path, () => writeOnnxFile(failing(bug), path, { quantization: 'drop' }))).rejects.toBe(bug)
  })

  test('cancelled, it is not there', async () => {
    const path = join(folder, 'model.onnx')
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(writeOnnxFile(graph(), path, { quantization: 'keep', signal })).rejects.toThrow('enough')
    expect(readdirSync(folder)).toEqual([])
  })
})
