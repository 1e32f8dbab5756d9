// One page's drawing, as operators of a content stream. Points from the upper left corner, downwards; PDF counts upwards.
import { cjkTag } from './cjk.ts'
import { type FontName, fontResources, shown, textRuns } from './fonts.ts'

/** Red, green, blue, 0 to 1. */
export type Colour = readonly [number, number, number]

export interface TextStyle {
  readonly font: FontName
  /** Points. */
  readonly size: number
  readonly colour: Colour
}

export const pageSize = { width: 595.28, height: 841.89 }

export class Canvas {
  readonly #operators: string[] = []
  #hasCjk = false

  get content(): string {
    return this.#operators.join('\n')
  }

  get hasCjk(): boolean {
    return this.#hasCjk
  }

  /** @param y of the base line */
  text(x: number, y: number, text: string, { font, size, colour }: TextStyle, turn = 0): void {
    if (text === '') return
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
    const place = [cos, sin, -sin, cos, x, pageSize.height - y].map(number).join(' ')
    const runs = textRuns(shown(text)).map(({ isCjk, literal }) => {
      if (!isCjk) return `/${fontResources[font].tag} ${number(size)} Tf ${literal} Tj`
      this.#hasCjk = true
      // There is no bold of it: its outlines are drawn as well.
      const [before, after] = font === 'bold' ? [`2 Tr ${number(size * 0.03)} w `, ' 0 Tr'] : ['', '']
      return `${before}/${cjkTag} ${number(size)} Tf ${literal} Tj${after}`
    })
    const stroke = font === 'bold' ? `${colourOf(colour)} RG ` : ''
    this.#operators.push(`${stroke}${colourOf(colour)} rg BT ${place} Tm ${runs.join(' ')} ET`)
  }

  rectangle(x: number, y: number, width: number, height: number, colour: Colour): void {
    const place = [x, pageSize.height - y - height, width, height].map(number).join(' ')
    this.#operators.push(`${colourOf(colour)} rg ${place} re f`)
  }

  line(points: readonly (readonly [number, number])[], colour: Colour, width: number, dash = ''): void {
    const path = points
      .map(([x, y], i) => `${number(x)} ${number(pageSize.height - y)} ${i === 0 ? 'm' : 'l'}`)
      .join(' ')
    this.#operators.push(`q ${colourOf(colour)} RG ${number(width)} w [${dash}] 0 d ${path} S Q`)
  }

  circle(x: number, y: number, radius: number, colour: Colour): void {
    // four cubic arcs; 0.5523 is how far their control points stand off
    const [r, k, cy] = [radius, radius * 0.5523, pageSize.height - y]
    const curve = (...values: number[]) => `${values.map(number).join(' ')} c`
    this.#operators.push(
      [
        `${colourOf(colour)} rg ${number(x + r)} ${number(cy)} m`,
        curve(x + r, cy + k, x + k, cy + r, x, cy + r),
        curve(x - k, cy + r, x - r, cy + k, x - r, cy),
        curve(x - r, cy - k, x - k, cy - r, x, cy - r),
        curve(x + k, cy - r, x + r, cy - k, x + r, cy),
        'f',
      ].join(' '),
    )
  }
}

const colourOf = (colour: Colour) => colour.map(number).join(' ')
const number = (value: number) => String(Math.round(value * 100) / 100)
