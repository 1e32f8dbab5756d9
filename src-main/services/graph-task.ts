// What a job does to give a run's graph as ONNX: the run's own passes over its own files, without its pack.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { say } from '../base/note.ts'
import { writeOnnxFile } from '../formats/onnx/write-file.ts'
import { applyRecipe } from './run/compress.ts'
import { type Host, load, type PrepareInput } from './run/prepare.ts'

export interface GraphWork {
  readonly task: 'graph'
  readonly input: PrepareInput
  readonly out: string
}

export interface GraphOutcome {
  /** The model, and the file beside it when its weights are too large for one. */
  readonly paths: readonly string[]
}

export async function executeGraphTask({ input, out }: GraphWork, { clock, events }: Host): Promise<GraphOutcome> {
  const { model, calibration } = await load(input, events)
  const { graph } = await applyRecipe({
    ...{ graph: model.graph, modelName: input.model.name, modelSha256: model.sha256 },
    ...{ recipe: { ...input.recipe, seed: input.seed }, encoding: input.encoding, target: input.target },
    ...{ calibration: calibration.samples, calibrationSha256: null, producer: input.producer },
    ...{ clock, signal: events.signal, log: events.log },
    progress: (fraction, note) => events.progress('compress', fraction, note),
  })
  events.progress('store', 0, say`writing ${input.model.name}`)
  mkdirSync(dirname(out), { recursive: true })
  const written = await writeOnnxFile(graph, out, { quantization: 'keep', signal: events.signal })
  return { paths: [out, ...(written.data ? [written.data.path] : [])] }
}
