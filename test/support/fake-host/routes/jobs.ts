import { isOpen } from '../../../../src-main/contract/job.ts'
import type { FakeRoutes } from '../fake-state.ts'
import { at, type FakeState } from '../fake-state.ts'

export function fakeJobs(os: FakeRoutes, fake: FakeState) {
  return {
    list: os.jobs.list.handler(({ input }) => {
      if (input.open) fake.jobsAsked.open += 1
      else if (!input.project) fake.jobsAsked.all += 1
      return [...fake.jobs.values()]
        .filter((job) => !input.project || job.projectId === input.project)
        .filter((job) => !input.open || isOpen(job))
        .reverse()
    }),
    get: os.jobs.get.handler(({ input }) => fake.jobs.get(input.id)!),
    watch: os.jobs.watch.handler(({ input }) => fake.watch(input.id)),
    cancel: os.jobs.cancel.handler(({ input }) => {
      fake.patchJob(input.id, { state: 'cancelled', endedAt: at })
    }),
  }
}
