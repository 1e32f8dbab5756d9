import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requantOf } from '../../../src-main/targets/lowering/fixed-point.ts'
import {
  lowerBound,
  memoryBlocks,
  memoryTimeline,
  planMemory,
  rootTensor,
  tensorBytes,
} from '../../../src-main/targets/memory-plan.ts'
import { opInputs, type Plan, type PlanOp, type PlanTensor } from '../../../src-main/targets/plan.ts'

const activation = (name: string, bytes: number, aliasOf?: number): PlanTensor => ({
  name,
  dtype: 'i8',
  shape: [bytes],
  scale: 1,
  zeroPoint: 0,
  place: { kind: 'arena', offset: -1, aliasOf },
})

const base = { node: 'n', op: 'N', macs: 0 }
const copyRequant = { requant: requantOf(1), min: -128, max: 127 }

/** A random network: each operator reads one or two earlier tensors; some are elementwise, some read through a view. */
const plans = fc
  .array(fc.record({ size: fc.integer({ min: 1, max: 400 }), a: fc.nat(), b: fc.nat(), kind: fc.nat({ max: 3 }) }), {
    minLength: 1,
    maxLength: 24,
  })
  .map((steps): Plan => {
    const tensors: PlanTensor[] = [activation('input', 100)]
    const ops: PlanOp[] = []
    steps.forEach(({ size, a, b, kind }, i) => {
      const first = a % tensors.length
      const second = b % tensors.length
      const bytes = kind === 0 ? size : tensors[first]!.shape[0]!
      if (kind === 3) {
        const { place } = tensors[first]!
        const root = place.kind === 'arena' ? (place.aliasOf ?? first) : first
        tensors.push(activation(`view${i}`, bytes, root))
      }
      const input = kind === 3 ? tensors.length - 1 : first
      tensors.push(activation(`t${i}`, bytes))
      const output = tensors.length - 1
      if (kind === 1)
        ops.push({
          ...base,
          kind: 'add',
          a: input,
          b: second,
          output,
          leftShift: 20,
          aRequant: requantOf(0.5),
          bRequant: requantOf(0.5),
          ...copyRequant,
        })
      else if (kind === 0) ops.push({ ...base, kind: 'concat', inputs: [input, second], output, axis: 0 })
      else ops.push({ ...base, kind: 'requantize', input, output, ...copyRequant })
    })
    const last = ops.at(-1)!.output
    return {
      tensors,
      ops,
      inputs: [{ name: 'input', tensor: 0, shape: [100] }],
      outputs: [{ name: 'output', tensor: last, shape: tensors[last]!.shape }],
      arenaBytes: 0,
    }
  })

/** Runs the plan on labels instead of numbers: every byte remembers which value wrote it last. */
function overwrittenReads(plan: Plan): string[] {
  const arena = new Int32Array(plan.arenaBytes).fill(-1)
  const problems: string[] = []
  const range = (index: number) => {
    const { place } = plan.tensors[index]!
    const offset = place.kind === 'arena' ? place.offset : -1
    return arena.subarray(offset, offset + tensorBytes(plan, index))
  }
  const write = (index: number) => range(index).fill(rootTensor(plan, index))
  const read = (index: number, by: string) => {
    if (range(index).some((owner) => owner !== rootTensor(plan, index)))
      problems.push(`${by} reads ${plan.tensors[index]!.name}, which was overwritten`)
  }
  for (const port of plan.inputs) write(port.tensor)
  plan.ops.forEach((op, i) => {
    for (const index of opInputs(op)) read(index, `operator ${i}`)
    // A kernel that is not elementwise must not see its output's bytes change under its inputs.
    write(op.output)
    const elementwise = op.kind === 'requantize' || op.kind === 'add'
    if (!elementwise) for (const index of opInputs(op)) read(index, `operator ${i}, while writing,`)
  })
  for (const port of plan.outputs) read(port.tensor, 'the host')
  return problems
}

test('no live tensor is overwritten, offsets are aligned, and the peak is at least the lower bound', () => {
  fc.assert(
    fc.property(plans, (unplaced) => {
      const plan = planMemory(unplaced)
      expect(overwrittenReads(plan)).toEqual([])
      for (const { place } of plan.tensors) if (place.kind === 'arena') expect(place.offset % 16).toBe(0)
      expect(plan.arenaBytes).toBeGreaterThanOrEqual(lowerBound(plan))
    }),
    { seed: 7, numRuns: 300 },
  )
})

test('the peak is the lower bound or close to it on random networks', () => {
  const samples = fc.sample(plans, { seed: 11, numRuns: 200 }).map(planMemory)
  const excess = samples.map((plan) => plan.arenaBytes / lowerBound(plan))
  expect(Math.max(...excess)).toBeLessThan(1.25)
  expect(excess.filter((ratio) => ratio === 1).length).toBeGreaterThan(180)
})

test('the timeline names what is live at each operator', () => {
  const plan = planMemory({
    tensors: [activation('x', 32), activation('y', 64), activation('z', 64)],
    ops: [
      { ...base, kind: 'concat', inputs: [0], output: 1, axis: 0 },
      { ...base, kind: 'requantize', input: 1, output: 2, ...copyRequant },
    ],
    inputs: [{ name: 'x', tensor: 0, shape: [32] }],
    outputs: [{ name: 'z', tensor: 2, shape: [64] }],
    arenaBytes: 0,
  })
  expect(memoryTimeline(plan).map(({ bytes, live }) => [bytes, live.map((entry) => entry.name)])).toEqual([
    [96, ['x', 'y']],
    [64, ['z']],
  ])
  expect([plan.arenaBytes, memoryBlocks(plan).length]).toEqual([96, 2])
})
