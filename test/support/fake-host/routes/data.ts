import type { FakeRoutes, FakeState } from '../fake-state.ts'
import { fakeEffect, fakeFit, fakeSplits } from '../fake-views.ts'

export function fakeData(os: FakeRoutes, fake: FakeState) {
  return {
    list: os.data.list.handler(() => fake.data),
    get: os.data.get.handler(({ input }) => fake.data.find((set) => set.id === input.id)!),
    add: os.data.add.handler(({ input }) => {
      const name = input.source.kind === 'upload' ? fake.firstPath(input.source.upload) : 'data.npz'
      const set = fake.addData(name, input.preprocess)
      if (input.project) fake.change(input.project, { dataSetId: set.id })
      return set
    }),
    setPreprocess: os.data.setPreprocess.handler(({ input }) => {
      fake.data = fake.data.map((set) => (set.id === input.id ? { ...set, preprocess: input.preprocess } : set))
      return fake.data.find((set) => set.id === input.id)!
    }),
    preview: os.data.preview.handler(({ input }) => fake.preview(input.id, input.first, input.count)),
    effect: os.data.effect.handler(({ input }) => fakeEffect(fake.dataSet(input.id), input.index, input.preprocess)),
    splits: os.data.splits.handler(({ input }) => fakeSplits(fake.dataSet(input.id), input.seed)),
    fit: os.data.fit.handler(({ input }) => {
      const set = fake.dataSet(input.id)
      return fakeFit(set, fake.model(input.model), input.preprocess ?? set.preprocess)
    }),
    remove: os.data.remove.handler(() => {}),
  }
}
