// Parameter encoding from the command line: analysis, lossless packing, runs with coded weights. Outputs must be those of int8.
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { type Analysis, analysis } from '../../src-main/contract/model.ts'
import { type RunReport, runReport } from '../../src-main/contract/report.ts'
import { readNpz } from '../../src-main/data/npz.ts'
import { openTwin, type Twin } from '../../src-main/device/twin.ts'
import { readShoe } from '../../src-main/formats/shoe/index.ts'
import { runJson } from '../support/cli.ts'
import { hasShared, sharedData, sharedModel } from '../support/shared.ts'
import { temporaryFolder } from '../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const model = 'resources/samples/gestures.onnx'
const data = 'resources/samples/gestures-test.npz'
const withData = ['--data', data, '--preprocess', JSON.stringify({ scale: 0.03125 })]
const inWorkspace = ['--workspace', folder.file('workspace')]

const bytesOf = (path: string) => new Uint8Array(readFileSync(path))

/** Outputs of `count` made inputs that reach all values. */
function outputs(twin: Twin, count: number): Int8Array[][] {
  return Array.from({ length: count }, (_, s) =>
    twin.run(
      twin.inputs.map(({ bytes }) => Int8Array.from({ length: bytes }, (__, i) => ((i * 37 + s * 101) % 256) - 128)),
    ),
  )
}

interface Packed {
  readonly bytes: number
  readonly encoding: readonly { readonly codec: string; readonly bytes: number; readonly int8Bytes: number }[]
}

describe('analyze', () => {
  test('every weight tensor with its statistics, and bytes under each codec', async () => {
    const { weights } = analysis.parse(await runJson('analyze', model, ...inWorkspace)) as Analysis
    expect(weights.length).toBeGreaterThan(2)
    for (const row of weights) {
      const sizes = row.codecs.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]))
      expect(row.codecs.find(({ codec }) => codec === 'int8')?.bytes).toBe(row.elements)
      expect(row.codecs.find(({ codec }) => codec === row.best)?.bytes).toBe(Math.min(...sizes))
      expect(row.entropyBits).toBeGreaterThan(0)
      expect(row.entropyBits).toBeLessThanOrEqual(Math.log2(row.distinct) + 1e-9)
    }
  })

  test.skipIf(!hasShared)('--dump writes the integers of a TFLite model as they are', async () => {
    const document = await runJson(
      'analyze',
      sharedModel('kws_ref_model.tflite'),
      '--dump',
      folder.file('dump'),
      ...inWorkspace,
    )
    const { dump } = document as { dump: { path: string } }
    const integers = async (path: string) =>
      [...(await readNpz(path)).values()].map(({ shape, data: values }) => [
        shape.length,
        Int8Array.from(values, Number),
      ])
    expect(await integers(dump.path)).toEqual(await integers(sharedData('codec/kws-int8.npz')))
  })
})

describe('compress --lossless', () => {
  test('a pack: smaller, and every output the same', async () => {
    const [plain, coded] = [folder.file('plain.shoe'), folder.file('coded.shoe')]
    await runJson('compress', model, ...withData, '--encoding', 'int8', '--out', plain, ...inWorkspace)
    const packed = (await runJson('compress', plain, '--lossless', '--out', coded, ...inWorkspace)) as Packed
    expect(packed.bytes).toBeLessThan(bytesOf(plain).length)
    expect(packed.encoding.some(({ codec }) => codec !== 'int8')).toBe(true)
    using before = await openTwin(bytesOf(plain))
    using after = await openTwin(bytesOf(coded))
    expect(outputs(after, 50)).toEqual(outputs(before, 50))
    expect(readShoe(bytesOf(coded)).origin).toEqual(readShoe(bytesOf(plain)).origin)
  })

  test('a float model: a container that gives the file back', async () => {
    const [coded, back] = [folder.file('float.shoe'), folder.file('float.onnx')]
    const { bytes } = (await runJson('compress', model, '--lossless', '--out', coded, ...inWorkspace)) as Packed
    await runJson('decode', coded, '--out', back, ...inWorkspace)
    expect(bytes).toBeLessThan(bytesOf(model).length)
    expect(bytesOf(back)).toEqual(bytesOf(model))
  })

  test.skipIf(!hasShared)('a quantised TFLite model: all 1000 outputs are those of the reference kernels', async () => {
    const coded = folder.file('kws.shoe')
    await runJson('compress', sharedModel('kws_ref_model.tflite'), '--lossless', '--out', coded, ...inWorkspace)
    const validated = await runJson(
      ...['validate', coded, '--data', sharedData('kws/kws.npz'), '--device', 'twin', '--device-samples', '5'],
      ...['--expect', sharedData('kws/golden_tflm_int8.bin'), ...inWorkspace],
    )
    expect(validated).toMatchObject({ expected: { samples: 1000, equal: 1000 }, bitExact: { samples: 5, equal: 5 } })
  })
})

describe('run --encoding', () => {
  const runWith = async (...goal: string[]): Promise<RunReport> =>
    runReport.parse(
      await runJson('run', model, ...withData, '--device', 'twin', '--device-samples', '10', ...goal, ...inWorkspace),
    )

  test('left out is auto, which leaves int8 where it fits; smallest gives the same outputs from fewer bytes', async () => {
    const [auto, int8] = [await runWith(), await runWith('--encoding', 'int8')]
    const [smallest, streamed] = [await runWith('--encoding', 'smallest'), await runWith('--encoding', 'streamed')]
    expect(auto.encodingGoal).toBe('auto')
    expect([auto.pack, auto.quality.twin]).toEqual([int8.pack, int8.quality.twin])
    expect(smallest.flash.packBytes).toBeLessThan(int8.flash.packBytes)
    for (const run of [smallest, streamed]) {
      expect(run.quality.twin).toEqual(int8.quality.twin)
      expect(run.bitExact).toEqual({ samples: 10, equal: 10, firstDifference: null })
    }
    expect(smallest.encoding!.some(({ codec }) => codec !== 'int8')).toBe(true)
    expect(streamed.encoding!.some(({ mode }) => mode === 'streamed')).toBe(true)
    expect(streamed.encoding!.some(({ mode }) => mode === 'resident')).toBe(false)
    for (const { flash } of [auto, smallest, streamed]) {
      const { weightsBytes, planBytes, tablesBytes, codecTablesBytes, requantBytes, metaBytes, packBytes } = flash
      expect(weightsBytes + planBytes + tablesBytes + codecTablesBytes! + requantBytes + metaBytes).toBe(packBytes)
    }
  })
})
