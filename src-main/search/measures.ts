// How far one set of numbers is from another, summed a batch at a time.

export interface ErrorFigures {
  /** 10 log10(signal power / error power); null when there is no error at all. */
  readonly sqnrDb: number | null
  readonly cosine: number
  readonly maxAbs: number
}

export class ErrorSum {
  #signal = 0
  #error = 0
  #length = 0
  #dot = 0
  #maxAbs = 0

  add(found: ArrayLike<number>, reference: ArrayLike<number>): this {
    for (let i = 0; i < reference.length; i++) {
      const [a, r] = [found[i]!, reference[i]!]
      const e = a - r
      this.#error += e * e
      this.#signal += r * r
      this.#length += a * a
      this.#dot += a * r
      if (Math.abs(e) > this.#maxAbs) this.#maxAbs = Math.abs(e)
    }
    return this
  }

  figures(): ErrorFigures {
    const [signal, error, length] = [this.#signal, this.#error, this.#length]
    return {
      sqnrDb: error === 0 ? null : signal === 0 ? silentDb : Math.max(silentDb, 10 * Math.log10(signal / error)),
      cosine: signal === 0 || length === 0 ? Number(signal === length) : this.#dot / Math.sqrt(signal * length),
      maxAbs: this.#maxAbs,
    }
  }
}

/** Instead of minus infinity, where there is error and no signal. */
const silentDb = -200

/**
 * Mean Kullback-Leibler divergence of the found class probabilities from the reference's, in nats a sample.
 * @param logits whether the rows still need a softmax
 */
export function divergence(found: Float32Array, reference: Float32Array, width: number, logits: boolean): number {
  const rows = reference.length / width
  let sum = 0
  for (let row = 0; row < rows; row++) {
    const p = probabilities(reference, row * width, width, logits)
    const q = probabilities(found, row * width, width, logits)
    for (let i = 0; i < width; i++) if (p[i]! > 0) sum += p[i]! * Math.log(p[i]! / Math.max(q[i]!, leastProbability))
  }
  return rows === 0 ? 0 : Math.max(0, sum / rows)
}

/** Keeps a probability of zero, which a rounded softmax gives, from making the divergence infinite. */
const leastProbability = 1e-9

function probabilities(rows: Float32Array, at: number, width: number, logits: boolean): Float64Array {
  const p = Float64Array.from(rows.subarray(at, at + width))
  if (logits) {
    const largest = p.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    for (let i = 0; i < width; i++) p[i] = Math.exp(p[i]! - largest)
  }
  const total = p.reduce((a, b) => a + b, 0) || 1
  return p.map((value) => value / total)
}
