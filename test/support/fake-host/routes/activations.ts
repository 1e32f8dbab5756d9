import { sampleActivations } from '../../sample-activations.ts'
import type { FakeRoutes, FakeState } from '../fake-state.ts'

export function fakeActivations(os: FakeRoutes, fake: FakeState) {
  const known = (run: string | undefined) => run ?? ''
  return {
    start: os.activations.start.handler(({ input }) => {
      // A job that is held shows its progress; others are over before anybody asks.
      if (fake.holdBefore !== null) return { job: fake.startJob(null, 'verify').id }
      fake.activations.set(known(input.run), sampleActivations(input.run ?? null))
      return { job: null }
    }),
    find: os.activations.find.handler(({ input }) => fake.activations.get(known(input.run)) ?? null),
    running: os.activations.running.handler(() => ({ job: null })),
  }
}
