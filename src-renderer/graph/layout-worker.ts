// Runs ELK's layered layout (Sugiyama et al. 1981). ELK brings a worker of its own, which talks in objects; this one stands
// between, so that it is not the page that takes them apart.
import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'
import type { Placement, PlacementAnswer, PlacementRequest } from './placement.ts'

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'POLYLINE',
  'elk.spacing.nodeNode': '24',
  'elk.layered.spacing.nodeNodeBetweenLayers': '32',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.thoroughness': '4',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
}

function toElk({ sizes, ends }: PlacementRequest): ElkNode {
  return {
    id: 'graph',
    layoutOptions: options,
    children: Array.from({ length: sizes.length / 2 }, (_, i) => ({
      ...{ id: `n${i}`, width: sizes[2 * i]!, height: sizes[2 * i + 1]! },
    })),
    edges: Array.from({ length: ends.length / 2 }, (_, i) => ({
      ...{ id: `e${i}`, sources: [`n${ends[2 * i]}`], targets: [`n${ends[2 * i + 1]}`] },
    })),
  }
}

function fromElk({ width = 0, height = 0, children = [], edges = [] }: ElkNode): Placement {
  const routes = edges.map(({ sections }) => {
    const section = sections?.[0]
    return section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : []
  })
  const first = new Uint32Array(routes.length + 1)
  for (const [i, route] of routes.entries()) first[i + 1] = first[i]! + route.length
  return {
    ...{ width, height, first },
    boxes: Float32Array.from(children.flatMap((box) => [box.x ?? 0, box.y ?? 0, box.width ?? 0, box.height ?? 0])),
    points: Float32Array.from(routes.flat().flatMap(({ x, y }) => [x, y])),
  }
}

async function answer(request: PlacementRequest) {
  const elk = new ELK({ workerFactory: () => new Worker(workerUrl) })
  try {
    const placement = fromElk(await elk.layout(toElk(request)))
    const message: PlacementAnswer = { placement }
    postMessage(message, { transfer: [placement.boxes.buffer, placement.first.buffer, placement.points.buffer] })
  } catch (error) {
    const message: PlacementAnswer = { problem: error instanceof Error ? error.message : String(error) }
    postMessage(message)
  }
}

addEventListener('message', ({ data }: MessageEvent<PlacementRequest>) => void answer(data))
