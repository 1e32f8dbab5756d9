import type { FakeRoutes, FakeState } from '../fake-state.ts'

export function fakeUploads(os: FakeRoutes, fake: FakeState) {
  return {
    begin: os.uploads.begin.handler(({ input }) => fake.beginUpload(input.files)),
    chunk: os.uploads.chunk.handler(({ input }) => fake.receive(input.id, input.file, input.offset, input.data)),
    cancel: os.uploads.cancel.handler(() => {}),
  }
}
