// Runs made again from their records, without the device: the same pack, the same outputs of the twin, the same figures.
// What a device has measured or counted cannot be made again here; only that it is there and says where it comes from.
import { canonicalJson } from '../../base/hash.ts'
import { say } from '../../base/note.ts'
import type { RunReport } from '../../contract/report.ts'
import type { VerifiedFigure } from '../../contract/verification.ts'
import { openTwin } from '../../device/twin.ts'
import { packSizes } from '../../formats/shoe/index.ts'
import { graphMacs } from '../../ir/cost.ts'
import { memoryTimeline } from '../../targets/memory-plan.ts'
import { codeSplitOf } from '../agent-images.ts'
import { graphParameters } from '../model-facts.ts'
import { firstRows, hostRows, outputsSha256, type Rows, twinRows } from './outputs.ts'
import { compressLoaded, type Host, load, type PrepareInput } from './prepare.ts'
import { accuracyDrop, crossOf, qualityOf, type Truth } from './quality.ts'
import { firstTruth } from './report.ts'

export interface VerifyTask {
  readonly task: 'verify'
  readonly runs: readonly { readonly report: RunReport; readonly input: PrepareInput }[]
}

export interface VerifiedRun {
  readonly run: string
  readonly title: string
  readonly confirmed: boolean
  readonly figures: VerifiedFigure[]
}

export async function executeVerification({ runs }: VerifyTask, host: Host): Promise<VerifiedRun[]> {
  const verified: VerifiedRun[] = []
  for (const [i, { report, input }] of runs.entries()) {
    host.events.log(say`run ${i + 1} of ${runs.length}: ${report.model.name}, ${report.recipe.name}`)
    verified.push(await verifyRun(report, input, host))
  }
  return verified
}

async function verifyRun(report: RunReport, input: PrepareInput, host: Host): Promise<VerifiedRun> {
  const again = await remake(input, host)
  const figures = [...compare('', report, recomputed(report, again)), ...provenance(report), ...consistency(report)]
  return {
    run: report.id,
    title: `${report.model.name}, ${report.recipe.name}, ${report.device.name}`,
    confirmed: figures.every(({ outcome }) => outcome === 'same' || outcome === 'stated'),
    figures,
  }
}

async function remake(input: PrepareInput, host: Host) {
  const { events } = host
  const walk = (stage: 'original' | 'twin') => ({
    signal: events.signal,
    progress: (done: number, total: number) => events.progress(stage, done / total, say`${done} of ${total} samples`),
  })
  const loaded = await load(input, events)
  const original = await hostRows(loaded.model.graph, loaded.data.samples, 'fake', walk('original'))
  const compressed = await compressLoaded(input, loaded, host)
  using twin = await openTwin(compressed.pack)
  const outputs = await twinRows(twin, loaded.data.samples, walk('twin'))
  return { loaded, original, compressed, outputs }
}
type Again = Awaited<ReturnType<typeof remake>>

/** A part of the record, with the values that it has when it is made again. */
function recomputed(report: RunReport, again: Again): object {
  const { loaded, compressed, outputs } = again
  const { model, data, calibration } = loaded
  const { pack, plan } = compressed
  const sizes = packSizes(pack)
  return {
    model: {
      sha256: model.sha256,
      format: model.format,
      bytes: model.bytes,
      parameters: graphParameters(model.graph),
      macs: graphMacs(model.graph),
    },
    data: {
      sha256: data.dataset.sha256,
      samples: data.samples.count,
      calibration: { sha256: calibration.dataset.sha256, samples: calibration.samples.count },
    },
    recipeSha256: compressed.recipeSha256,
    pack: { sha256: compressed.packSha256, bytes: pack.length },
    flash: {
      packBytes: pack.length,
      weightsBytes: sizes.weightsBytes,
      planBytes: sizes.planBytes,
      tablesBytes: sizes.tablesBytes,
      ...(report.flash.codecTablesBytes === undefined ? {} : { codecTablesBytes: sizes.codecTablesBytes }),
      requantBytes: sizes.requantBytes + sizes.biasBytes,
      metaBytes: sizes.metaBytes,
      totalBytes: pack.length + report.flash.codeBytes,
      ...codeAgain(report),
    },
    ram: {
      packBytes: report.device.slot === 'ram' ? pack.length : 0,
      totalBytes:
        report.ram.arenaBytes +
        report.ram.inputBytes +
        report.ram.stackBytes +
        report.ram.staticBytes +
        report.ram.packBytes,
    },
    compression: { originalBytes: model.bytes, packedBytes: pack.length, ratio: model.bytes / pack.length },
    encoding: compressed.encoding.map(({ tensor, codec, mode, bytes }) => ({ tensor, codec, mode, bytes })),
    memoryMap: memoryTimeline(plan).map(({ node, bytes }) => ({ operator: node, liveBytes: bytes })),
    ...operatorsAgain(report, again),
    ...(report.reproduction ? { reproduction: { twinOutputsSha256: outputsSha256(outputs) } } : {}),
    quality: qualityAgain(report, again),
  }
}

/** Of the agent image with the build number that the device gave, where it is one of ours. */
function codeAgain({ flash, device }: RunReport): object {
  const code = codeSplitOf(device.agentBuild)
  if (!code || !flash.code) return {}
  return { code, codeBytes: code.kernelsBytes + code.decodersBytes + code.protocolBytes + code.boardBytes }
}

function operatorsAgain({ operators }: RunReport, { compressed: { plan } }: Again): object {
  if (operators.length === 0) return {}
  return { operators: plan.ops.map(({ node, op, kind, macs }) => ({ name: node, op, kernel: kind, macs })) }
}

/** What the device gave equals the twin's when every output did, and so do the figures made of it. */
function qualityAgain(report: RunReport, { loaded: { data }, original, outputs }: Again): object {
  const truth: Truth = { labels: data.labels, targets: data.targets }
  const { n } = report.quality.device
  const part = firstTruth(truth, n, data.samples.count)
  const onDevice: Rows = firstRows(outputs, n)
  return {
    original: qualityOf(original, truth),
    twin: qualityOf(outputs, truth),
    twinCross: crossOf(outputs, original),
    originalOnDeviceSamples: qualityOf(firstRows(original, n), part),
    ...(deviceEqualsTwin(report) ? { device: qualityOf(onDevice, part), cross: crossOf(onDevice, original) } : {}),
  }
}

function deviceEqualsTwin({ quality, bitExact }: RunReport): boolean {
  return bitExact.samples === quality.device.n && bitExact.equal === bitExact.samples
}

/** Doubles that ONNX Runtime made may differ in their last bits between machines; integers and hashes may not. */
const relative = 1e-6

/** Every leaf of `found` against the same place of `stated`, in order. */
export function compare(path: string, stated: unknown, found: unknown): VerifiedFigure[] {
  if (typeof found === 'object' && found !== null) {
    const whole = Array.isArray(found) && Array.isArray(stated) ? [lengths(path, stated, found)] : []
    const parts = Object.entries(found).flatMap(([key, value]) =>
      compare(path === '' ? key : `${path}.${key}`, at(stated, key), value),
    )
    return [...whole.filter(({ outcome }) => outcome !== 'same'), ...gathered(path, parts)]
  }
  const base = { figure: path, stated: textOf(stated), found: textOf(found) }
  if (stated === undefined) return [{ ...base, outcome: 'missing' }]
  return [{ ...base, outcome: isSame(stated, found) ? 'same' : 'differs' }]
}

/** A list of many equal figures is one line: a confusion matrix, the operators. */
function gathered(path: string, parts: VerifiedFigure[]): VerifiedFigure[] {
  const isList = /^(encoding|memoryMap|operators|quality\.\w+\.(confusion|f1PerClass))$/.test(path)
  if (!isList || parts.length === 0 || parts.some(({ outcome }) => outcome !== 'same')) return parts
  const text = say`${parts.length} figures`
  return [{ figure: path, stated: text, found: text, outcome: 'same' }]
}

function lengths(path: string, stated: readonly unknown[], found: readonly unknown[]): VerifiedFigure {
  const outcome = stated.length === found.length ? 'same' : 'differs'
  return { figure: `${path}.length`, stated: String(stated.length), found: String(found.length), outcome }
}

function isSame(stated: unknown, found: unknown): boolean {
  if (typeof stated !== 'number' || typeof found !== 'number' || Number.isInteger(found)) return stated === found
  return Math.abs(stated - found) <= relative * Math.max(Math.abs(stated), Math.abs(found))
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))

/** What only the device can give: is it there, and does it say how it was obtained, on what, and with which agent? */
function provenance(report: RunReport): VerifiedFigure[] {
  const { device, latency, ram, bitExact, flash, quality } = report
  const known: readonly (readonly [string, unknown, boolean])[] = [
    ['device.id', device.id, device.id !== ''],
    ['device.core', device.core, device.core !== ''],
    ['device.clockHz', device.clockHz, device.clockHz > 0],
    ['device.agentBuild', device.agentBuild, device.agentBuild !== ''],
    ['device.link', device.link, device.link !== ''],
    ['latency.median', `${latency.median} µs, ${latency.kind}, n ${latency.n}`, latency.n > 0 && latency.median > 0],
    ['ram.arenaBytes', ram.arenaBytes, ram.arenaBytes > 0],
    ['ram.stackBytes', ram.stackBytes, ram.stackBytes > 0],
    ['flash.codeBytes', flash.codeBytes, flash.codeBytes > 0 || device.kind === 'twin'],
    ['bitExact', say`${bitExact.equal} of ${bitExact.samples}`, bitExact.samples > 0],
    ...(deviceEqualsTwin(report) ? [] : [['quality.device', `n ${quality.device.n}`, quality.device.n > 0] as const]),
  ]
  return known.map(([figure, value, there]) => ({
    figure,
    stated: textOf(value),
    found: null,
    outcome: there ? 'stated' : 'missing',
  }))
}

/** Figures that follow from others of the same record. */
function consistency(report: RunReport): VerifiedFigure[] {
  const { latency, quality } = report
  const budgets = { flashBytes: report.flash.totalBytes, ramBytes: report.ram.totalBytes }
  const found: Record<string, number | null> = {
    ...budgets,
    latencyMs: latency.median / 1000,
    accuracyDrop: accuracyDrop(quality.twin, quality.original),
  }
  const order = latency.min <= latency.median && latency.median <= latency.max
  return [
    {
      figure: 'latency.min ≤ median ≤ max',
      stated: canonicalJson([latency.min, latency.median, latency.max]),
      found: order ? say`in order` : say`not in order`,
      outcome: order ? 'same' : 'differs',
    },
    ...report.budgets.flatMap(({ budget, value, limit, met }) => {
      const right = found[budget]
      if (right === undefined) return []
      return compare(`budgets.${budget}`, { value, met }, { value: right, met: right === null ? null : right <= limit })
    }),
  ]
}
