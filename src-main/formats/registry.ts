// Model files in: the format is found by content, because names lie.
import { createHash } from 'node:crypto'
import { AppError } from '../base/errors.ts'
import type { Note } from '../base/note.ts'
import type { ByteSource } from '../base/source.ts'
import type { Graph } from '../ir/graph.ts'
import { inferShapes } from '../ir/infer.ts'
import { verify } from '../ir/verify.ts'
import type { Siblings } from './onnx/external.ts'
import { probeOnnx, readOnnxModel } from './onnx/read.ts'
import { readTflite } from './tflite/read.ts'

export interface ImportedModel {
  readonly format: 'onnx' | 'tflite'
  /** Verified, with shapes; nodes that no output needs are still there. */
  readonly graph: Graph
  /** Of the model file itself, without external data. */
  readonly sha256: string
  readonly bytes: number
  /** Tool that made the file; '' when it does not say. */
  readonly producer: string
  /** Opset of the ONNX operators the graph uses. */
  readonly opset: number
  readonly warnings: readonly Note[]
}

type Contents = Pick<ImportedModel, 'format' | 'graph' | 'producer' | 'warnings'>

interface Format {
  probe(source: ByteSource): boolean
  read(source: ByteSource, siblings: Siblings): Contents
}

/** TFLite first: its identifier cannot be mistaken. */
const formats: readonly Format[] = [
  {
    probe: (source) => source.size >= 8 && Buffer.from(source.read(4, 4)).toString('latin1') === 'TFL3',
    read: (source) => ({ format: 'tflite', graph: readTflite(source), producer: '', warnings: [] }),
  },
  { probe: probeOnnx, read: (source, siblings) => ({ format: 'onnx', ...readOnnxModel(source, siblings) }) },
]

/** `siblings` opens files beside the model by relative path. */
export async function importModel(source: ByteSource, siblings: Siblings): Promise<ImportedModel> {
  const format = formats.find((f) => f.probe(source))
  if (!format) throw new AppError('model.unknownFormat', { name: source.name })
  const contents = format.read(source, siblings)
  const graph = inferShapes(contents.graph, { declared: 'check' })
  verify(graph)
  return { ...contents, graph, sha256: hashOf(source), bytes: source.size, opset: graph.opsets[''] ?? 0 }
}

const chunkBytes = 1 << 20

function hashOf(source: ByteSource): string {
  const hash = createHash('sha256')
  for (let at = 0; at < source.size; at += chunkBytes)
    hash.update(source.read(at, Math.min(chunkBytes, source.size - at)))
  return hash.digest('hex')
}
