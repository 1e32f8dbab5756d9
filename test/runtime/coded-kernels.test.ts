// Operators with coded weights: the integers of plain int8, whatever the codec and the mode.
import { expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { readShoe, writeShoe } from '../../src-main/formats/shoe/index.ts'
import { origin } from './cases.ts'
import { codedPlans, storageModes, weightedCase, weightedKinds } from './coded.ts'

const casesPerKind = 60

for (const [k, kind] of weightedKinds.entries()) {
  test(`${kind}: coded weights give what plain ones give`, { timeout: 60_000 }, async () => {
    let compared = 0
    for (let i = 0; i < casesPerKind; i++) {
      const random = seededRandom(70_000 + k * 1000 + i)
      const c = weightedCase(kind, random)
      if (!c) continue
      using plain = await openTwin(writeShoe(c.plan, origin))
      const expected = plain.run(c.inputs)
      for (const { codec, mode, plan } of codedPlans(c.plan, random, { modes: storageModes })) {
        const pack = writeShoe(plan, origin)
        const name = `case ${i}, ${codec} ${mode}, ${plan.tensors.map((t) => `[${t.shape}]`).join(' ')}`
        expect(readShoe(pack).plan, name).toEqual(plan)
        using twin = await openTwin(pack)
        // Twice: what was decoded once must still be there.
        expect([twin.run(c.inputs), twin.run(c.inputs)], name).toEqual([expected, expected])
        compared++
      }
    }
    expect(compared).toBeGreaterThan(casesPerKind)
  })
}
