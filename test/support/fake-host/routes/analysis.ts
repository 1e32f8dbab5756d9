import { sampleSensitivity } from '../../sample-sensitivity.ts'
import type { FakeRoutes, FakeState } from '../fake-state.ts'

export function fakeAnalysis(os: FakeRoutes, fake: FakeState) {
  return {
    start: os.analysis.start.handler(() => {
      fake.sensitivity = sampleSensitivity()
      return { job: null }
    }),
    running: os.analysis.running.handler(() => ({ job: null })),
    sensitivity: os.analysis.sensitivity.handler(() => fake.sensitivity),
    divergence: os.analysis.divergence.handler(({ errors }) => {
      throw errors.APP_ERROR({
        data: { code: 'usage.invalid', message: 'Nothing to compare.', next: 'Use a real host.', data: {} },
      })
    }),
  }
}
