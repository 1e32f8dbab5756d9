import type { FakeRoutes, FakeState } from '../fake-state.ts'

export function fakeRuns(os: FakeRoutes, fake: FakeState) {
  return {
    list: os.runs.list.handler(({ input }) => fake.summaries(input.project)),
    page: os.runs.page.handler(({ input }) => {
      fake.partsAsked += 1
      const rows = fake.summaries(input.project)
      return { total: rows.length, rows: rows.slice(input.first, input.first + input.count) }
    }),
    sinceLast: os.runs.sinceLast.handler(({ input }) => {
      const run = fake.summaries(undefined).find(({ id }) => id === input.id)!
      const rows = fake.summaries(run.projectId ?? '')
      const earlier = rows.filter(({ createdAt }) => createdAt < run.createdAt)
      return { run, previous: earlier.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0] ?? null }
    }),
    recipes: os.runs.recipes.handler(({ input }) => {
      const own = fake.runs.filter((run) => run.project?.id === input.project)
      return [
        ...new Map(own.map((run) => [run.recipeSha256, { sha256: run.recipeSha256, recipe: run.recipe }])).values(),
      ]
    }),
    annotate: os.runs.annotate.handler(({ input: { id, ...written } }) => {
      fake.notes.set(id, { ...{ tags: [], note: '' }, ...fake.notes.get(id), ...written })
      return fake.summaries(undefined).find((run) => run.id === id)!
    }),
    disagreements: os.runs.disagreements.handler(({ input }) => fake.disagreements(input)),
    get: os.runs.get.handler(({ input }) => fake.runs.find((run) => run.id === input.id)!),
    start: os.runs.start.handler(({ input }) => {
      fake.requests.push(input)
      return { job: fake.startJob(input.project).id }
    }),
    compare: os.runs.compare.handler(({ input }) => input.ids.map((id) => fake.runs.find((run) => run.id === id)!)),
    remove: os.runs.remove.handler(({ input }) => {
      fake.runs = fake.runs.filter((run) => run.id !== input.id)
    }),
  }
}
