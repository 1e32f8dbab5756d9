// The compressed graph as ONNX with QuantizeLinear and DequantizeLinear, for other tools. A pack has no graph: it is made from
// the model again.

import { access, constants } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { PreprocessRecord } from '../contract/data-set.ts'
import { type WrittenFile, writeOnnxFile } from '../formats/onnx/write-file.ts'
import type { Graph } from '../ir/graph.ts'
import { resolveRecipe } from './recipes.ts'
import { applyRecipe } from './run/compress.ts'
import { loadModel } from './run/load.ts'
import { anyDevice } from './run/pack-target.ts'
import { load } from './run/prepare.ts'
import type { DataInput, RunEvents } from './run/run-input.ts'
import { written } from './written.ts'

export interface GraphExport {
  readonly path: string
  readonly out: string
  /** A preset's name or a recipe's text; int8 when left out. */
  readonly recipe?: string
  readonly seed?: number
  readonly data?: string
  readonly calibration?: string
  readonly preprocess?: PreprocessRecord
  readonly calibrationLimit?: number
}

export interface GraphExported {
  readonly path: string
  readonly as: 'onnx'
  readonly bytes: number
  readonly sha256: string
  /** Weights beside a model of more than two gigabytes; null when the file holds them. */
  readonly data: WrittenFile | null
  readonly nodes: number
  /** Values that are rounded to integers. */
  readonly quantizedValues: number
}

export async function exportOnnx(
  request: GraphExport,
  host: { readonly clock: Clock; readonly events: RunEvents },
): Promise<GraphExported> {
  // Said before the work is done, not after.
  await written(request.out, () => access(dirname(request.out), constants.W_OK))
  const graph = await compressedGraph(request, host)
  const { signal } = host.events
  const { model, data } = await written(request.out, () =>
    writeOnnxFile(graph, request.out, { quantization: 'keep', signal }),
  )
  const quantizedValues = [...graph.values.values()].filter((value) => value.quant).length
  return {
    ...model,
    as: 'onnx',
    data,
    nodes: graph.nodes.length,
    quantizedValues,
  }
}

async function compressedGraph(
  request: GraphExport,
  { clock, events }: { readonly clock: Clock; readonly events: RunEvents },
): Promise<Graph> {
  const recipe = resolveRecipe(request.recipe ?? 'int8', request.seed)
  const name = basename(request.path)
  const input = {
    ...{ modelName: name, recipe, encoding: 'auto' as const, target: anyDevice, calibrationSha256: null, producer: '' },
    ...{ clock, signal: events.signal, log: events.log },
    progress: (fraction: number, note: string) => events.progress('compress', fraction, note),
  }
  const data = request.data ?? request.calibration
  if (data === undefined) {
    const model = await loadModel(request.path)
    return (await applyRecipe({ ...input, graph: model.graph, modelSha256: model.sha256, calibration: null })).graph
  }
  const dataInput = (path: string): DataInput => ({
    ...{ path, name: basename(path), preprocess: request.preprocess ?? {}, limit: null },
  })
  const { model, calibration } = await load(
    {
      ...{ producer: '', model: { path: request.path, name }, recipe, encoding: 'auto', target: anyDevice },
      data: dataInput(data),
      calibration: request.calibration === undefined ? null : dataInput(request.calibration),
      calibrationLimit: request.calibrationLimit ?? null,
      seed: recipe.seed,
    },
    events,
  )
  const applied = { ...input, graph: model.graph, modelSha256: model.sha256, calibration: calibration.samples }
  return (await applyRecipe(applied)).graph
}
