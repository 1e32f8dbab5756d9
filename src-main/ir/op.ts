// What an operator is: its shape rule and its cost in one value, one file per operator (or family of operators with one
// rule) under ops/. ops/index.ts is the registry. Operators that are not registered stay in the graph with unknown shapes.
import type { Note } from '../base/note.ts'
import type { DType } from './dtype.ts'
import type { Dim, Graph, Node, Shape, Value } from './graph.ts'
import type { Tensor } from './tensor.ts'

export interface InferContext {
  readonly node: Node
  readonly graph: Graph
  /** Value of input i, null when left out or beyond the end. */
  input(i: number): Value | null
  /** Shape of input i; throws AppError('model.shape') when it is left out. null = unknown. */
  shape(i: number): Shape | null
  /** Constant of input i, null when it is not one. */
  constant(i: number): Tensor | null
  /** Elements of input i when it is a small constant or was computed from shapes alone; symbolic sizes stay symbols. */
  dims(i: number): readonly Dim[] | null
  /** Opset of the node's domain; 0 when the graph does not say. */
  readonly opset: number
  /** Throws AppError('model.shape') that names the node. */
  fail(problem: Note): never
}

export interface OutputType {
  readonly dtype: DType
  readonly shape: Shape | null
}

export interface OpDefinition {
  readonly op: string
  /** Output types from input types and attributes; checks the attributes and throws through `fail`. */
  infer(context: InferContext): readonly OutputType[]
  /** Elements of the first output when they follow from shapes and constants (see InferContext.dims), else null. */
  dims?(context: InferContext, outputs: readonly OutputType[]): readonly Dim[] | null
  /** Multiply-accumulates over the whole output, symbolic sizes counted as 1; 0 when left out. */
  macs?(context: InferContext, outputs: readonly OutputType[]): number
}

export const defineOp = (op: string, rule: Omit<OpDefinition, 'op'>): OpDefinition => ({ op, ...rule })
