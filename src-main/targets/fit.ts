// Does a plan fit a device, and if not, by how much and because of what.
import { AppError } from '../base/errors.ts'
import { joined, say } from '../base/note.ts'
import { memoryTimeline, residentTensors, roundUp, tensorBytes } from './memory-plan.ts'
import { type Place, type Plan, scratchOf } from './plan.ts'

/** A device's memories; null where nobody knows, which then does not limit. */
export interface FitLimits {
  /** For one pack. */
  readonly flashBytes: number | null
  /** The pool that arena, kept inputs and a pack in RAM share. */
  readonly ramBytes: number | null
  /** The device has no flash to write packs to. */
  readonly packInRam?: boolean
}

export interface Fit {
  readonly needed: number
  readonly available: number | null
  /** Bytes too many; 0 when it fits. */
  readonly over: number
}

export interface FitReport {
  readonly fits: boolean
  readonly packInRam: boolean
  readonly flash: Fit
  readonly ram: Fit
  /** Tensors that are live together at the peak of the arena, resident weights among them, largest first. */
  readonly largestTensors: readonly { readonly name: string; readonly bytes: number; readonly op: string }[]
  readonly largestWeights: readonly { readonly name: string; readonly bytes: number }[]
}

const listed = 5

/** @param plan with its memory planned */
export function checkFit(plan: Plan, packBytes: number, limits: FitLimits): FitReport {
  const { packInRam = false } = limits
  const ram = memoryFit(ramNeeded(plan) + (packInRam ? roundUp(packBytes) : 0), limits.ramBytes)
  const flash = memoryFit(packInRam ? 0 : packBytes, limits.flashBytes)
  return {
    fits: flash.over === 0 && ram.over === 0,
    packInRam,
    flash,
    ram,
    largestTensors: tensorsAtPeak(plan),
    largestWeights: largestWeights(plan),
  }
}

/** Of one operator's cycle counter in the agent. */
const counterBytes = 4

/**
 * What the agent takes of its pool for a model: the arena with scratch and resident weights, a copy of every input, so that it can run the same sample again
 * when the arena has overwritten it, and a cycle counter an operator (resources/agent/src/model.c).
 */
export function ramNeeded(plan: Plan): number {
  const inputs = plan.inputs.map((port) => roundUp(tensorBytes(plan, port.tensor)))
  const kept = inputs.reduce((sum, bytes) => sum + bytes, 0)
  return roundUp(plan.arenaBytes) + kept + counterBytes * plan.ops.length
}

const memoryFit = (needed: number, available: number | null): Fit => ({
  needed,
  available,
  over: available === null ? 0 : Math.max(0, needed - available),
})

function tensorsAtPeak(plan: Plan) {
  const timeline = memoryTimeline(plan)
  const peak = timeline.reduce((worst, step) => (step.bytes > (worst?.bytes ?? 0) ? step : worst), timeline[0])
  const producer = new Map(plan.ops.map((op) => [op.output, op.op]))
  for (const op of plan.ops) {
    const scratch = scratchOf(op)
    if (scratch !== undefined) producer.set(scratch, op.op)
  }
  const live = (peak?.live ?? []).map(({ tensor, name, bytes }) => ({
    name,
    bytes,
    op: producer.get(tensor) ?? 'Input',
  }))
  const resident = residentTensors(plan).map(({ name, bytes }) => ({ name, bytes, op: 'Weights' }))
  return [...live, ...resident].sort((a, b) => b.bytes - a.bytes).slice(0, listed)
}

const storedBytes = ({ data, storage }: Extract<Place, { readonly kind: 'constant' }>) =>
  storage ? storage.payload.byteLength : data.byteLength

function largestWeights(plan: Plan) {
  return plan.tensors
    .flatMap(({ name, place }) => (place.kind === 'constant' ? [{ name, bytes: storedBytes(place) }] : []))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, listed)
}

/** The pack where the device would put it: in flash, or in RAM where only that takes it. */
export function checkPlaced(plan: Plan, packBytes: number, limits: FitLimits): FitReport {
  const inFlash = checkFit(plan, packBytes, limits)
  if (limits.packInRam || inFlash.flash.over === 0) return inFlash
  // When it does not fit in RAM either, flash is what it misses.
  const inRam = checkFit(plan, packBytes, { ...limits, packInRam: true })
  return inRam.fits ? inRam : inFlash
}

/** Throws AppError('fit.memory') with the numbers of the memory that is too small, flash before RAM. */
export function assertFits(report: FitReport, names: { readonly model: string; readonly device: string }): void {
  if (report.fits) return
  const inFlash = report.flash.over > 0
  const { needed, available, over } = inFlash ? report.flash : report.ram
  const tensors = inFlash ? report.largestWeights : report.largestTensors
  const largest = joined(
    tensors.map(({ name, bytes }) => say`${name} (${bytes} bytes)`),
    ', ',
  )
  throw new AppError('fit.memory', { ...names, region: inFlash ? say`flash` : 'RAM', needed, available, over, largest })
}
