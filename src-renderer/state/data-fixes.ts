// What makes data readable that were refused, as records to try again with.
import type { PreprocessRecord } from '../../src-main/contract/data-set.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { t } from '../i18n/locale.ts'

export interface DataFix {
  readonly label: string
  readonly preprocess: PreprocessRecord
}

/** @param tried what the data were read with */
export function dataFixes({ code, data }: ErrorInfo, tried: PreprocessRecord): DataFix[] {
  const texts = (value: unknown) => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [])
  const drop: DataFix = { label: t('data.fixDrop'), preprocess: { ...tried, missing: 'drop' } }
  if (code === 'data.missing') return [{ label: t('data.fixMean'), preprocess: { ...tried, missing: 'mean' } }, drop]
  if (code === 'data.unlabelled') return [drop]
  if (code === 'data.tooLarge' && typeof data.rate === 'number') {
    const { rate } = data
    return [1, 10].map((seconds) => {
      return { label: t('data.fixCut', { seconds }), preprocess: { ...tried, length: rate * seconds } }
    })
  }
  if (code === 'data.unreadable') {
    const label = t('data.fixSkip', { count: Number(data.count) || 1 })
    return [{ label, preprocess: { ...tried, unreadable: 'skip' } }]
  }
  if (code !== 'data.text' || typeof data.column !== 'string') return []
  const columns = texts(data.columns).filter((column) => column !== tried.target)
  return [
    ...(columns.length > 0
      ? [
          {
            label: t('data.fixWithout', { columns: columns.join(', '), count: columns.length }),
            preprocess: { ...tried, without: [...(tried.without ?? []), ...columns] },
          },
        ]
      : []),
    ...columns.slice(0, 3).map((target) => ({
      label: t('data.fixTarget', { column: target }),
      preprocess: { ...tried, target },
    })),
  ]
}
