import type { FakeRoutes } from '../fake-state.ts'

export function fakeExport(os: FakeRoutes) {
  const nothing = { code: 'usage.invalid', message: 'This host exports no graph.', next: 'Use a real one.', data: {} }
  return {
    graph: os.export.graph.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: nothing })
    }),
    outputs: os.export.outputs.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: nothing })
    }),
    graphFiles: os.export.graphFiles.handler(() => []),
    readGraph: os.export.readGraph.handler(({ errors }) => {
      throw errors.APP_ERROR({ data: nothing })
    }),
    discardGraph: os.export.discardGraph.handler(() => {}),
    library: os.export.library.handler(({ input }) => ({
      fileName: `${input.name ?? 'model'}-${input.as}.zip`,
      mediaType: 'application/zip',
      data: new Blob(['PK'], { type: 'application/zip' }),
    })),
  }
}
