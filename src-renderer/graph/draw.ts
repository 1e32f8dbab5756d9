// Draws what is seen of a graph. Less is drawn the farther away it is: names need readable size, corners and edges of a
// thousand nodes do not show when each is a few pixels.
import type { ModelGraph } from '../../src-main/contract/model-graph.ts'
import { familyColours, familyOf } from './families.ts'
import type { Box, GraphLayout, Point } from './geometry.ts'
import { overlaps, type Size, type Viewport, visibleBox } from './viewport.ts'

export interface Scene {
  readonly graph: ModelGraph
  readonly layout: GraphLayout
  readonly selected: number | null
  readonly matches: ReadonlySet<number>
}

/** Below these scales names, and rounded boxes with arrows, are left out. */
const textScale = 0.5
const detailScale = 0.22

type Colour = (property: string) => string

export function drawGraph(
  context: CanvasRenderingContext2D,
  scene: Scene,
  view: Viewport,
  screen: Size,
  ratio: number,
) {
  const colour = colourOf(context.canvas)
  const seen = visibleBox(view, screen)
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, context.canvas.width, context.canvas.height)
  context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y)
  drawEdges(context, scene, view, seen, colour)
  for (const [index, box] of scene.layout.boxes.entries())
    if (overlaps(box, seen)) drawNode(context, scene, index, box, view, colour)
}

function colourOf(canvas: HTMLCanvasElement): Colour {
  const style = getComputedStyle(canvas)
  const known = new Map<string, string>()
  return (property) => {
    const value = known.get(property) ?? style.getPropertyValue(property).trim()
    known.set(property, value)
    return value
  }
}

function drawEdges(context: CanvasRenderingContext2D, scene: Scene, view: Viewport, seen: Box, colour: Colour) {
  const { graph, layout, selected } = scene
  const plain = new Path2D()
  const own = new Path2D()
  const isNear = view.scale >= detailScale
  for (const [index, route] of layout.routes.entries()) {
    if (!routeSeen(route, seen)) continue
    const edge = graph.edges[index]!
    const path = edge.from === selected || edge.to === selected ? own : plain
    trace(path, route)
    if (isNear) arrow(path, route)
  }
  context.lineJoin = 'round'
  context.lineWidth = Math.max(1.2, 0.8 / view.scale)
  context.strokeStyle = colour('--line-strong')
  context.stroke(plain)
  context.lineWidth = Math.max(2.2, 1.6 / view.scale)
  context.strokeStyle = colour('--accent')
  context.stroke(own)
}

function routeSeen(route: readonly Point[], seen: Box): boolean {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of route) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return (
    route.length > 1 &&
    left <= seen.x + seen.width &&
    right >= seen.x &&
    top <= seen.y + seen.height &&
    bottom >= seen.y
  )
}

function trace(path: Path2D, route: readonly Point[]) {
  path.moveTo(route[0]!.x, route[0]!.y)
  for (const { x, y } of route.slice(1)) path.lineTo(x, y)
}

function arrow(path: Path2D, route: readonly Point[]) {
  const { x, y } = route.at(-1)!
  path.moveTo(x - 4, y - 6)
  path.lineTo(x, y)
  path.lineTo(x + 4, y - 6)
}

function drawNode(
  context: CanvasRenderingContext2D,
  scene: Scene,
  index: number,
  box: Box,
  view: Viewport,
  colour: Colour,
) {
  const node = scene.graph.nodes[index]!
  const isSelected = scene.selected === index
  const isMatch = scene.matches.has(index)
  const family = colour(familyColours[familyOf(node)])
  if (view.scale < detailScale) {
    const grown = isSelected || isMatch ? 2 / view.scale : 0
    context.fillStyle = isSelected ? colour('--accent') : isMatch ? colour('--warn') : family
    context.fillRect(box.x - grown, box.y - grown, box.width + 2 * grown, box.height + 2 * grown)
    return
  }
  context.beginPath()
  context.roundRect(box.x, box.y, box.width, box.height, node.kind === 'node' ? 5 : box.height / 2)
  context.fillStyle = isSelected ? colour('--accent-soft') : isMatch ? colour('--warn-soft') : colour('--surface')
  context.fill()
  context.lineWidth = isSelected ? 3 : isMatch ? 2.5 : 1.2
  context.strokeStyle = isSelected
    ? colour('--accent')
    : isMatch || node.refusal
      ? colour('--warn')
      : colour('--line-strong')
  context.setLineDash(node.refusal ? [5, 3] : [])
  context.stroke()
  context.setLineDash([])
  context.fillStyle = family
  if (node.kind === 'node') context.fillRect(box.x + 4, box.y + 5, 5, box.height - 10)
  if (view.scale >= textScale) drawText(context, scene, index, box, colour)
}

function drawText(context: CanvasRenderingContext2D, { graph }: Scene, index: number, box: Box, colour: Colour) {
  const { kind, op, name } = graph.nodes[index]!
  const font = getComputedStyle(context.canvas).fontFamily
  context.textBaseline = 'middle'
  context.fillStyle = colour('--text')
  if (kind !== 'node') {
    context.font = `600 12px ${font}`
    context.textAlign = 'center'
    context.fillText(shortened(name), box.x + box.width / 2, box.y + box.height / 2, box.width - 12)
    return
  }
  context.textAlign = 'left'
  context.font = `600 12.5px ${font}`
  context.fillText(op, box.x + 15, box.y + 14, box.width - 20)
  context.font = `11px ${font}`
  context.fillStyle = colour('--muted')
  context.fillText(shortened(name), box.x + 15, box.y + 30, box.width - 20)
}

/** The end of a long name says more than its beginning. */
const shortened = (name: string) => (name.length > 26 ? `…${name.slice(-25)}` : name)

/** The whole graph as a picture, and the part of it that is seen. */
export function drawMinimap(
  context: CanvasRenderingContext2D,
  scene: Scene,
  view: Viewport,
  screen: Size,
  map: Size,
  ratio: number,
) {
  const { layout } = scene
  const colour = colourOf(context.canvas)
  const scale = Math.min(map.width / layout.width, map.height / layout.height)
  const left = (map.width - layout.width * scale) / 2
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, map.width, map.height)
  for (const [index, box] of layout.boxes.entries()) {
    const marked = index === scene.selected || scene.matches.has(index)
    context.fillStyle = marked ? colour('--warn') : colour(familyColours[familyOf(scene.graph.nodes[index]!)])
    const size = { width: Math.max(1, box.width * scale), height: Math.max(1, box.height * scale) }
    context.fillRect(left + box.x * scale, box.y * scale, size.width, size.height)
  }
  const seen = visibleBox(view, screen)
  context.lineWidth = 1.5
  context.strokeStyle = colour('--accent')
  context.strokeRect(left + seen.x * scale, seen.y * scale, seen.width * scale, seen.height * scale)
}
