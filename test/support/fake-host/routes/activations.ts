import { sampleActivations } from '../../sample-activations.ts'
import type { FakeRoutes, FakeState } from '../fake-state.ts'

export function fakeActivations(os: FakeRoutes, fake: FakeState) {
  const known = (run: string | undefined) => run ?? ''
  return {
    start: os.activations.start.handler(({ input }) => {
      fake.activations.set(known(input.run), sampleActivations(input.run ?? null))
      return { job: null }
    }),
    find: os.activations.find.handler(({ input }) => fake.activations.get(known(input.run)) ?? null),
    running: os.activations.running.handler(() => ({ job: null })),
  }
}
