// Where every node and edge of a graph is drawn. ELK's layered layout (Sugiyama et al. 1981) runs in a worker of its own,
// so that the page stays quick while a large graph is laid out.
import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'
import type { ModelGraph } from '../../src-main/contract/model-graph.ts'
import type { GraphLayout, Point } from './geometry.ts'

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

/** Ends the worker when the signal fires, whatever it is doing. */
export async function layoutGraph(graph: ModelGraph, signal: AbortSignal): Promise<GraphLayout> {
  const elk = new ELK({ workerFactory: () => new Worker(workerUrl) })
  const aborted = Promise.withResolvers<never>()
  const stop = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    const placed = await Promise.race([elk.layout(toElk(graph)), aborted.promise])
    // Unpacking what the worker sent was one task; what is drawn with it is another.
    await new Promise((resolve) => setTimeout(resolve))
    return fromElk(graph, placed)
  } finally {
    signal.removeEventListener('abort', stop)
    elk.terminateWorker()
  }
}

export function toElk(graph: ModelGraph): ElkNode {
  return {
    id: 'graph',
    layoutOptions: options,
    children: graph.nodes.map((node, index) => ({ id: `n${index}`, ...sizeOf(node) })),
    edges: graph.edges.map((edge, index) => ({
      id: `e${index}`,
      sources: [`n${edge.from}`],
      targets: [`n${edge.to}`],
    })),
  }
}

/** Wide enough for the operator and most of the name, in CSS pixels at full size. */
function sizeOf({ kind, op, name }: ModelGraph['nodes'][number]) {
  const characters = Math.max(op.length + 2, Math.min(name.length, 26))
  return { width: Math.max(88, Math.round(characters * 6.6) + 24), height: kind === 'node' ? 42 : 28 }
}

interface Placed {
  readonly width?: number
  readonly height?: number
  readonly children?: readonly {
    readonly x?: number
    readonly y?: number
    readonly width?: number
    readonly height?: number
  }[]
  readonly edges?: readonly {
    readonly sections?: readonly {
      readonly startPoint: Point
      readonly endPoint: Point
      readonly bendPoints?: readonly Point[]
    }[]
  }[]
}

export function fromElk(graph: ModelGraph, placed: Placed): GraphLayout {
  const boxes = graph.nodes.map((_, index) => {
    const { x = 0, y = 0, width = 0, height = 0 } = placed.children?.[index] ?? {}
    return { x, y, width, height }
  })
  const routes = graph.edges.map((_, index) => {
    const section = placed.edges?.[index]?.sections?.[0]
    return section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : []
  })
  return { width: placed.width ?? 0, height: placed.height ?? 0, boxes, routes }
}
