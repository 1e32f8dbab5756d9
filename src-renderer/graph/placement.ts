// What goes between the page and the worker that lays a graph out: numbers alone, which are handed over and not copied, so
// that the page spends no time on them however large the graph is.
import type { ModelGraph } from '../../src-main/contract/model-graph.ts'
import type { GraphLayout, Point } from './geometry.ts'

export interface PlacementRequest {
  /** Width and height of each node. */
  readonly sizes: Float32Array<ArrayBuffer>
  /** Node that each edge comes from, and node that it goes to. */
  readonly ends: Uint32Array<ArrayBuffer>
}

export interface Placement {
  readonly width: number
  readonly height: number
  /** x, y, width and height of each node. */
  readonly boxes: Float32Array<ArrayBuffer>
  /** Of each edge, its first point; one more than there are edges. */
  readonly first: Uint32Array<ArrayBuffer>
  /** x and y of each point. */
  readonly points: Float32Array<ArrayBuffer>
}

export type PlacementAnswer = { readonly placement: Placement } | { readonly problem: string }

export function placementRequest({ nodes, edges }: ModelGraph): PlacementRequest {
  return {
    sizes: Float32Array.from(nodes.flatMap((node) => sizeOf(node))),
    ends: Uint32Array.from(edges.flatMap(({ from, to }) => [from, to])),
  }
}

/** Wide enough for the operator and most of the name, in CSS pixels at full size. */
function sizeOf({ kind, op, name }: ModelGraph['nodes'][number]): [number, number] {
  const characters = Math.max(op.length + 2, Math.min(name.length, 26))
  return [Math.max(88, Math.round(characters * 6.6) + 24), kind === 'node' ? 42 : 28]
}

export function layoutOf({ width, height, boxes, first, points }: Placement): GraphLayout {
  const point = (index: number): Point => ({ x: points[2 * index]!, y: points[2 * index + 1]! })
  return {
    width,
    height,
    boxes: Array.from({ length: boxes.length / 4 }, (_, i) => ({
      ...{ x: boxes[4 * i]!, y: boxes[4 * i + 1]! },
      ...{ width: boxes[4 * i + 2]!, height: boxes[4 * i + 3]! },
    })),
    routes: Array.from({ length: first.length - 1 }, (_, i) =>
      Array.from({ length: first[i + 1]! - first[i]! }, (_, k) => point(first[i]! + k)),
    ),
  }
}
