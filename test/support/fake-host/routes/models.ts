import type { FakeRoutes, FakeState } from '../fake-state.ts'
import { fakeDifference, fakeGraph, fakeHistogram } from '../fake-views.ts'

export function fakeModels(os: FakeRoutes, fake: FakeState) {
  return {
    list: os.models.list.handler(() => fake.models),
    get: os.models.get.handler(({ input }) => fake.models.find((model) => model.id === input.id)!),
    add: os.models.add.handler(({ input }) => {
      const model = fake.addModel(input.source.kind === 'upload' ? fake.firstPath(input.source.upload) : 'model.onnx')
      if (input.project) fake.change(input.project, { modelId: model.id })
      return model
    }),
    outline: os.models.outline.handler(({ input }) => {
      const { weights, devices, ...outline } = fake.analysis(input.id)
      return outline
    }),
    analyze: os.models.analyze.handler(({ input }) => fake.analysis(input.id)),
    watchEstimates: os.models.watchEstimates.handler(async function* ({ input }) {
      yield { fraction: 0.4, estimates: null }
      await fake.estimatesHeld
      const { weights, devices } = fake.analysis(input.id)
      yield { fraction: 1, estimates: { weights, devices, notes: [] } }
    }),
    graph: os.models.graph.handler(({ input }) => fakeGraph(fake.model(input.id).name, fake.graphBlocks)),
    histogram: os.models.histogram.handler(({ input }) =>
      fakeHistogram(input.tensor, input.run !== undefined, input.bins),
    ),
    integers: os.models.integers.handler(({ input }) => ({
      fileName: `${fake.model(input.id).name}.npz`,
      mediaType: 'application/zip',
      data: new Blob(['PK'], { type: 'application/zip' }),
    })),
    runs: os.models.runs.handler(({ input }) => fake.summaries(input.project)),
    difference: os.models.difference.handler(({ input }) => fakeDifference(fake.model(input.a), fake.model(input.b))),
    remove: os.models.remove.handler(() => {}),
  }
}
