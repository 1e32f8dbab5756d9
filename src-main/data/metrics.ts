// Quality figures from outputs and truth. Pure; rates are from 0 to 1.

export interface ClassQuality {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Samples of this class. */
  readonly support: number
}

export interface Classification {
  readonly n: number
  readonly top1: number
  /** Macro averages over the classes that occur in the truth or among the answers. */
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly perClass: readonly ClassQuality[]
  /** confusion[truth][answer] = count. */
  readonly confusion: readonly (readonly number[])[]
}

/** Index of the largest of `width` values from `at`; the first of equal ones. */
export function argmax(values: ArrayLike<number>, at = 0, width = values.length): number {
  let best = 0
  for (let i = 1; i < width; i++) if (values[at + i]! > values[at + best]!) best = i
  return best
}

/** Class of each row. A single output is the probability of class 1 of two. */
export function answers(outputs: ArrayLike<number>, classes: number): Int32Array {
  const width = Math.max(1, classes)
  return Int32Array.from({ length: Math.floor(outputs.length / width) }, (_, i) =>
    classes === 1 ? Number(outputs[i]! >= 0.5) : argmax(outputs, i * classes, classes),
  )
}

/** `outputs` holds `classes` scores a sample. */
export function classification(outputs: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Classification {
  return classificationOf(answers(outputs, classes), labels, Math.max(2, classes))
}

/** The same from classes already chosen (cross-comparison of two models). */
export function classificationOf(
  answered: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): Classification {
  const n = answered.length
  const size = Math.max(classes, 1 + maxOf(labels, n))
  const confusion = Array.from({ length: size }, () => Array<number>(size).fill(0))
  for (let i = 0; i < n; i++) confusion[labels[i]!]![answered[i]!]!++
  const perClass = confusion.map((row, c) => classQuality(confusion, row, c))
  const present = perClass.filter((q, c) => q.support > 0 || confusion.some((row) => row[c]! > 0))
  const macro = (figure: (q: ClassQuality) => number) =>
    present.length === 0 ? 0 : present.reduce((sum, q) => sum + figure(q), 0) / present.length
  const right = confusion.reduce((sum, row, c) => sum + row[c]!, 0)
  return {
    n,
    top1: n === 0 ? 0 : right / n,
    precision: macro((q) => q.precision),
    recall: macro((q) => q.recall),
    f1: macro((q) => q.f1),
    perClass,
    confusion,
  }
}

function classQuality(confusion: readonly (readonly number[])[], row: readonly number[], c: number): ClassQuality {
  const right = row[c]!
  const support = row.reduce((sum, v) => sum + v, 0)
  const answered = confusion.reduce((sum, r) => sum + r[c]!, 0)
  const precision = answered === 0 ? 0 : right / answered
  const recall = support === 0 ? 0 : right / support
  return { precision, recall, f1: right === 0 ? 0 : (2 * precision * recall) / (precision + recall), support }
}

function maxOf(values: ArrayLike<number>, n: number): number {
  let max = 0
  for (let i = 0; i < n; i++) max = Math.max(max, values[i]!)
  return max
}

/**
 * Area under the ROC curve: for two classes that of the second one's score, for more the mean of each class against the
 * rest (classes that have no sample, or no other, are left out). null when nothing can be ranked, NaN among the scores too.
 */
export function auc(outputs: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number | null {
  const width = Math.max(1, classes)
  const scores = (c: number) => Float64Array.from({ length: labels.length }, (_, i) => outputs[i * width + c]!)
  if (classes <= 2) return rankArea(scores(width - 1), (i) => labels[i] === 1)
  const areas = Array.from({ length: classes }, (_, c) => rankArea(scores(c), (i) => labels[i] === c))
  const known = areas.filter((area) => area !== null)
  return known.length === 0 ? null : known.reduce((sum, area) => sum + area, 0) / known.length
}

/** Mann and Whitney's U over the number of pairs; equal scores count half. */
function rankArea(scores: Float64Array, isPositive: (i: number) => boolean): number | null {
  if (scores.some(Number.isNaN)) return null
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  let positives = 0
  let rankSum = 0
  for (let at = 0; at < order.length; ) {
    let end = at
    while (end < order.length && scores[order[end]!] === scores[order[at]!]) end++
    const meanRank = (at + 1 + end) / 2
    for (; at < end; at++)
      if (isPositive(order[at]!)) {
        positives++
        rankSum += meanRank
      }
  }
  const negatives = order.length - positives
  return positives === 0 || negatives === 0
    ? null
    : (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

export interface Regression {
  readonly n: number
  readonly rmse: number
  readonly mae: number
}

export function regression(outputs: ArrayLike<number>, targets: ArrayLike<number>): Regression {
  const { rmse, mae } = tensorError(outputs, targets)
  return { n: targets.length, rmse, mae }
}

export interface TensorError {
  readonly rmse: number
  readonly mae: number
  /** Length of the error vector over the length of the reference. */
  readonly l2r: number
  readonly cosine: number
  /** 10 log10(signal power / error power); Infinity when there is no error. */
  readonly sqnrDb: number
  readonly maxAbs: number
}

/** How far `actual` is from `reference`. */
export function tensorError(actual: ArrayLike<number>, reference: ArrayLike<number>): TensorError {
  let [error, absolute, maxAbs, signal, length, dot] = [0, 0, 0, 0, 0, 0]
  const n = reference.length
  for (let i = 0; i < n; i++) {
    const [a, r] = [actual[i]!, reference[i]!]
    const e = a - r
    error += e * e
    absolute += Math.abs(e)
    maxAbs = Math.max(maxAbs, Math.abs(e))
    signal += r * r
    length += a * a
    dot += a * r
  }
  return {
    rmse: n === 0 ? 0 : Math.sqrt(error / n),
    mae: n === 0 ? 0 : absolute / n,
    l2r: error === 0 ? 0 : Math.sqrt(error / signal),
    cosine: signal === 0 || length === 0 ? Number(signal === length) : dot / Math.sqrt(signal * length),
    sqnrDb: error === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / error),
    maxAbs,
  }
}
