import type { FakeRoutes, FakeState } from '../fake-state.ts'

export function fakeKernels(os: FakeRoutes, fake: FakeState) {
  return {
    state: os.kernels.state.handler(() => fake.kernels),
    test: os.kernels.test.handler(() => ({ job: fake.startJob(null).id })),
    tested: os.kernels.tested.handler(() => []),
    calibrate: os.kernels.calibrate.handler(() => fake.calibrate()),
  }
}
