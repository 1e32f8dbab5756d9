// Outputs against the truth and against each other, in the words of the report.
import type { CrossQuality, Quality } from '../../contract/report.ts'
import { argmax, auc, classification, regression, tensorError } from '../../data/metrics.ts'
import { firstRows, type Rows } from './outputs.ts'

export interface Truth {
  /** Class of each sample; null without. */
  readonly labels: ArrayLike<number> | null
  /** Real targets, count x width; null without. */
  readonly targets: Float32Array | null
}

export function qualityOf(rows: Rows, truth: Truth): Quality {
  const { labels, targets } = truth
  if (labels) {
    const { perClass, confusion, ...found } = classification(rows.data, labels, rows.width)
    return {
      task: 'classification',
      ...found,
      f1PerClass: perClass.map((quality) => quality.f1),
      auc: auc(rows.data, labels, rows.width),
      confusion: confusion.map((row) => [...row]),
    }
  }
  if (targets) {
    const { rmse, mae } = regression(rows.data, targets)
    return { task: 'regression', n: rows.count, rmse, mae }
  }
  return { task: 'unlabelled', n: rows.count }
}

/** @param other what the rows are compared with; its first rows when it has more */
export function crossOf(rows: Rows, other: Rows): CrossQuality {
  const reference = firstRows(other, rows.count)
  const { rmse, mae, l2r, cosine, sqnrDb, maxAbs } = tensorError(rows.data, reference.data)
  const finite = Number.isFinite(sqnrDb) ? sqnrDb : null
  return { n: rows.count, agreement: agreement(rows, reference), rmse, mae, l2r, cosine, sqnrDb: finite, maxAbs }
}

function agreement(a: Rows, b: Rows): number | null {
  if (a.width < 2) return null
  let same = 0
  for (let i = 0; i < a.count; i++) if (winner(a, i) === winner(b, i)) same++
  return same / a.count
}

const winner = (rows: Rows, i: number) => argmax(rows.data, i * rows.width, rows.width)

/** Percentage points of top-1 that `found` is below `original`; null without classes. */
export function accuracyDrop(found: Quality, original: Quality): number | null {
  if (found.task !== 'classification' || original.task !== 'classification') return null
  return (original.top1 - found.top1) * 100
}
