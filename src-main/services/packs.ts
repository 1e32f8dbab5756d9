// The commands that work on one file without the workspace: compress, deploy, validate, bench, infer.
import { randomUUID } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError } from '../base/errors.ts'
import { sha256 } from '../base/hash.ts'
import { say } from '../base/note.ts'
import type { PreprocessRecord } from '../contract/data-set.ts'
import type { ExpectedOutputs } from '../contract/pack.ts'
import type { EncodingGoal, RunReport } from '../contract/report.ts'
import { linkTo } from '../device/links/drivers.ts'
import { systemLinkPorts } from '../device/links/ports.ts'
import { openSession } from '../device/session.ts'
import { openTwin, type Twin } from '../device/twin.ts'
import { readShoe } from '../formats/shoe/index.ts'
import type { PackTarget, TensorDecision } from '../targets/packer/situation.ts'
import type { PackOrigin, Plan } from '../targets/plan.ts'
import type { ServiceContext } from './context.ts'
import { profileOf } from './devices.ts'
import { isQuantized } from './model-facts.ts'
import { resolveRecipe } from './recipes.ts'
import { compress } from './run/compress.ts'
import { type DeviceResult, runOnDevice } from './run/device-stage.ts'
import { executeRun } from './run/execute-run.ts'
import { compareWithExpected, type ExpectedFile } from './run/expected.ts'
import { deviceFigures } from './run/figures.ts'
import { hostOutputs, type NamedOutputs, packOutputs } from './run/infer.ts'
import { type LoadedData, loadData, loadModel, portsOfGraph, portsOfPlan } from './run/load.ts'
import { hostRows, twinRows } from './run/outputs.ts'
import { anyDevice, packTarget } from './run/pack-target.ts'
import { compressLoaded, type Host, load, type PrepareInput } from './run/prepare.ts'
import { probePorts } from './run/probe-samples.ts'
import { qualityOf } from './run/quality.ts'
import { repack } from './run/repack.ts'
import { deviceRows, firstTruth } from './run/report.ts'
import type { DataInput, RunEvents, RunInput } from './run/run-input.ts'

export interface FileRequest {
  readonly path: string
  readonly data?: string
  readonly calibration?: string
  readonly preprocess?: PreprocessRecord
  readonly limit?: number
  readonly calibrationLimit?: number
  /** A preset's name or a recipe's text; int8 when left out. */
  readonly recipe?: string
  /** Of the weights; auto when left out. */
  readonly encoding?: EncodingGoal
  /** Whose memories and core the encoding is chosen for; left out, any. */
  readonly device?: string
  /** Left out, the recipe's own. */
  readonly seed?: number
}

export interface MeasureRequest extends FileRequest {
  readonly device: string
  readonly deviceSamples?: number
  readonly warmup: number
  readonly runs: number
  /** The integers that every output should have. */
  readonly expect?: ExpectedFile
}

export interface OpenedPack {
  readonly name: string
  readonly pack: Uint8Array
  readonly plan: Plan
  readonly origin: PackOrigin
  /** How each weight tensor is stored, when it was packed here. */
  readonly encoding?: readonly TensorDecision[]
}

/** A report on a pack alone: what needs the original is absent. */
export type PackReport = Pick<
  RunReport,
  'device' | 'flash' | 'ram' | 'latency' | 'operators' | 'bitExact' | 'memoryMap'
> & {
  readonly model: { readonly name: string; readonly sha256: string }
  readonly recipe: { readonly sha256: string }
  readonly seed: null
  readonly pack: { readonly sha256: string; readonly bytes: number }
  readonly quality: {
    readonly device: RunReport['quality']['device'] | null
    readonly original: null
    readonly cross: null
    readonly twin: RunReport['quality']['device'] | null
  }
  readonly encoding?: RunReport['encoding']
  readonly compression: { readonly originalBytes: null; readonly packedBytes: number; readonly ratio: null }
  readonly durationMs: number
}

export function packsService({ clock, version }: Pick<ServiceContext, 'clock' | 'version'>) {
  const producer = `Shoehorn ${version}`
  const host = (events: RunEvents): Host => ({ clock, events })

  function prepareInput(request: FileRequest): PrepareInput {
    if (request.data === undefined)
      throw new AppError('usage.invalid', {
        problem: say`A model needs --data: samples to calibrate and measure with.`,
      })
    const recipe = resolveRecipe(request.recipe ?? 'int8', request.seed)
    return {
      producer,
      model: { path: request.path, name: basename(request.path) },
      data: dataInput(request.data, request),
      calibration:
        request.calibration === undefined ? null : dataInput(request.calibration, { preprocess: request.preprocess }),
      calibrationLimit: request.calibrationLimit ?? null,
      recipe,
      encoding: request.encoding ?? 'auto',
      target: targetOf(request),
      seed: recipe.seed,
    }
  }

  /** A pack as it is; a model compressed. A model that is quantised already needs no data for that. */
  async function pack(request: FileRequest, events: RunEvents): Promise<OpenedPack> {
    if (await isPack(request.path)) return openPack(request.path)
    const model = await loadModel(request.path)
    const name = basename(request.path)
    if (request.data === undefined && isQuantized(model.graph)) {
      const { pack, plan, encoding } = await compress({
        graph: model.graph,
        modelName: name,
        modelSha256: model.sha256,
        recipe: resolveRecipe(request.recipe ?? 'int8', request.seed),
        encoding: request.encoding ?? 'auto',
        target: targetOf(request),
        calibration: null,
        calibrationSha256: null,
        producer,
        clock,
        signal: events.signal,
        progress: (fraction, note) => events.progress('compress', fraction, note),
        log: events.log,
      })
      return { name, pack, plan, origin: readShoe(pack).origin, encoding }
    }
    const input = prepareInput(request)
    const compressed = await compressLoaded(input, await load(input, events), host(events))
    const { pack, plan, encoding } = compressed
    return { name, pack, plan, origin: readShoe(pack).origin, encoding }
  }

  /**
   * A quantised model or a pack with its weights in the fewest bytes; the integers stay what they are. null: as it is, no
   * microcontroller runs it.
   */
  async function lossless(request: FileRequest, events: RunEvents): Promise<OpenedPack | null> {
    const encoding = request.encoding ?? 'smallest'
    if (await isPack(request.path)) return repackFile({ ...request, encoding }, events.signal)
    const model = await loadModel(request.path)
    if (!isQuantized(model.graph)) return null
    try {
      return await pack({ ...request, data: undefined, recipe: 'int8', encoding }, events)
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('model.')) throw error
      events.log(error.note)
      return null
    }
  }

  /** With a model and data: everything a run measures. With a pack: what the device and the twin can say. */
  async function validate(request: MeasureRequest, events: RunEvents) {
    if (request.data === undefined) throw new AppError('usage.invalid', { problem: say`validate needs --data.` })
    const expected = request.expect ?? null
    if (await isPack(request.path)) return measurePack(await openPack(request.path), request, expected, events)
    const input: RunInput = {
      ...prepareInput(request),
      runId: randomUUID(),
      project: null,
      device: request.device,
      deviceSamples: request.deviceSamples ?? null,
      warmup: request.warmup,
      runs: request.runs,
      budgets: {},
    }
    const { report, pack: bytes } = await executeRun(input, host(events))
    if (expected === null) return report
    const opened = { pack: bytes, plan: readShoe(bytes).plan }
    return { ...report, expected: await compareExpected(opened, await dataFor(request, opened.plan), expected, events) }
  }

  async function bench(request: MeasureRequest, events: RunEvents) {
    return measurePack(await pack(request, events), request, null, events)
  }

  async function measurePack(
    opened: OpenedPack,
    request: MeasureRequest,
    expect: ExpectedFile | null,
    events: RunEvents,
  ) {
    const startMs = clock.monotonicMs()
    const data = request.data === undefined ? null : await dataFor(request, opened.plan)
    using twin = await openTwin(opened.pack)
    const samples = data?.samples ?? probePorts(portsOfPlan(opened.plan), 1)
    const device = await runOnDevice(
      {
        device: request.device,
        modelName: opened.name,
        plan: opened.plan,
        pack: opened.pack,
        twin,
        samples,
        deviceSamples: data ? (request.deviceSamples ?? null) : 1,
        warmup: request.warmup,
        runs: request.runs,
      },
      host(events),
    )
    const quality = data ? await packQuality(data, device, twin, events) : { device: null, twin: null }
    const expected = data && expect !== null ? { expected: await compareExpected(opened, data, expect, events) } : {}
    const durationMs = clock.monotonicMs() - startMs
    return { ...packReport(opened, request, device, quality, durationMs), ...expected }
  }

  async function dataFor(request: FileRequest, plan: Plan): Promise<LoadedData> {
    return loadData(dataInput(request.data!, request), portsOfPlan(plan), 'test')
  }

  /** The graph in ONNX Runtime, as imported and exported again, against the truth. */
  async function validateOnHost(request: FileRequest, events: RunEvents) {
    if (request.data === undefined) throw new AppError('usage.invalid', { problem: say`validate needs --data.` })
    const model = await loadModel(request.path)
    const data = await loadData(dataInput(request.data, request), portsOfGraph(model.graph), 'test')
    const progress = (done: number, total: number) =>
      events.progress('original', done / total, say`${done} of ${total} samples`)
    const rows = await hostRows(model.graph, data.samples, 'fake', { signal: events.signal, progress })
    return {
      model: { name: basename(request.path), sha256: model.sha256 },
      device: { id: 'host', name: say`ONNX Runtime on this computer` },
      quality: { original: qualityOf(rows, data) },
    }
  }

  return {
    pack,
    lossless,
    validate,
    validateOnHost,
    bench,
    async deploy(path: string, device: string, events: RunEvents) {
      const opened = await openPack(path)
      const link = linkTo(device, systemLinkPorts)
      await using session = await openSession(link, { clock, signal: events.signal })
      const onProgress = ({ sentBytes, totalBytes }: { sentBytes: number; totalBytes: number }) =>
        events.progress('deploy', sentBytes / totalBytes, say`${sentBytes} of ${totalBytes} bytes`)
      const deployment = await session.deploy(opened.pack, { onProgress })
      return {
        pack: { sha256: sha256(opened.pack), bytes: opened.pack.length },
        device: link.id,
        name: link.name,
        ...deployment,
      }
    },
    async infer(request: FileRequest & { device: string }, events: RunEvents): Promise<NamedOutputs> {
      if (request.data === undefined) throw new AppError('usage.invalid', { problem: say`infer needs --data.` })
      if (request.device === 'host') {
        const model = await loadModel(request.path)
        const data = await loadData(dataInput(request.data, request), portsOfGraph(model.graph), 'test')
        return hostOutputs(model.graph, data.samples, events)
      }
      const opened = await pack(request, events)
      const data = await dataFor(request, opened.plan)
      return packOutputs({ opened, device: request.device, samples: data.samples, clock }, events)
    },
  }
}

async function packQuality(data: LoadedData, device: DeviceResult, twin: Twin, events: RunEvents) {
  const progress = (done: number, total: number) =>
    events.progress('twin', done / total, say`${done} of ${total} samples`)
  const all = await twinRows(twin, data.samples, { signal: events.signal, progress })
  const rows = deviceRows(device.outputs, twin)
  return { device: qualityOf(rows, firstTruth(data, rows.count, data.samples.count)), twin: qualityOf(all, data) }
}

function packReport(
  opened: OpenedPack,
  request: MeasureRequest,
  device: DeviceResult,
  quality: Pick<PackReport['quality'], 'device' | 'twin'>,
  durationMs: number,
): PackReport {
  const { pack, plan, origin } = opened
  return {
    model: { name: origin.modelName, sha256: origin.modelSha256 },
    recipe: { sha256: origin.recipeSha256 },
    seed: null,
    pack: { sha256: sha256(pack), bytes: pack.length },
    ...deviceFigures({ device, profile: profileOf(request.device), plan, pack, warmup: request.warmup }),
    quality: { ...quality, original: null, cross: null },
    ...(opened.encoding ? { encoding: opened.encoding.map((tensor) => ({ ...tensor })) } : {}),
    compression: { originalBytes: null, packedBytes: pack.length, ratio: null },
    durationMs,
  }
}

async function compareExpected(
  opened: Pick<OpenedPack, 'pack'>,
  data: LoadedData,
  { name, bytes }: ExpectedFile,
  events: RunEvents,
): Promise<ExpectedOutputs> {
  using twin = await openTwin(opened.pack)
  const rows = await twinRows(twin, data.samples, { signal: events.signal, progress: () => undefined })
  return compareWithExpected(rows.raw, name, bytes)
}

const targetOf = ({ device }: Pick<FileRequest, 'device'>): PackTarget =>
  device === undefined || device === 'host' ? anyDevice : packTarget(profileOf(device), {})

export async function isPack(path: string): Promise<boolean> {
  await using file = await open(path).catch((cause) => {
    throw new AppError('usage.missingFile', { path }, { cause })
  })
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  return buffer.toString('latin1', 0, bytesRead) === 'SHOE'
}

export async function openPack(path: string): Promise<OpenedPack> {
  const pack = await readFile(path).catch((cause) => {
    throw new AppError('usage.missingFile', { path }, { cause })
  })
  const bytes = new Uint8Array(pack)
  const { plan, origin } = readShoe(bytes)
  return { name: basename(path), pack: bytes, plan, origin }
}

/** A pack with its weights stored for another goal. */
export async function repackFile(
  request: Pick<FileRequest, 'path' | 'device'> & { readonly encoding: EncodingGoal },
  signal: AbortSignal,
): Promise<OpenedPack> {
  const opened = await openPack(request.path)
  return repack(opened, { goal: request.encoding, target: targetOf(request), signal })
}

function dataInput(
  path: string,
  { preprocess = {}, limit }: { preprocess?: PreprocessRecord; limit?: number },
): DataInput {
  return { path, name: basename(path), preprocess, limit: limit ?? null }
}
