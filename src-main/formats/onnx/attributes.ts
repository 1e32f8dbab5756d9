import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { Attr, Graph } from '../../ir/graph.ts'
import type { Decoded } from './decode.ts'
import { attributeTypes } from './schema.ts'
import { type ModelFile, readTensorProto } from './tensor-data.ts'

export interface NodeAttributes {
  readonly attrs: Readonly<Record<string, Attr>>
  /** Names of those the file stores as floats. */
  readonly floatAttrs: readonly string[]
}

type BuildGraph = (proto: Decoded<'GraphProto'>) => Graph

export function readAttributes(
  file: ModelFile,
  node: Decoded<'NodeProto'>,
  name: string,
  buildGraph: BuildGraph,
): NodeAttributes {
  const attrs = new Map<string, Attr>()
  const floatAttrs: string[] = []
  for (const proto of node.attribute) {
    const attribute = proto.name ?? ''
    const type = proto.type || guessType(proto)
    const value = attributeValue(file, proto, type, say`attribute ${attribute} of node ${name}`, buildGraph)
    const problem =
      attribute === '' ? say`has no name` : value === null ? say`has type ${type}, which cannot be read` : null
    if (problem || value === null)
      throw new AppError('model.attribute', { node: name, op: node.opType, attribute, problem })
    attrs.set(attribute, value)
    if (type === attributeTypes.float || type === attributeTypes.floats) floatAttrs.push(attribute)
  }
  return { attrs: Object.fromEntries(attrs), floatAttrs }
}

/** Files of IR version 1 leave the type out: the field that is there says it. */
function guessType(proto: Decoded<'AttributeProto'>): number {
  if (proto.f !== undefined) return attributeTypes.float
  if (proto.i !== undefined) return attributeTypes.int
  if (proto.s !== undefined) return attributeTypes.string
  if (proto.t) return attributeTypes.tensor
  if (proto.g) return attributeTypes.graph
  if (proto.floats.length > 0) return attributeTypes.floats
  return proto.strings.length > 0 ? attributeTypes.strings : attributeTypes.ints
}

/** null for a type that attributes of a graph cannot have. */
function attributeValue(
  file: ModelFile,
  proto: Decoded<'AttributeProto'>,
  type: number,
  where: Note,
  buildGraph: BuildGraph,
): Attr | null {
  switch (type) {
    case attributeTypes.float:
      return proto.f ?? 0
    case attributeTypes.int:
      return proto.i ?? 0
    case attributeTypes.string:
      return proto.s ?? ''
    case attributeTypes.tensor:
      return proto.t ? readTensorProto(file, proto.t, where) : null
    case attributeTypes.graph:
      return proto.g ? buildGraph(proto.g) : null
    case attributeTypes.floats:
      return proto.floats
    case attributeTypes.ints:
      return proto.ints
    case attributeTypes.strings:
      return proto.strings
    default:
      return null
  }
}
