import type { FakeRoutes } from '../fake-state.ts'

export function fakeExport(os: FakeRoutes) {
  return {
    library: os.export.library.handler(({ input }) => ({
      fileName: `model-${input.as}.zip`,
      mediaType: 'application/zip',
      data: new Blob(['PK'], { type: 'application/zip' }),
    })),
  }
}
