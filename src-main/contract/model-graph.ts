// A model looked at closely: its graph as it is drawn, the distribution of one tensor, and what differs between two models.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { modelId, projectId, runId } from './ids.ts'
import { note } from './note.ts'
import { runSummary } from './run.ts'

const shape = z.array(z.union([z.number(), z.string()])).nullable()

export const graphTensor = z.object({ name: z.string(), shape, dtype: z.string() })

export const graphNode = z.object({
  kind: z.enum(['input', 'node', 'output']),
  name: z.string(),
  /** ONNX operator; empty for inputs and outputs of the model. */
  op: z.string(),
  inputs: z.array(graphTensor),
  outputs: z.array(graphTensor),
  attributes: z.array(z.object({ name: z.string(), value: z.string() })),
  /** Constants that it reads, weights and others. */
  constants: z.array(graphTensor.extend({ bytes: z.number().int() })),
  parameters: z.number().int(),
  macs: z.number(),
  /** Why it runs on the host only; null when it lowers to a microcontroller. */
  refusal: note.nullable(),
})
export type GraphNode = z.infer<typeof graphNode>

/** `from` and `to` are indices into nodes. */
export const graphEdge = z.object({ from: z.number().int(), to: z.number().int(), tensor: z.string(), shape })
export type GraphEdge = z.infer<typeof graphEdge>

export const modelGraph = z.object({ name: z.string(), nodes: z.array(graphNode), edges: z.array(graphEdge) })
export type ModelGraph = z.infer<typeof modelGraph>

/** Elements in equal steps from low to high. */
export const distribution = z.object({
  elements: z.number().int(),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  std: z.number(),
  /** Share of exact zeros, 0 to 1. */
  zeros: z.number(),
  counts: z.array(z.number().int()),
})
export type Distribution = z.infer<typeof distribution>

export const tensorHistogram = z.object({
  tensor: z.string(),
  /** Of the outermost bins of both. */
  low: z.number(),
  high: z.number(),
  before: distribution,
  /** As the run's pack holds it, in real numbers; null without a run, or when the pack has no such tensor. */
  after: distribution.extend({ name: z.string(), codec: z.string(), distinct: z.number().int() }).nullable(),
})
export type TensorHistogram = z.infer<typeof tensorHistogram>

const nodeChange = z.object({
  name: z.string(),
  op: z.string(),
  /** What differs: operator, attributes, shapes, connections. */
  changes: z.array(z.object({ what: z.enum(['op', 'attribute', 'shape', 'inputs']), a: z.string(), b: z.string() })),
})

export const modelDifference = z.object({
  a: z.string(),
  b: z.string(),
  added: z.array(z.object({ name: z.string(), op: z.string() })),
  removed: z.array(z.object({ name: z.string(), op: z.string() })),
  changed: z.array(nodeChange),
  sameNodes: z.number().int(),
  /** Constants that both have with the same shape. */
  tensors: z.array(
    z.object({
      name: z.string(),
      nameInB: z.string(),
      shape: z.array(z.number().int()),
      elements: z.number().int(),
      /** Elements that differ at all. */
      changed: z.number().int(),
      /** 10 log10(sum a² / sum (a - b)²); null when nothing differs. */
      sqnrDb: z.number().nullable(),
      maxAbs: z.number(),
    }),
  ),
  /** Constants without a partner, or with another shape in it. */
  unmatched: z.array(z.object({ name: z.string(), a: z.string().nullable(), b: z.string().nullable() })),
})
export type ModelDifference = z.infer<typeof modelDifference>

const base = oc.errors(appErrors)

export const modelGraphContract = {
  graph: base.input(z.object({ id: modelId })).output(modelGraph),
  histogram: base
    .input(
      z.object({
        id: modelId,
        tensor: z.string(),
        run: runId.optional(),
        bins: z.number().int().min(2).max(256).default(64),
      }),
    )
    .output(tensorHistogram),
  difference: base.input(z.object({ a: modelId, b: modelId })).output(modelDifference),
  /** Of this model in the project, newest first, at most 100. */
  runs: base.input(z.object({ id: modelId, project: projectId })).output(z.array(runSummary)),
}
