import { describe, expect, test } from 'vitest'
import type { Analysis } from '../../../src-main/contract/model.ts'
import type { RunSummary } from '../../../src-main/contract/run.ts'
import { takeToken } from '../../../src-renderer/api/token.ts'
import { compareRuns, summaryFigureKind } from '../../../src-renderer/state/comparison.ts'
import { toDeviceId } from '../../../src-renderer/state/ids.ts'
import { estimateObstacles, runObstacles } from '../../../src-renderer/state/obstacles.ts'
import { parseRoute, type Route, routeHref } from '../../../src-renderer/state/route.ts'
import { sortRuns } from '../../../src-renderer/state/run-columns.ts'
import { stageOrder, stageRows } from '../../../src-renderer/state/stages.ts'
import { createFakeRouter } from '../../support/fake-host/fake-router.ts'
import { sampleRun } from '../../support/sample-run.ts'

const plain = (texts: readonly string[]) => texts.map((text) => text.replaceAll('\u00a0', ' '))

test.each([
  ['http://127.0.0.1:7420/#token=abc%2Bd', { token: 'abc+d', cleaned: 'http://127.0.0.1:7420/' }],
  ['http://127.0.0.1:7420/?token=abc#/devices', { token: 'abc', cleaned: 'http://127.0.0.1:7420/#/devices' }],
  ['http://127.0.0.1:7420/#/projects/p', { token: null, cleaned: 'http://127.0.0.1:7420/#/projects/p' }],
])('the token of %s', (address, expected) => {
  expect(takeToken(address)).toEqual(expected)
})

test.each<Route>([
  { screen: 'home' },
  { screen: 'devices' },
  { screen: 'weights' },
  { screen: 'run', run: 'a/b c' },
  { screen: 'project', project: 'p%1', tab: 'overview' },
  { screen: 'project', project: 'p', tab: 'runs' },
])('the address of %j leads back to it', (route) => {
  expect(parseRoute(routeHref(route))).toEqual(route)
})

test.each(['', '#', '#/nowhere', '#/projects', '#/projects/%E0%A4%A'])('the address %j is home', (fragment) => {
  expect(parseRoute(fragment)).toEqual({ screen: 'home' })
})

describe('obstacles', () => {
  test('of a run: what is over, by how much, and what differs', () => {
    const run = sampleRun({ bitExact: { samples: 80, equal: 78, firstDifference: null } })
    expect(plain(runObstacles(run, { flashBytes: 100_000, latencyMs: 50, energyUj: 1 }))).toEqual([
      'Latency is 11.2 ms over its budget. Latency: conv2 (Conv) takes 61.40 % of the time.',
      'Outputs that differ from the twin’s: 2 of 80.',
    ])
  })

  const { fake } = createFakeRouter({ stepMs: 0 })
  const analysis: Analysis = fake.analysis(fake.addModel('m.onnx').id)
  const lowered = { ...analysis, layers: analysis.layers.filter((layer) => layer.refusal === null) }

  test('before any run: the operator that cannot be lowered', () => {
    expect(estimateObstacles(analysis, 'pico', {})).toEqual([
      'Layer erf1 (Erf) cannot run on a microcontroller: Erf has no integer kernel. Replace it by Tanh.',
    ])
  })

  test('before any run: the memory that is too small, or the budget that is', () => {
    const tight = structuredClone(lowered)
    for (const { ram } of tight.devices) if (ram) ram.availableBytes = 10_240
    const largest =
      'RAM: the output of features/block_1/expand/BatchNormalization_fused (DepthwiseConv) is the largest, 121 KiB.'
    expect([
      plain(estimateObstacles(lowered, 'microbit', {})),
      plain(estimateObstacles(lowered, 'pico', { ramBytes: 10_240 })),
      plain(estimateObstacles(lowered, 'pico', { ramBytes: 1e9 })),
      plain(estimateObstacles(tight, 'pico', { ramBytes: 1e9 })),
    ]).toEqual([
      ['RAM needs 14640 bytes, 12288 are available, 2352 too many.'],
      [`RAM is estimated at 14.3 KiB, the RAM budget is 10 KiB. ${largest}`],
      [],
      [`RAM is estimated at 14.3 KiB, the device has 10 KiB. ${largest}`],
    ])
  })
})

test('runs without a value come last in both directions', () => {
  const { fake } = createFakeRouter({ stepMs: 0 })
  fake.runs = [sampleRun({ id: 'a' }), sampleRun({ id: 'b' }), sampleRun({ id: 'c' })]
  const accuracy = new Map<string, number | null>([
    ['a', 0.9],
    ['b', null],
    ['c', 0.95],
  ])
  const rows: RunSummary[] = fake
    .summaries(undefined)
    .map((row) => ({ ...row, accuracy: accuracy.get(row.id) ?? null }))
  const order = (descending: boolean) => sortRuns(rows, 'accuracy', descending).map((row) => row.id)
  expect([order(true), order(false)]).toEqual([
    ['c', 'a', 'b'],
    ['a', 'c', 'b'],
  ])
})

test('stages before the current one are done, and a failed job stops in its own', () => {
  const { fake } = createFakeRouter({ stepMs: 1e6 })
  const job = { ...fake.startJob(null), progress: { stage: 'pack' as const, fraction: 0.5, note: 'n' } }
  const states = (state: 'running' | 'failed' | 'done') => stageRows({ ...job, state }).map((row) => row.state)
  const around = (middle: string) => stageOrder.map((_, i) => (i < 4 ? 'done' : i === 4 ? middle : 'waiting'))
  expect([states('running'), states('failed'), states('done')]).toEqual([
    around('now'),
    around('stopped'),
    stageOrder.map(() => 'done'),
  ])
})

test('side by side marks the better run only where they differ', () => {
  const faster = sampleRun({ latency: { ...sampleRun().latency, median: 44_000 } })
  const rows = compareRuns([sampleRun(), faster])
  expect(
    rows.filter((row) => row.best.length > 0).map(({ title, cells, best }) => [title, plain(cells), best]),
  ).toEqual([['Latency, median', ['61.2 ms', '44 ms'], [1]]])
})

test.each([
  ['twin', 'measured', 'simulated'],
  ['pico', 'simulated', 'simulated'],
  ['qemu:netduinoplus2', 'estimated', 'simulated'],
  ['serial:/dev/ttyACM0:115200', 'measured', 'measured'],
] as const)('memory figures of %s, its latency %s, are %s', (device, latencyKind, expected) => {
  expect(summaryFigureKind({ device: toDeviceId(device), latencyKind })).toBe(expected)
})

test('side by side says of every figure how it was obtained', () => {
  const { device, latency } = sampleRun()
  const board = sampleRun({ device: { ...device, kind: 'board' }, latency: { ...latency, kind: 'measured' } })
  const twin = sampleRun({ device: { ...device, kind: 'twin' }, latency: { ...latency, kind: 'estimated' } })
  const kinds = new Map(compareRuns([board, twin]).map((row) => [row.title, row.kinds]))
  expect([kinds.get('Flash'), kinds.get('Latency, median'), kinds.get('Accuracy (twin)')]).toEqual([
    ['measured', 'simulated'],
    ['measured', 'estimated'],
    ['simulated', 'simulated'],
  ])
})
