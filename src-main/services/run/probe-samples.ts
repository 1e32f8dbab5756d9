// Made-up inputs of the right shape, for finding sizes and timing; never for anything that is reported as accuracy.
import { seededRandom } from '../../base/random.ts'
import { memorySamples, type Samples } from '../../engine/samples.ts'
import { elementsOf } from '../../ir/tensor.ts'
import type { InputPort } from './load.ts'

/** Standard normal values; a symbolic dimension after the batch counts as 1. */
export function probePorts(ports: readonly InputPort[], count: number): Samples {
  const random = seededRandom(0)
  return memorySamples(
    Object.fromEntries(
      ports.map(({ name, shape }) => {
        const sizes = (shape ?? [1]).slice(1).map((dim) => (typeof dim === 'number' ? dim : 1))
        const data = Float32Array.from({ length: count * elementsOf(sizes) }, () => random.normal())
        return [name, { data, shape: [count, ...sizes] }]
      }),
    ),
  )
}
