// The messages of onnx.proto3 that are read or written, as data: field number, kind and, for messages, which one.
// Fields that are not listed (documentation, training, metadata) are skipped.

export const schema = {
  ModelProto: {
    irVersion: { id: 1, kind: 'int' },
    producerName: { id: 2, kind: 'string' },
    producerVersion: { id: 3, kind: 'string' },
    graph: { id: 7, kind: 'message', message: 'GraphProto' },
    opsetImport: { id: 8, kind: 'messages', message: 'OperatorSetIdProto' },
    functions: { id: 25, kind: 'messages', message: 'FunctionProto' },
  },
  OperatorSetIdProto: { domain: { id: 1, kind: 'string' }, version: { id: 2, kind: 'int' } },
  FunctionProto: { name: { id: 1, kind: 'string' } },
  GraphProto: {
    node: { id: 1, kind: 'messages', message: 'NodeProto' },
    name: { id: 2, kind: 'string' },
    initializer: { id: 5, kind: 'messages', message: 'TensorProto' },
    input: { id: 11, kind: 'messages', message: 'ValueInfoProto' },
    output: { id: 12, kind: 'messages', message: 'ValueInfoProto' },
    valueInfo: { id: 13, kind: 'messages', message: 'ValueInfoProto' },
    sparseInitializer: { id: 15, kind: 'messages', message: 'SparseTensorProto' },
  },
  SparseTensorProto: {},
  NodeProto: {
    input: { id: 1, kind: 'strings' },
    output: { id: 2, kind: 'strings' },
    name: { id: 3, kind: 'string' },
    opType: { id: 4, kind: 'string' },
    attribute: { id: 5, kind: 'messages', message: 'AttributeProto' },
    domain: { id: 7, kind: 'string' },
  },
  AttributeProto: {
    name: { id: 1, kind: 'string' },
    f: { id: 2, kind: 'float' },
    i: { id: 3, kind: 'int' },
    s: { id: 4, kind: 'string' },
    t: { id: 5, kind: 'message', message: 'TensorProto' },
    g: { id: 6, kind: 'message', message: 'GraphProto' },
    floats: { id: 7, kind: 'floats' },
    ints: { id: 8, kind: 'ints' },
    strings: { id: 9, kind: 'strings' },
    type: { id: 20, kind: 'int' },
  },
  TensorProto: {
    dims: { id: 1, kind: 'ints' },
    dataType: { id: 2, kind: 'int' },
    floatData: { id: 4, kind: 'fixed32s' },
    int32Data: { id: 5, kind: 'varints' },
    int64Data: { id: 7, kind: 'varints' },
    name: { id: 8, kind: 'string' },
    rawData: { id: 9, kind: 'bytes' },
    doubleData: { id: 10, kind: 'fixed64s' },
    uint64Data: { id: 11, kind: 'varints' },
    externalData: { id: 13, kind: 'messages', message: 'StringStringEntryProto' },
    dataLocation: { id: 14, kind: 'int' },
  },
  StringStringEntryProto: { key: { id: 1, kind: 'string' }, value: { id: 2, kind: 'string' } },
  ValueInfoProto: { name: { id: 1, kind: 'string' }, type: { id: 2, kind: 'message', message: 'TypeProto' } },
  TypeProto: { tensorType: { id: 1, kind: 'message', message: 'TypeProtoTensor' } },
  TypeProtoTensor: {
    elemType: { id: 1, kind: 'int' },
    shape: { id: 2, kind: 'message', message: 'TensorShapeProto' },
  },
  TensorShapeProto: { dim: { id: 1, kind: 'messages', message: 'Dimension' } },
  Dimension: { dimValue: { id: 1, kind: 'int' }, dimParam: { id: 2, kind: 'string' } },
} as const satisfies Record<string, Record<string, FieldDeclaration>>

/** Lists of numbers that may be large (`fixed32s`, `fixed64s`, `varints`) stay where they are, as `bytes` do. */
export type FieldKind =
  | 'int'
  | 'float'
  | 'string'
  | 'bytes'
  | 'message'
  | 'ints'
  | 'floats'
  | 'strings'
  | 'messages'
  | 'fixed32s'
  | 'fixed64s'
  | 'varints'

export interface FieldDeclaration {
  readonly id: number
  readonly kind: FieldKind
  readonly message?: string
}

export type MessageName = keyof typeof schema

/** A message as TypeScript sees it: `Bytes` is what stands for a run of bytes. Repeated fields are there even when empty. */
export type Message<M extends MessageName, Bytes> = {
  readonly [F in keyof (typeof schema)[M] as IsList<(typeof schema)[M][F]> extends true ? F : never]: FieldType<
    (typeof schema)[M][F],
    Bytes
  >
} & {
  readonly [F in keyof (typeof schema)[M] as IsList<(typeof schema)[M][F]> extends true ? never : F]?: FieldType<
    (typeof schema)[M][F],
    Bytes
  >
}

type IsList<D> = D extends { kind: `${string}s` } ? (D extends { kind: 'bytes' } ? false : true) : false

type FieldType<D, Bytes> = D extends { kind: 'message'; message: infer N extends MessageName }
  ? Message<N, Bytes>
  : D extends { kind: 'messages'; message: infer N extends MessageName }
    ? readonly Message<N, Bytes>[]
    : D extends { kind: infer K extends keyof KindTypes<Bytes> }
      ? KindTypes<Bytes>[K]
      : never

interface KindTypes<Bytes> {
  int: number
  float: number
  string: string
  bytes: Bytes
  ints: readonly number[]
  floats: readonly number[]
  strings: readonly string[]
  fixed32s: readonly Bytes[]
  fixed64s: readonly Bytes[]
  varints: readonly Bytes[]
}

/** AttributeProto.AttributeType. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const
