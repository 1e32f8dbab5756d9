import type { FakeRoutes, FakeState } from '../fake-state.ts'

export function fakeKernels(os: FakeRoutes, fake: FakeState) {
  return {
    state: os.kernels.state.handler(() => fake.kernels),
    calibrate: os.kernels.calibrate.handler(() => fake.calibrate()),
  }
}
