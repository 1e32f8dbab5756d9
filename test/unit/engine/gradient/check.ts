// Gradients against central differences of ONNX Runtime's outputs. Its arithmetic is float32; sums over outputs are taken in
// float64, and two step widths are combined (Richardson), so that what is left is rounding: about 1e-7 of the outputs over
// the step.
import { seededRandom } from '../../../../src-main/base/random.ts'
import { differentiate } from '../../../../src-main/engine/gradient/differentiate.ts'
import { withFedConstants } from '../../../../src-main/engine/gradient/squared-error.ts'
import { type HostModel, openHostModel } from '../../../../src-main/engine/host-model.ts'
import type { HostInput } from '../../../../src-main/engine/samples.ts'
import type { Graph } from '../../../../src-main/ir/graph.ts'
import { withValue } from '../../../../src-main/ir/rewrite.ts'
import { elementsOf, readFloats } from '../../../../src-main/ir/tensor.ts'

type Inputs = Record<string, { data: Float32Array; shape: number[] }>

const sizesOf = (graph: Graph, name: string) => graph.values.get(name)!.shape!.map(Number)

/**
 * Largest difference over all elements, as a share of the largest gradient of that value.
 * @param spread of the inputs' elements
 */
export async function gradientError(
  given: Graph,
  constants: readonly string[],
  { spread = 1, step = 0.02, grid = false } = {},
): Promise<Record<string, number>> {
  const fed = withFedConstants(given, constants)
  const inputs: Inputs = Object.fromEntries(
    fed.inputs.map((name, i) => {
      const shape = sizesOf(fed, name)
      const held = given.constants.get(name)
      const data = held ? Float32Array.from(readFloats(held)) : sample(elementsOf(shape), i, spread, grid)
      return [name, { data, shape }]
    }),
  )
  const [output] = fed.outputs
  const shape = sizesOf(fed, output!)
  const seed = { data: sample(elementsOf(shape), 77, 1, false), shape }
  const seeded = withValue({ ...fed, inputs: [...fed.inputs, 'seed'] }, { name: 'seed', dtype: 'f32', shape })
  const made = differentiate(seeded, { of: fed.inputs, seeds: new Map([[output!, 'seed']]) })
  await using backward = await openHostModel(made.graph)
  await using forward = await openHostModel(fed)
  const found = await backward.run({ ...inputs, seed })
  const errors: Record<string, number> = {}
  for (const name of fed.inputs) {
    const gradient = found[made.gradients.get(name)!]!
    if (gradient.data.length !== inputs[name]!.data.length) throw new Error(`${name}: gradient of another size`)
    const expected = await differences(forward, inputs, name, output!, seed, step)
    const largest = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-6)
    errors[name] = Math.max(...expected.map((v, i) => Math.abs(v - gradient.data[i]!))) / largest
  }
  return errors
}

/** With `grid`: all different by at least a fifth, so that no step crosses a kink. */
function sample(size: number, seed: number, spread: number, grid: boolean): Float32Array {
  const random = seededRandom(seed + 1)
  if (!grid) return Float32Array.from({ length: size }, () => random.normal() * spread)
  const order = Array.from({ length: size }, (_, i) => i)
  for (let i = size - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return Float32Array.from(order, (i) => (i - size / 2 + 0.5) * 0.2)
}

async function differences(
  model: HostModel,
  inputs: Inputs,
  name: string,
  output: string,
  seed: HostInput,
  step: number,
): Promise<number[]> {
  const { data } = inputs[name]!
  const lossAt = async () => (await model.run(inputs))[output]!.data
  const slope = async (i: number, h: number) => {
    const held = data[i]!
    data[i] = held + h
    const [above, right] = [data[i]!, await lossAt()]
    data[i] = held - h
    const [below, left] = [data[i]!, await lossAt()]
    data[i] = held
    let sum = 0
    for (let k = 0; k < right.length; k++) sum += (right[k]! - left[k]!) * Number(seed.data[k])
    return sum / (above - below)
  }
  const result: number[] = []
  for (let i = 0; i < data.length; i++) result.push((4 * (await slope(i, step)) - (await slope(i, 2 * step))) / 3)
  return result
}
