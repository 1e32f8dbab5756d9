import { renderReport } from '../../../../src-main/reports/render.ts'
import type { FakeRoutes } from '../fake-state.ts'
import { at, type FakeState } from '../fake-state.ts'

export function fakeReports(os: FakeRoutes, fake: FakeState) {
  return {
    render: os.reports.render.handler(({ input }) => {
      const runs = fake.runs.filter(
        (run) => input.runs?.some((id) => id === run.id) ?? run.project?.id === input.project,
      )
      const data = {
        title: 'Report',
        generatedAt: at,
        producer: 'Shoehorn 0.1.0',
        sections: input.sections,
        language: input.language,
        runs,
      }
      const { fileName, mediaType, content } = renderReport(data, input.format)
      return { fileName, mediaType, data: new Blob([content], { type: mediaType }) }
    }),
    verify: os.reports.verify.handler(({ input }) => {
      const name = input.kind === 'run' ? input.run : input.name
      return { job: fake.startVerification(name).id }
    }),
    verification: os.reports.verification.handler(({ input }) => fake.verifications.get(input.job)!),
    verificationOf: os.reports.verificationOf.handler(
      ({ input }) => [...fake.verifications.values()].findLast((each) => each.name === input.run) ?? null,
    ),
  }
}
