// The report's own SVG plots on a page: lines, rectangles, circles, polylines and text, and no more than that.
import type { Canvas, Colour } from './canvas.ts'
import { childrenOf, classesOf, type Element, textOf } from './elements.ts'
import { shown, textWidth } from './fonts.ts'
import { black, colourOfClasses, faint, grey } from './palette.ts'

export function figureSize(svg: Element, widest: number): { readonly width: number; readonly height: number } {
  const [, , width = 1, height = 1] = (svg.attributes.viewBox ?? '').split(' ').map(Number)
  const scale = Math.min(0.66, widest / width)
  return { width: width * scale, height: height * scale }
}

export function drawFigure(canvas: Canvas, svg: Element, x: number, y: number, width: number): void {
  const [, , viewWidth = 1] = (svg.attributes.viewBox ?? '').split(' ').map(Number)
  const scale = width / viewWidth
  const place = { x: (value: number) => x + value * scale, y: (value: number) => y + value * scale, scale }
  for (const shape of childrenOf(svg)) shapes[shape.name]?.(canvas, shape, place)
}

interface Place {
  x(value: number): number
  y(value: number): number
  readonly scale: number
}

type Shape = (canvas: Canvas, shape: Element, place: Place) => void

const shapes: Readonly<Record<string, Shape>> = {
  line(canvas, shape, place) {
    const [x1, x2, y1, y2] = values(shape, 'x1', 'x2', 'y1', 'y2')
    canvas.line([at(place, x1, y1), at(place, x2, y2)], faint, 0.5)
  },
  rect(canvas, shape, place) {
    const [x, y, width, height] = values(shape, 'x', 'y', 'width', 'height')
    const [left, top] = at(place, x, y)
    canvas.rectangle(left, top, width * place.scale, height * place.scale, fillOf(shape))
  },
  circle(canvas, shape, place) {
    const [cx, cy, radius] = values(shape, 'cx', 'cy', 'r', 'r')
    const [x, y] = at(place, cx, cy)
    canvas.circle(x, y, radius * place.scale, fillOf(shape))
  },
  polyline(canvas, shape, place) {
    const pairs = (shape.attributes.points ?? '').split(' ').filter((pair) => pair !== '')
    const path = pairs.map((pair) => pair.split(',').map(Number)).map(([x = 0, y = 0]) => at(place, x, y))
    if (path.length > 1) canvas.line(path, grey, 0.8, '3 2')
  },
  text: drawText,
}

const at = ({ x, y }: Place, left: number, top: number) => [x(left), y(top)] as const
const fillOf = (shape: Element) => colourOfClasses(classesOf(shape)) ?? black

function values(shape: Element, ...names: [string, string, string, string]): [number, number, number, number] {
  const value = (name: string) => Number(shape.attributes[name] ?? 0)
  return [value(names[0]), value(names[1]), value(names[2]), value(names[3])]
}

/** CSS gives 11 units to text in plots. */
const textSize = 11

function drawText(canvas: Canvas, shape: Element, place: Place): void {
  const text = shown(textOf(shape).trim())
  const size = textSize * place.scale
  const { transform, 'text-anchor': anchor } = shape.attributes
  const moved = /translate\(([-\d.]+),([-\d.]+)\) rotate\(([-\d.]+)\)/.exec(transform ?? '')
  const [x, y, degrees] = moved
    ? moved.slice(1).map(Number)
    : [Number(shape.attributes.x ?? 0), Number(shape.attributes.y ?? 0), 0]
  const back = anchor === 'end' ? 1 : anchor === 'middle' ? 0.5 : 0
  const turn = (-(degrees ?? 0) * Math.PI) / 180
  const shift = textWidth(text, 'regular', size) * back
  const colour: Colour = colourOfClasses(classesOf(shape)) ?? grey
  const [left, base] = at(place, x ?? 0, y ?? 0)
  canvas.text(
    left - shift * Math.cos(turn),
    base + shift * Math.sin(turn),
    text,
    { font: 'regular', size, colour },
    turn,
  )
}
