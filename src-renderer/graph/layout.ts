// Where every node and edge of a graph is drawn, found in a worker, so that the page stays quick while a large graph is laid out.
import type { ModelGraph } from '../../src-main/contract/model-graph.ts'
import type { GraphLayout } from './geometry.ts'
import PlacementWorker from './layout-worker.ts?worker'
import { layoutOf, type PlacementAnswer, placementRequest } from './placement.ts'

/** Ends the worker when the signal fires, whatever it is doing. */
export async function layoutGraph(graph: ModelGraph, signal: AbortSignal): Promise<GraphLayout> {
  signal.throwIfAborted()
  const worker = new PlacementWorker()
  const { promise, resolve, reject } = Promise.withResolvers<PlacementAnswer>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  worker.addEventListener('message', ({ data }: MessageEvent<PlacementAnswer>) => resolve(data))
  worker.addEventListener('error', (event) => reject(new Error(event.message)))
  try {
    const request = placementRequest(graph)
    worker.postMessage(request, [request.sizes.buffer, request.ends.buffer])
    const answer = await promise
    if ('problem' in answer) throw new Error(answer.problem)
    return layoutOf(answer.placement)
  } finally {
    signal.removeEventListener('abort', stop)
    worker.terminate()
  }
}
