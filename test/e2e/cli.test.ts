// The command line on the sample model, each command in a process of its own, as a user would.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { runReport } from '../../src-main/contract/report.ts'
import { runCli, runJson } from '../support/cli.ts'
import { hasShared, sharedData, sharedModel } from '../support/shared.ts'
import { temporaryFolder } from '../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const model = 'resources/samples/gestures.onnx'
const data = 'resources/samples/gestures-test.npz'
const preprocess = JSON.stringify({ scale: 0.03125 })
const inWorkspace = ['--workspace', folder.file('workspace')]
const withData = ['--data', data, '--preprocess', preprocess]

const numbersIn = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : value && typeof value === 'object'
      ? Object.values(value).flatMap(numbersIn)
      : []

describe('run on the twin', () => {
  test('stores a run whose document has every figure', async () => {
    await runJson('projects', 'create', 'Gestures', '--device', 'twin', ...inWorkspace)
    const document = await runJson(
      'run',
      model,
      ...withData,
      '--calibration',
      'resources/samples/gestures-train.npz',
      '--project',
      'Gestures',
      ...inWorkspace,
    )
    const run = runReport.parse(document)
    expect(numbersIn(run).every(Number.isFinite)).toBe(true)
    expect(run.bitExact).toEqual({ samples: 360, equal: 360, firstDifference: null })
    expect(run.quality.twin.task === 'classification' && run.quality.original.task === 'classification').toBe(true)
    if (run.quality.twin.task !== 'classification' || run.quality.original.task !== 'classification') return
    expect(run.quality.original.top1).toBeGreaterThan(0.95)
    expect(run.quality.original.top1 - run.quality.twin.top1).toBeLessThanOrEqual(0.01)
    expect(run.operators.map((operator) => operator.op)).toContain('Conv')
    expect(run.flash.packBytes).toBe(run.pack.bytes)
  })

  test('the same again gives the same pack and the same accuracy', async () => {
    const again = [
      'run',
      model,
      ...withData,
      '--device',
      'twin',
      '--device-samples',
      '5',
      '--seed',
      '3',
      ...inWorkspace,
    ]
    const [a, b] = [runReport.parse(await runJson(...again)), runReport.parse(await runJson(...again))]
    expect([a.pack, a.quality.twin, a.recipeSha256]).toEqual([b.pack, b.quality.twin, b.recipeSha256])
  })

  test("a recipe's own seed holds unless another is given", async () => {
    const recipe = folder.file('recipe.yaml')
    writeFileSync(
      recipe,
      'name: mine\nseed: 7\npasses: [fold-constants, canonical-activations, canonical-linear, fold-batch-norm, remove-dead, quantize-int8]\n',
    )
    const args = ['run', model, ...withData, '--device', 'twin', '--limit', '64', '--recipe', recipe, ...inWorkspace]
    const own = runReport.parse(await runJson(...args))
    const given = runReport.parse(await runJson(...args, '--seed', '9'))
    expect([own.seed, own.recipe.seed, given.seed, given.recipe.seed]).toEqual([7, 7, 9, 9])
  })

  test('is listed, compared and reported', async () => {
    const projects = (await runJson('projects', ...inWorkspace)) as { name: string; runs: number; bestRunId: string }[]
    const { bestRunId } = projects.find((p) => p.name === 'Gestures')!
    const compared = (await runJson('compare', bestRunId, bestRunId, ...inWorkspace)) as unknown[]
    const out = folder.file('report.html')
    await runJson('report', bestRunId, '--format', 'html', '--out', out, ...inWorkspace)
    const html = readFileSync(out, 'utf8')
    expect([
      compared.length,
      html.startsWith('<!doctype html>'),
      html.includes('gestures.onnx'),
      /(src|href)="(?!#)|url\(/.test(html),
    ]).toEqual([2, true, true, false])
  })
})

describe('commands on one file', () => {
  const pack = folder.file('gestures.shoe')

  test('compress, deploy, validate, bench', async () => {
    await runJson('compress', model, ...withData, '--out', pack, ...inWorkspace)
    const deployed = await runJson('deploy', pack, '--device', 'twin', ...inWorkspace)
    const validated = await runJson('validate', pack, ...withData, '--device', 'twin', ...inWorkspace)
    const benched = await runJson('bench', pack, '--device', 'twin', '--runs', '3', ...inWorkspace)
    expect(deployed).toMatchObject({ uploaded: true })
    expect(validated).toMatchObject({ bitExact: { samples: 360, equal: 360 } })
    expect(benched).toMatchObject({ latency: { n: 3, kind: 'measured' }, device: { id: 'twin' } })
  })

  test('infer gives the outputs by name, and they agree with the host', async () => {
    const [onTwin, onHost] = [folder.file('twin.npz'), folder.file('host.npz')]
    const twin = await runJson('infer', pack, ...withData, '--device', 'twin', '--out', onTwin, ...inWorkspace)
    const host = await runJson('infer', model, ...withData, '--device', 'host', '--out', onHost, ...inWorkspace)
    expect([twin, host]).toMatchObject([
      { outputs: { logits: { shape: [360, 6], dtype: 'int8' } } },
      { outputs: { logits: { shape: [360, 6], dtype: 'float32' } } },
    ])
  })

  test('analyze says where the model fits', async () => {
    const analysis = (await runJson('analyze', model, ...inWorkspace)) as {
      devices: { device: string; fits: boolean }[]
    }
    expect(analysis.devices.find((d) => d.device === 'pico')).toMatchObject({ fits: true, problem: null })
  })
})

describe('bad input gets a code, a sentence and a next step', () => {
  const truncated = folder.file('truncated.onnx')
  writeFileSync(truncated, readFileSync(model).subarray(0, 5000))
  const garbage = folder.file('garbage.npz')
  writeFileSync(garbage, 'PK no zip at all')
  const unlabelled = ['--data', data]
  const cases = [
    { name: 'a missing model', args: ['analyze', 'nowhere.onnx'], code: 'usage.missingFile', status: 2 },
    { name: 'a truncated model', args: ['run', truncated, ...withData, '--device', 'twin'], code: 'model.', status: 3 },
    {
      name: 'a file that is no data set',
      args: ['run', model, '--data', garbage, '--device', 'twin'],
      code: 'data.',
      status: 4,
    },
    {
      name: 'samples of another shape',
      args: ['run', model, ...unlabelled, '--preprocess', '{"resize":[9,9]}', '--device', 'twin'],
      code: 'data.',
      status: 4,
    },
    {
      name: 'an unknown device',
      args: ['run', model, ...withData, '--device', 'toaster'],
      code: 'usage.noDevice',
      status: 2,
    },
    {
      name: 'a wrong recipe',
      args: ['run', model, ...withData, '--device', 'twin', '--recipe', 'int9'],
      code: 'recipe.invalid',
      status: 7,
    },
    {
      name: 'a preprocessing that is none',
      args: ['run', model, '--data', data, '--preprocess', '{"scal":1}'],
      code: 'data.preprocess',
      status: 4,
    },
    {
      name: 'a file that cannot be written',
      args: ['compress', model, ...withData, '--out', folder.file('no/such/folder/x.shoe')],
      code: 'usage.cannotWrite',
      status: 2,
    },
    { name: 'a pack that is none', args: ['deploy', model, '--device', 'twin'], code: 'pack.malformed', status: 3 },
    {
      name: 'a port that is not there',
      args: ['bench', folder.file('gestures.shoe'), '--device', 'serial:/dev/nothing'],
      code: 'device.',
      status: 6,
    },
    { name: 'a run that is not there', args: ['compare', 'no-such-run'], code: 'store.notFound', status: 8 },
  ]
  test.each(cases)('$name', async ({ args, code, status }) => {
    const result = await runCli(...args, '--json', ...inWorkspace)
    const { error } = JSON.parse(result.stdout) as { error: { code: string; message: string; next: string } }
    expect([error.code.startsWith(code), result.status, error.message.length > 10, error.next.length > 10]).toEqual([
      true,
      status,
      true,
      true,
    ])
    expect(error.message + error.next).not.toMatch(/\{\w+\}/)
  })
})

describe.skipIf(!hasShared)('reference models', () => {
  test('kws_ref_model.tflite gives the integers of TensorFlow Lite Micro', async () => {
    const kws = [sharedModel('kws_ref_model.tflite'), '--data', sharedData('kws/kws.npz')]
    const golden = sharedData('kws/golden_tflm_int8.bin')
    const document = await runJson('validate', ...kws, '--device', 'twin', '--expect', golden, ...inWorkspace)
    expect(document).toMatchObject({
      expected: { samples: 1000, equal: 1000 },
      bitExact: { samples: 1000, equal: 1000 },
    })
  })
})
