// Counted instructions as lines: a base, and more for each bit of zero-order entropy or each weight that is not zero. This is the step
// from the counts of m0.ts to the packer's figures in resources/runtime/decode-costs.json and direct-costs.json.
import type { CodecName } from '../../src-main/codecs/codec.ts'

export interface Point {
  readonly entropyBits: number
  /** Share of weights that are not zero. */
  readonly density: number
  /** For one weight. */
  readonly instructions: number
}

export type CostLine = { readonly base: number; readonly perBit?: number; readonly perNonzero?: number }

/** What a codec's work grows with; nothing for those that do the same for every weight. */
const grows: Partial<Record<CodecName, 'perBit' | 'perNonzero'>> = {
  bitmap: 'perNonzero',
  relative: 'perNonzero',
  huffman: 'perBit',
  rans: 'perBit',
  arithmetic: 'perBit',
}

/** The line with the least sum of squared relative errors whose coefficients are not negative; of equal weights, the mean ratio. */
export function fitCost(codec: CodecName, points: readonly Point[]): CostLine {
  const key = grows[codec]
  const variable = (point: Point) => (key === 'perBit' ? point.entropyBits : key === 'perNonzero' ? point.density : 0)
  // Divided by the count, every observation is 1 and the error is relative.
  const rows = points.map((point) => ({ a: 1 / point.instructions, b: variable(point) / point.instructions }))
  const sum = (of: (row: { a: number; b: number }) => number) => rows.reduce((total, row) => total + of(row), 0)
  const [aa, ab, bb, a, b] = [
    sum((r) => r.a * r.a),
    sum((r) => r.a * r.b),
    sum((r) => r.b * r.b),
    sum((r) => r.a),
    sum((r) => r.b),
  ]
  const determinant = aa * bb - ab * ab
  if (key === undefined || determinant <= 1e-12 * aa * bb) return { base: rounded(a / aa) }
  const base = (a * bb - b * ab) / determinant
  const slope = (b * aa - a * ab) / determinant
  if (base < 0) return { base: 0, [key]: rounded(b / bb) }
  if (slope < 0) return { base: rounded(a / aa) }
  return { base: rounded(base), [key]: rounded(slope) }
}

/** Three digits say all that there is to say. */
const rounded = (value: number) => Number(value.toPrecision(3))

/** Largest relative distance between a count and the line. */
export function worstError({ base, perBit = 0, perNonzero = 0 }: CostLine, points: readonly Point[]): number {
  const errors = points.map(({ entropyBits, density, instructions }) =>
    Math.abs((base + perBit * entropyBits + perNonzero * density) / instructions - 1),
  )
  return Math.max(...errors)
}
