// The colours of the printed page, as the style sheet of the HTML report has them in light.
import type { Colour } from './canvas.ts'

export const black: Colour = [0.106, 0.141, 0.188]
export const grey: Colour = [0.337, 0.38, 0.451]
export const faint: Colour = [0.851, 0.867, 0.89]
export const raised: Colour = [0.957, 0.961, 0.969]

const series: readonly Colour[] = [
  [0.184, 0.435, 0.718],
  [0.753, 0.353, 0.11],
  [0.173, 0.541, 0.388],
  [0.553, 0.31, 0.659],
  [0.659, 0.525, 0.165],
  [0.357, 0.42, 0.502],
]

const named: Readonly<Record<string, Colour>> = {
  muted: grey,
  good: [0.09, 0.443, 0.235],
  bad: [0.702, 0.149, 0.118],
  warn: [0.541, 0.325, 0],
  right: [0.09, 0.443, 0.235],
  wrong: [0.702, 0.149, 0.118],
  measured: [0.09, 0.443, 0.235],
  simulated: [0.043, 0.361, 0.678],
  estimated: [0.541, 0.325, 0],
}

/** Of the last class that has one. */
export function colourOfClasses(classes: readonly string[]): Colour | null {
  const known = classes.flatMap((name) => {
    const number = /^s([1-6])$/.exec(name)?.[1]
    const colour = number ? series[Number(number) - 1] : named[name]
    return colour ? [colour] : []
  })
  return known.at(-1) ?? null
}
