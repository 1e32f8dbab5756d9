// Steps and their values in words.
import { compress } from '../i18n/en/compress.ts'
import { t } from '../i18n/locale.ts'
import { passText } from '../i18n/passes.ts'
import { type PassField, type Step, typedText } from './pass-fields.ts'
import { type SummaryPart, summaryParts } from './step-fields.ts'

const isChoice = (value: string): value is keyof typeof compress.choice => value in compress.choice

/** A value of a list, as a person says it. */
export const choiceText = (value: string): string => (isChoice(value) ? t(`compress.choice.${value}`) : value)

/** Parameters that are shares of one, and read as percent. */
const shares = { sparsity: 'zeros', share: 'share', energy: 'energy' } as const
const isShare = (name: string): name is keyof typeof shares => name in shares
const isKnownCount = (name: string): name is 'bits' | 'k' | 'size' => ['bits', 'k', 'size'].includes(name)

function partText(pass: string, { field, value }: SummaryPart): string {
  const { name } = field
  if (typeof value === 'number') {
    if (isShare(name)) return t(`compress.sum.${shares[name]}`, { percent: Number((value * 100).toPrecision(3)) })
    if (isKnownCount(name)) return t(`compress.sum.${name}`, { count: value })
  }
  if (field.kind === 'layers' && typeof value === 'object' && value !== null)
    return t('compress.sum.layers', { count: Object.keys(value).length })
  if (typeof value === 'boolean') {
    const title = passText.field(pass, name, field.title)
    return value ? title : t('compress.sum.without', { what: title })
  }
  const word = typeof value === 'string' ? choiceText(value) : typedText(value)
  return (field.kind === 'choice' || name === 'bits') && field.initial !== undefined && isKey(pass, name)
    ? word
    : `${passText.field(pass, name, field.title)} ${word}`
}

/** Words that say what they are without their title. */
const isKey = (pass: string, name: string) =>
  pass !== 'equalize' && ['bits', 'granularity', 'method', 'type'].includes(name)

export function stepSummary(step: Step, fields: readonly PassField[]): string {
  const parts = summaryParts(step, fields)
  const [kept, group] = ['n', 'm'].map((name) => parts.find(({ field }) => field.name === name)?.value)
  const isPair = step.pass === 'prune-nm' && typeof kept === 'number' && typeof group === 'number'
  const others = isPair ? parts.filter(({ field }) => field.name !== 'n' && field.name !== 'm') : parts
  const texts = others.map((part) => partText(step.pass, part))
  return [...(isPair ? [t('compress.sum.pair', { kept, group })] : []), ...texts].join(' · ')
}
