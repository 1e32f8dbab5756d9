// Rounding up or down learned by gradient descent (AdaRound, Nagel et al. 2020, section 3).
import type { Gram, Matrix, Rounded, RoundingOptions } from '../kernels.ts'
import { factorOfRow } from './gptq.ts'
import { quantizeOne } from './grids.ts'

/** Ends of the stretched sigmoid (eq. 23). */
export const stretch = { low: -0.1, high: 1.1 }
/** Adam (Kingma & Ba 2015, algorithm 1). */
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** The regulariser's exponent at an iteration: a half cosine from high to low after the warm-up; null during it. */
export function exponentAt(
  iteration: number,
  { iterations, warmup, beta: [high, low] }: RoundingOptions,
): number | null {
  const start = warmup * iterations
  if (iteration < start) return null
  return low + 0.5 * (high - low) * (1 + Math.cos((Math.PI * (iteration - start)) / (iterations - start)))
}

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v))
const stretched = (v: number) => (stretch.high - stretch.low) * sigmoid(v) + stretch.low
/** The variable whose stretched sigmoid is `h`. */
const variableOf = (h: number) => -Math.log((stretch.high - stretch.low) / (h - stretch.low) - 1)

/** D H Dᵀ of one row. */
function quadratic(d: Float64Array, h: Float32Array): number {
  const n = d.length
  let sum = 0
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += d[i]! * h[i * n + j]! * d[j]!
  return sum
}

/** Rows do not act on each other. A row that ends worse than it would at rounding to nearest is rounded to nearest. */
export function optimizeRounding(w: Matrix, gram: Gram, options: RoundingOptions): Rounded {
  const { rows, columns } = w
  const integers = new Int32Array(rows * columns)
  const samples = Math.max(1, gram.samples)
  let [errorBefore, errorAfter] = [0, 0]
  for (let r = 0; r < rows; r++) {
    const h = factorOfRow(gram, rows, r)
    const values = w.data.subarray(r * columns, (r + 1) * columns)
    const [scale, zeroPoint] = [options.grids.scale[r]!, options.grids.zeroPoint[r]!]
    const nearest = Int32Array.from(values, (value) => quantizeOne(value, scale, zeroPoint, options))
    const learned = learnRow(values, h, samples, scale, zeroPoint, options)
    const errorOf = (q: Int32Array) =>
      quadratic(
        Float64Array.from(values, (value, c) => value - Math.fround(scale * (q[c]! - zeroPoint))),
        h,
      ) / samples
    const [before, after] = [errorOf(nearest), errorOf(learned)]
    integers.set(after <= before ? learned : nearest, r * columns)
    errorBefore += before
    errorAfter += Math.min(before, after)
  }
  return { integers, errorBefore, errorAfter }
}

function learnRow(
  values: Float32Array,
  gram: Float32Array,
  samples: number,
  scale: number,
  zeroPoint: number,
  options: RoundingOptions,
): Int32Array {
  const n = values.length
  const { min, max, iterations } = options
  const isFixed = (c: number) => options.keepZeros && values[c] === 0
  const floors = Float64Array.from(values, (value) => Math.floor(Math.fround(value / scale)) + zeroPoint)
  const v = Float64Array.from(values, (value) => {
    const quotient = Math.fround(value / scale)
    return variableOf(quotient - Math.floor(quotient))
  })
  const [moment, square, difference] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  for (let t = 0; t < iterations; t++) {
    const exponent = exponentAt(t, options)
    for (let c = 0; c < n; c++) {
      const q = Math.max(min, Math.min(max, floors[c]! + Math.max(0, Math.min(1, stretched(v[c]!)))))
      difference[c] = isFixed(c) ? 0 : scale * (q - zeroPoint) - values[c]!
    }
    for (let c = 0; c < n; c++) {
      if (isFixed(c)) continue
      const h = stretched(v[c]!)
      let gradient = 0
      if (h > 0 && h < 1) {
        const q = floors[c]! + h
        if (q >= min && q <= max) {
          for (let k = 0; k < n; k++) gradient += gram[c * n + k]! * difference[k]!
          gradient *= (2 * scale) / samples
        }
        if (exponent !== null) gradient += options.regularization * pull(h, exponent)
        const s = sigmoid(v[c]!)
        gradient *= (stretch.high - stretch.low) * s * (1 - s)
      }
      moment[c] = adam.beta1 * moment[c]! + (1 - adam.beta1) * gradient
      square[c] = adam.beta2 * square[c]! + (1 - adam.beta2) * gradient * gradient
      const [m, s] = [moment[c]! / (1 - adam.beta1 ** (t + 1)), square[c]! / (1 - adam.beta2 ** (t + 1))]
      v[c]! -= (options.learningRate * m) / (Math.sqrt(s) + adam.epsilon)
    }
  }
  return Int32Array.from(values, (_, c) => {
    if (isFixed(c)) return zeroPoint
    return Math.max(min, Math.min(max, floors[c]! + (stretched(v[c]!) >= 0.5 ? 1 : 0)))
  })
}

/** Derivative by h of 1 - |2h - 1|^exponent (eq. 24). */
function pull(h: number, exponent: number): number {
  const x = 2 * h - 1
  return -2 * exponent * Math.sign(x) * Math.abs(x) ** (exponent - 1)
}
