import type { FakeRoutes } from '../fake-state.ts'

const noPacks = {
  code: 'usage.invalid',
  message: 'This host keeps no packs.',
  next: 'Use a real one.',
  data: {},
}

export function fakePacks(os: FakeRoutes) {
  return {
    list: os.packs.list.handler(() => []),
    get: os.packs.get.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noPacks })
    }),
    add: os.packs.add.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noPacks })
    }),
    repack: os.packs.repack.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noPacks })
    }),
    remove: os.packs.remove.handler(() => {}),
    file: os.packs.file.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noPacks })
    }),
    library: os.packs.library.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noPacks })
    }),
    start: os.packs.start.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noPacks })
    }),
    results: os.packs.results.handler(() => []),
    outputs: os.packs.outputs.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noPacks })
    }),
  }
}
