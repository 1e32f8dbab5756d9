import type { FakeRoutes } from '../fake-state.ts'
import { at, type FakeState } from '../fake-state.ts'

export function fakeJobs(os: FakeRoutes, fake: FakeState) {
  return {
    list: os.jobs.list.handler(({ input }) =>
      [...fake.jobs.values()]
        .filter((job) => !input.project || job.projectId === input.project)
        .filter(({ state }) => !input.open || state === 'queued' || state === 'running')
        .reverse(),
    ),
    get: os.jobs.get.handler(({ input }) => fake.jobs.get(input.id)!),
    watch: os.jobs.watch.handler(({ input }) => fake.watch(input.id)),
    cancel: os.jobs.cancel.handler(({ input }) => {
      fake.patchJob(input.id, { state: 'cancelled', endedAt: at })
    }),
  }
}
