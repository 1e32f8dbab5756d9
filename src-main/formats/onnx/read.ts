// ONNX to Graph: what the file says, then quantisation moved from nodes to values.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { ByteSource } from '../../base/source.ts'
import type { Graph } from '../../ir/graph.ts'
import { type Decoded, decodeModel } from './decode.ts'
import type { Siblings } from './external.ts'
import { GraphBuilder } from './graph-builder.ts'
import { liftQuantization } from './lift-quantization.ts'

export interface OnnxModel {
  readonly graph: Graph
  /** Name and version of the tool that made the file; '' when it does not say. */
  readonly producer: string
  readonly opset: number
  readonly warnings: readonly Note[]
}

/** Opset 7 brought NumPy broadcasting; what came before means something else. */
const oldestOpset = 7

export function readOnnx(source: ByteSource, siblings: Siblings): Graph {
  return readOnnxModel(source, siblings).graph
}

export function readOnnxModel(source: ByteSource, siblings: Siblings): OnnxModel {
  const model = decodeModel(source)
  const opsets = opsetsOf(source, model)
  if (!model.graph) throw malformed(source, 'ModelProto.graph', say`there is no graph in it`)
  if (model.functions.length > 0)
    throw unsupported(source, say`local functions`, `function ${model.functions[0]!.name}`)
  const opened = new Map<string, ByteSource | null>()
  const cached: Siblings = (path) => {
    if (!opened.has(path)) opened.set(path, siblings(path))
    return opened.get(path) ?? null
  }
  const built = new GraphBuilder({ source, siblings: cached }, opsets).build(model.graph)
  const { graph, warnings } = liftQuantization(built)
  const producer = [model.producerName, model.producerVersion].filter(Boolean).join(' ')
  return { graph, producer, opset: opsets['']!, warnings }
}

/** Cheap look at the first field: whether this can be a ModelProto at all. */
export function probeOnnx(source: ByteSource): boolean {
  if (source.size < 2) return false
  const tag = source.read(0, 1)[0]!
  const [field, wire] = [tag >> 3, tag & 7]
  // ir_version, model_version are numbers; producer, domain, graph, opset imports and so on are runs of bytes.
  return wire === 0 ? field === 1 || field === 5 : wire === 2 && [2, 3, 4, 6, 7, 8, 14].includes(field)
}

function opsetsOf(source: ByteSource, model: Decoded<'ModelProto'>): Record<string, number> {
  const opsets: Record<string, number> = {}
  for (const { domain, version } of model.opsetImport) opsets[domain === 'ai.onnx' ? '' : (domain ?? '')] = version ?? 0
  const opset = opsets['']
  if (opset === undefined) throw malformed(source, 'ModelProto.opset_import', say`it does not say which opset it uses`)
  if (opset < oldestOpset) throw unsupported(source, `opset ${opset}`, 'ModelProto.opset_import')
  return opsets
}

const malformed = (source: ByteSource, where: string, problem: Note) =>
  new AppError('model.malformed', { name: source.name, where, problem })

const unsupported = (source: ByteSource, what: Note, where: string) =>
  new AppError('model.unsupported', { name: source.name, what, where })
