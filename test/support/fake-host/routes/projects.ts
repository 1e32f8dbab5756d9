import { AppError } from '../../../../src-main/base/errors.ts'
import { toErrorInfo } from '../../../../src-main/contract/error.ts'
import type { FakeRoutes } from '../fake-state.ts'
import { at, devices, type FakeState } from '../fake-state.ts'

export function fakeProjects(os: FakeRoutes, fake: FakeState) {
  return {
    list: os.projects.list.handler(() =>
      fake.projects.filter((each) => each.deletedAt === null).map((project) => fake.withRuns(project)),
    ),
    get: os.projects.get.handler(({ input }) => fake.withRuns(fake.project(input.id))),
    create: os.projects.create.handler(({ input, errors }) => {
      if (fake.projects.some((project) => project.name === input.name)) {
        throw errors.APP_ERROR({
          message: 'There is a project with this name.',
          data: {
            code: 'store.conflict',
            message: `There is a project called ${input.name}.`,
            next: 'Choose another name.',
            data: {},
          },
        })
      }
      return fake.addProject(input.name, input.device, input.budgets)
    }),
    update: os.projects.update.handler(({ input, errors }) => {
      const { id, ...change } = input
      if (fake.refusesChanges)
        throw errors.APP_ERROR({ data: toErrorInfo(new AppError('store.busy', { name: id, title: 'a test' })) })
      if (fake.projects.some((project) => project.name === input.name && project.id !== id)) {
        throw errors.APP_ERROR({
          data: {
            code: 'store.conflict',
            message: `There is a project called ${input.name} already.`,
            next: 'Choose another name.',
            data: {},
          },
        })
      }
      return fake.change(id, change)
    }),
    duplicate: os.projects.duplicate.handler(({ input }) => {
      const { device, budgets, modelId, dataSetId, recipe } = fake.project(input.id)
      const copy = fake.addProject(input.name, device, budgets)
      return fake.change(copy.id, { modelId, dataSetId, recipe })
    }),
    archive: os.projects.archive.handler(({ input }) =>
      fake.change(input.id, { archivedAt: input.archived ? at : null }),
    ),
    remove: os.projects.remove.handler(({ input, errors }) => {
      const job = [...fake.jobs.values()].find((each) => each.projectId === input.id && each.state === 'running')
      if (job)
        throw errors.APP_ERROR({
          data: toErrorInfo(new AppError('store.busy', { name: fake.project(input.id).name, title: job.title })),
        })
      fake.change(input.id, { deletedAt: new Date().toISOString() })
    }),
    bin: os.projects.bin.handler(() =>
      fake.projects.filter((each) => each.deletedAt !== null).map((project) => fake.withRuns(project)),
    ),
    restore: os.projects.restore.handler(({ input }) => fake.change(input.id, { deletedAt: null })),
    purge: os.projects.purge.handler(({ input }) => fake.drop(input.id)),
    export: os.projects.export.handler(({ input }) => ({
      archive: 'archive-1',
      fileName: `${fake.project(input.id).name}.shoeproject`,
      bytes: 6,
    })),
    readExport: os.projects.readExport.handler(({ input }) => ({ data: new Blob([input.offset < 6 ? 'PK' : '']) })),
    import: os.projects.import.handler(({ input, errors }) => {
      const name = input.source.kind === 'upload' ? fake.firstPath(input.source.upload) : input.source.path
      if (name.includes('damaged'))
        throw errors.APP_ERROR({
          data: toErrorInfo(new AppError('store.notProject', { name, problem: 'project.json is damaged' })),
        })
      const made = fake.addProject(name.replace(/\.shoeproject$/, ''), devices[1]!.id)
      return { project: made, models: 1, dataSets: 1, runs: 2, reused: 1 }
    }),
  }
}
