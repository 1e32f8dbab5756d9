// One run from files to report: import, original, compress, pack, twin, device, quality. Nothing is stored here.
import { say } from '../../base/note.ts'
import { openTwin } from '../../device/twin.ts'
import { assertFits, checkPlaced } from '../../targets/fit.ts'
import { profileRecord } from '../cost.ts'
import { profileOf } from '../devices.ts'
import { runOnDevice } from './device-stage.ts'
import type { LoadedData } from './load.ts'
import { hostRows, predictionsOf, twinRows } from './outputs.ts'
import { compressLoaded, type Host, load } from './prepare.ts'
import { assembleReport } from './report.ts'
import type { RunInput, RunOutput } from './run-input.ts'
import { calibrationWarnings } from './sanity.ts'

export async function executeRun(input: RunInput, host: Host): Promise<RunOutput> {
  const { clock, events } = host
  const startMs = clock.monotonicMs()
  const walk = (stage: 'original' | 'twin') => ({
    signal: events.signal,
    progress: (done: number, total: number) => events.progress(stage, done / total, say`${done} of ${total} samples`),
  })

  const loaded = await load(input, events)
  const { model, data } = loaded
  const warnings = await calibrationWarnings(sourceOf(loaded.calibration), sourceOf(data))
  for (const warning of warnings) events.log(warning)
  events.progress('original', 0, 'ONNX Runtime')
  const original = await hostRows(model.graph, data.samples, 'fake', walk('original'))
  const compressed = await compressLoaded(input, loaded, host)
  const { plan, pack } = compressed
  events.progress('pack', 1, say`${pack.length} bytes`)
  const profile = profileOf(input.device)
  // What the device itself says is checked too, once it is open; most misfits are known before the samples are run.
  assertFits(checkPlaced(plan, pack.length, profile.limits), { model: input.model.name, device: profile.name })

  using twin = await openTwin(pack)
  const twinOutputs = await twinRows(twin, data.samples, walk('twin'))
  const device = await runOnDevice(
    {
      device: input.device,
      modelName: input.model.name,
      plan,
      pack,
      twin,
      samples: data.samples,
      deviceSamples: input.deviceSamples,
      warmup: input.warmup,
      runs: input.runs,
    },
    host,
  )
  const report = assembleReport({
    input,
    loaded,
    compressed,
    original,
    twinOutputs,
    twin,
    device,
    profile,
    createdAt: new Date(clock.nowMs()).toISOString(),
    durationMs: clock.monotonicMs() - startMs,
    warnings,
  })
  return {
    report,
    pack,
    profile: profileRecord(report, plan, profile.id),
    predictions: predictionsOf(data, twinOutputs, original),
  }
}

/** With the part of the record that changes the samples themselves. */
function sourceOf({ samples, dataset }: LoadedData) {
  const { split: _, without: __, classes: ___, ...preprocess } = dataset.preprocess
  return { samples, preprocess }
}
