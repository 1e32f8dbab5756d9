// Every kernel in the twin against the plain TypeScript reference, to the last bit.
import { expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { elementsOf } from '../../src-main/ir/tensor.ts'
import { type Case, kindNames, origin, randomCase } from './cases.ts'
import { type Operand, reference } from './reference.ts'

const casesPerKind = 60

function expected({ plan, inputs }: Case): Int8Array {
  const fetch = (index: number): Operand => {
    const { shape, zeroPoint, place } = plan.tensors[index]!
    const port = plan.inputs.findIndex((input) => input.tensor === index)
    return { shape, zero: zeroPoint, data: place.kind === 'constant' ? place.data : inputs[port]! }
  }
  return reference(plan, plan.ops[0]!, fetch)
}

for (const [k, kind] of kindNames.entries()) {
  test(`${kind}: ${casesPerKind} random cases equal the reference`, async () => {
    for (let i = 0; i < casesPerKind; i++) {
      const seed = k * 1000 + i
      const c = randomCase(kind, seededRandom(seed))
      using twin = await openTwin(writeShoe(c.plan, origin))
      const shapes = c.plan.tensors.map((t) => `[${t.shape}]`).join(' ')
      expect(twin.run(c.inputs), `seed ${seed}, ${shapes}`).toEqual([expected(c)])
    }
  })
}

test('results do not depend on what was in the arena before', async () => {
  for (const kind of kindNames) {
    const c = randomCase(kind, seededRandom(77))
    using twin = await openTwin(writeShoe(c.plan, origin))
    const other = c.inputs.map((input) => input.map((v) => ~v))
    const first = twin.run(c.inputs)
    twin.run(other)
    expect(twin.run(c.inputs), kind).toEqual(first)
  }
})

test('runBatch gives what single runs give, inspect gives tensors', async () => {
  const c = randomCase('conv2d', seededRandom(5))
  using twin = await openTwin(writeShoe(c.plan, origin))
  const bytes = elementsOf(c.plan.tensors[c.plan.inputs[0]!.tensor]!.shape)
  const both = new Int8Array(bytes * 2)
  both.set(c.inputs[0]!, 0)
  both.set(
    c.inputs[0]!.map((v) => ~v),
    bytes,
  )
  const singles = [0, 1].map((i) => twin.run([both.subarray(i * bytes, (i + 1) * bytes)])[0]!)
  expect(twin.runBatch([both], 2)).toEqual([Int8Array.from([...singles[0]!, ...singles[1]!])])
  expect(twin.inspect(0, c.plan.ops[0]!.output)).toEqual(singles[1])
})
