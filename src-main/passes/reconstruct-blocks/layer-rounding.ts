// The weights of one layer between their grid's points: whether each goes up or down is a variable that is optimised together
// with the scales. Formulas: AdaRound (Nagel et al. 2020, eq. 21 to 25).
import { Adam } from '../../engine/gradient/adam.ts'
import type { Quantization } from '../../ir/graph.ts'
import { scaleIndex } from '../../ir/quantize.ts'

/** Stretch of the sigmoid, so that 0 and 1 are reached. */
const [gamma, zeta] = [-0.1, 1.1]

/** How far a variable begins from the float weight, towards the integer it was given. */
const startShare = 0.8

export interface RoundingStep {
  readonly learningRate: number
  /** Of the logarithm of the scales; 0 leaves them. */
  readonly scaleRate: number
  /** Exponent of the regulariser; null without it. */
  readonly beta: number | null
  /** Weight of the regulariser, as a share of the mean size of the loss's gradient. */
  readonly regularization: number
}

export class LayerRounding {
  readonly #quant: Quantization
  readonly #scaleOf: Uint32Array
  /** The lower of the two integers of each weight. */
  readonly #lower: Float32Array
  /** 1 where a weight can move, 0 where it stays at the lower one. */
  readonly #free: Uint8Array
  readonly #variables: Float32Array
  readonly #logScales: Float32Array
  readonly #adam: Adam
  readonly #scaleAdam: Adam
  readonly #real: Float32Array
  #gradientSize = 0

  /**
   * @param weights real numbers, in the tensor's order, as are the integers to begin with
   * @param keepZeros weights of 0 stay at the zero point
   */
  constructor(
    shape: readonly number[],
    weights: Float32Array,
    integers: ArrayLike<number>,
    quant: Quantization,
    keepZeros: boolean,
  ) {
    const size = weights.length
    const index = scaleIndex(shape, quant)
    this.#quant = quant
    this.#scaleOf = Uint32Array.from({ length: size }, (_, i) => index(i))
    this.#lower = new Float32Array(size)
    this.#free = new Uint8Array(size)
    this.#variables = new Float32Array(size)
    this.#logScales = new Float32Array(quant.scale.length)
    this.#adam = new Adam(size)
    this.#scaleAdam = new Adam(quant.scale.length)
    this.#real = new Float32Array(size)
    for (let i = 0; i < size; i++) this.#begin(i, weights[i]!, integers[i]!, keepZeros && weights[i] === 0)
  }

  #begin(i: number, weight: number, integer: number, fixed: boolean) {
    const { min, max, scale, zeroPoint } = this.#quant
    const s = this.#scaleOf[i]!
    const exact = weight / scale[s]! + zeroPoint[s]!
    if (fixed) {
      this.#lower[i] = integer
      this.#variables[i] = Number.NEGATIVE_INFINITY
      return
    }
    const near = exact >= integer ? integer : integer - 1
    const lower = Math.min(max - 1, Math.max(min, near))
    const share = Math.min(1, Math.max(0, exact - lower))
    this.#lower[i] = lower
    this.#free[i] = 1
    this.#variables[i] = variableOf((1 - startShare) * share + startShare * (integer - lower))
  }

  /** Scales as they are now. */
  get scales(): Float32Array {
    return Float32Array.from(this.#quant.scale, (s, i) => s * Math.exp(this.#logScales[i]!))
  }

  /** Real weights with each between its two integers. The array is used again. */
  soft(): Float32Array {
    const { scales } = this
    for (let i = 0; i < this.#real.length; i++) {
      const s = this.#scaleOf[i]!
      const up = this.#free[i] ? shareOf(this.#variables[i]!) : 0
      this.#real[i] = (this.#lower[i]! + up - this.#quant.zeroPoint[s]!) * scales[s]!
    }
    return this.#real
  }

  /** The integers that are nearer. */
  hard(): Int8Array {
    return Int8Array.from(this.#lower, (lower, i) => lower + (this.#variables[i]! > 0 ? 1 : 0))
  }

  /** Puts every weight at its nearer integer, where it stays; scales go on. */
  settle() {
    for (const [i, v] of this.#variables.entries())
      this.#variables[i] = v > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }

  /** Share of the weights that are not at one of their integers yet. */
  undecided(): number {
    let count = 0
    for (const [i, v] of this.#variables.entries()) if (this.#free[i] && Math.abs(shareOf(v) - 0.5) < 0.49) count++
    return count / this.#variables.length
  }

  /** @param gradient of the loss by the soft weights */
  step(gradient: Float32Array, { learningRate, scaleRate, beta, regularization }: RoundingStep) {
    const { scales } = this
    const byVariable = new Float32Array(gradient.length)
    const byScale = new Float32Array(scales.length)
    let size = 0
    for (let i = 0; i < gradient.length; i++) {
      const s = this.#scaleOf[i]!
      byScale[s]! += gradient[i]! * this.#real[i]!
      byVariable[i] = gradient[i]! * scales[s]!
      size += Math.abs(byVariable[i]!)
    }
    const mean = size / gradient.length
    this.#gradientSize = this.#gradientSize === 0 ? mean : 0.98 * this.#gradientSize + 0.02 * mean
    const weight = beta === null ? 0 : regularization * this.#gradientSize
    for (let i = 0; i < gradient.length; i++) byVariable[i] = this.#chained(i, byVariable[i]!, weight, beta ?? 2)
    this.#adam.step(this.#variables, byVariable, learningRate)
    if (scaleRate > 0) this.#scaleAdam.step(this.#logScales, byScale, scaleRate)
  }

  /** Derivative by the variable: of the loss, and of weight * (1 - |2h - 1|^beta). */
  #chained(i: number, byShare: number, weight: number, beta: number): number {
    if (!this.#free[i]) return 0
    const v = this.#variables[i]!
    const sigmoid = 1 / (1 + Math.exp(-v))
    const share = sigmoid * (zeta - gamma) + gamma
    if (share <= 0 || share >= 1) {
      // Clipped: held there, but let go where the loss pulls back.
      const back = share <= 0 ? byShare < 0 : byShare > 0
      if (!back) return 0
    }
    const centred = 2 * Math.min(1, Math.max(0, share)) - 1
    const pull = -2 * beta * Math.sign(centred) * Math.abs(centred) ** (beta - 1)
    return (byShare + weight * pull) * (zeta - gamma) * sigmoid * (1 - sigmoid)
  }
}

const shareOf = (v: number) => Math.min(1, Math.max(0, (zeta - gamma) / (1 + Math.exp(-v)) + gamma))

/** Inverse of shareOf, a little inside of 0 and 1. */
function variableOf(share: number): number {
  const sigmoid = (Math.min(0.99, Math.max(0.01, share)) - gamma) / (zeta - gamma)
  return Math.log(sigmoid / (1 - sigmoid))
}
