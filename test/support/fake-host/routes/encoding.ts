import type { FakeRoutes } from '../fake-state.ts'

const noEncoding = {
  code: 'usage.invalid',
  message: 'This host encodes nothing.',
  next: 'Use a real one.',
  data: {},
}

export function fakeEncoding(os: FakeRoutes) {
  return {
    start: os.encoding.start.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noEncoding })
    }),
    open: os.encoding.open.handler(() => []),
    list: os.encoding.list.handler(() => []),
    get: os.encoding.get.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noEncoding })
    }),
    read: os.encoding.read.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: noEncoding })
    }),
    remove: os.encoding.remove.handler(() => undefined),
  }
}
