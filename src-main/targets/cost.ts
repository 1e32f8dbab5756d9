// A rough count of cycles before anything ran, so that a user sees the order of magnitude. Every figure that comes from
// here is labelled 'estimated'; measured and simulated ones replace it as soon as there are any.
import { elementsOf } from '../ir/tensor.ts'
import type { Plan, PlanOp } from './plan.ts'

export interface EstimatedOp {
  readonly node: string
  readonly op: string
  readonly kernel: PlanOp['kind']
  readonly macs: number
  readonly cycles: number
}

export interface CostEstimate {
  readonly kind: 'estimated'
  readonly cycles: number
  /** null when the clock is not known. */
  readonly latencyUs: number | null
  readonly operators: readonly EstimatedOp[]
}

type Kernel = 'conv' | 'depthwise' | 'dense'

/**
 * Cycles per multiply-accumulate of portable C kernels, rough figures by class of core: without hardware for wide
 * multiply-accumulate (M0+), with single-cycle multiply-accumulate (M3, M4, M33, RISC-V), dual issue (M7), host.
 */
const cyclesPerMac: readonly { readonly cores: RegExp; readonly factors: Readonly<Record<Kernel, number>> }[] = [
  { cores: /M0|M1\b/, factors: { conv: 9, depthwise: 18, dense: 8 } },
  { cores: /M7|M55|M85|LX7/, factors: { conv: 3, depthwise: 6, dense: 2.5 } },
  { cores: /WebAssembly/, factors: { conv: 0.5, depthwise: 1.5, dense: 0.5 } },
]
const singleIssue: Readonly<Record<Kernel, number>> = { conv: 5, depthwise: 9, dense: 4 }

/** Cycles per element that an operator without multiply-accumulates writes. */
const cyclesPerElement = 15

export function estimateCost(plan: Plan, core: string, clockHz: number | null): CostEstimate {
  const factors = cyclesPerMac.find(({ cores }) => cores.test(core))?.factors ?? singleIssue
  const operators = plan.ops.map((op) => ({
    node: op.node,
    op: op.op,
    kernel: op.kind,
    macs: op.macs,
    cycles: Math.round(cyclesOf(plan, op, factors)),
  }))
  const cycles = operators.reduce((sum, op) => sum + op.cycles, 0)
  return { kind: 'estimated', cycles, latencyUs: clockHz ? (cycles / clockHz) * 1e6 : null, operators }
}

/** Milliseconds of one inference; null when the clock is not known. */
export function estimateLatencyMs(plan: Plan, core: string, clockHz: number | null): number | null {
  const { latencyUs } = estimateCost(plan, core, clockHz)
  return latencyUs === null ? null : latencyUs / 1000
}

function cyclesOf(plan: Plan, op: PlanOp, factors: Readonly<Record<Kernel, number>>): number {
  const written = elementsOf(plan.tensors[op.output]!.shape) * cyclesPerElement
  switch (op.kind) {
    case 'conv2d':
    case 'transposeConv2d':
      return written + op.macs * factors.conv
    case 'depthwiseConv2d':
      return written + op.macs * factors.depthwise
    case 'fullyConnected':
      return written + op.macs * factors.dense
    case 'averagePool2d':
    case 'maxPool2d':
      return written * op.kernelH * op.kernelW * 0.3
    case 'mean':
      return written + elementsOf(plan.tensors[op.input]!.shape) * 4
    default:
      return written
  }
}
