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
  for (const shape of childrenOf(svg)) draw(canvas, shape, place)
}

interface Place {
  x(value: number): number
  y(value: number): number
  readonly scale: number
}

function draw(canvas: Canvas, shape: Element, place: Place): void {
  const value = (name: string) => Number(shape.attributes[name] ?? 0)
  const fill = colourOfClasses(classesOf(shape)) ?? black
  switch (shape.name) {
    case 'line': {
      const ends = [
        [place.x(value('x1')), place.y(value('y1'))],
        [place.x(value('x2')), place.y(value('y2'))],
      ] as const
      return canvas.line(ends, faint, 0.5)
    }
    case 'rect': {
      const [width, height] = [value('width') * place.scale, value('height') * place.scale]
      return canvas.rectangle(place.x(value('x')), place.y(value('y')), width, height, fill)
    }
    case 'circle':
      return canvas.circle(place.x(value('cx')), place.y(value('cy')), value('r') * place.scale, fill)
    case 'polyline': {
      const points = (shape.attributes.points ?? '').split(' ').filter((pair) => pair !== '')
      const path = points
        .map((pair) => pair.split(',').map(Number))
        .map(([x = 0, y = 0]) => [place.x(x), place.y(y)] as const)
      return path.length > 1 ? canvas.line(path, grey, 0.8, '3 2') : undefined
    }
    case 'text':
      return drawText(canvas, shape, place)
  }
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
  const at = [place.x(x ?? 0) - shift * Math.cos(turn), place.y(y ?? 0) + shift * Math.sin(turn)] as const
  canvas.text(at[0], at[1], text, { font: 'regular', size, colour }, turn)
}
