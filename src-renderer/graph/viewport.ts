// Which part of the graph is seen: screen = graph * scale + offset, in CSS pixels.
import type { Box, Point } from './geometry.ts'

export interface Viewport {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

const largestScale = 3
/** Room around the graph when all of it is shown, CSS pixels. */
const margin = 12

/** All of it, never magnified. */
export function fitTo(graph: Size, screen: Size): Viewport {
  const across = (screen.width - 2 * margin) / Math.max(1, graph.width)
  const down = (screen.height - 2 * margin) / Math.max(1, graph.height)
  const scale = Math.max(0.001, Math.min(1, across, down))
  return { scale, x: (screen.width - graph.width * scale) / 2, y: (screen.height - graph.height * scale) / 2 }
}

/** The point under `at` stays where it is. */
export function zoomAt(view: Viewport, at: Point, factor: number, graph: Size, screen: Size): Viewport {
  const smallest = fitTo(graph, screen).scale / 2
  const scale = Math.min(largestScale, Math.max(smallest, view.scale * factor))
  const kept = scale / view.scale
  return { scale, x: at.x - (at.x - view.x) * kept, y: at.y - (at.y - view.y) * kept }
}

export function panBy(view: Viewport, dx: number, dy: number): Viewport {
  return { ...view, x: view.x + dx, y: view.y + dy }
}

/** The box in the middle; small graphs on the screen get to where names can be read. */
export function centreOn(view: Viewport, box: Box, screen: Size, smallestScale: number): Viewport {
  const scale = Math.max(view.scale, smallestScale)
  return {
    scale,
    x: screen.width / 2 - (box.x + box.width / 2) * scale,
    y: screen.height / 2 - (box.y + box.height / 2) * scale,
  }
}

export function toGraph(view: Viewport, at: Point): Point {
  return { x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale }
}

export function visibleBox(view: Viewport, screen: Size): Box {
  const { x, y } = toGraph(view, { x: 0, y: 0 })
  return { x, y, width: screen.width / view.scale, height: screen.height / view.scale }
}

export function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

export const holds = (box: Box, { x, y }: Point): boolean =>
  x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height
