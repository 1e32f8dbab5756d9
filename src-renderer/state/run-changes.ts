// What a run did otherwise than the one before it, and what came of it, in words.
import type { RecipeRecord } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { t } from '../i18n/locale.ts'
import { noteText } from '../i18n/note.ts'
import { formatBytes, formatMs, formatPoints } from '../ui/format.ts'
import { areOfSameSamples, samplesKey, samplesText } from './evaluation.ts'
import { typedText } from './pass-fields.ts'
import { type RecipeDifference, recipeDifferences } from './recipe-difference.ts'

/** How passes and their parameters are called, and which parameters are as the pass takes them by itself. */
export interface PassNames {
  title(pass: string): string
  field(pass: string, name: string): string
  isDefault(pass: string, name: string, value: unknown): boolean
}

export type Recipes = ReadonlyMap<string, RecipeRecord>

export interface RunChanges {
  /** What was asked for otherwise. */
  readonly asked: readonly string[]
  /** What it changed; figures that are equal are left out. */
  readonly came: readonly string[]
}

/** More differences of two recipes than this are not listed: then it is another recipe. */
const listedDifferences = 3

/** A change of the latency that is less is not worth a word, as a share. */
const leastSlower = 0.001

export function runChanges(before: RunSummary, after: RunSummary, recipes: Recipes, names: PassNames): RunChanges {
  return { asked: askedOtherwise(before, after, recipes, names), came: figureChanges(before, after) }
}

function askedOtherwise(before: RunSummary, after: RunSummary, recipes: Recipes, names: PassNames): string[] {
  const keys = [samplesKey(before), samplesKey(after)]
  const otherSamples =
    before.dataSha256 === after.dataSha256
      ? t('changes.samples', { now: samplesText(keys[1]!, keys), before: samplesText(keys[0]!, keys) })
      : t('changes.data')
  return [
    ...(before.modelName === after.modelName ? [] : [t('changes.model', { name: after.modelName })]),
    ...(before.device === after.device ? [] : [t('changes.device', { name: noteText(after.deviceName) })]),
    ...recipeWords(before, after, recipes, names),
    ...(before.encoding === after.encoding || after.encoding === null
      ? []
      : [t('changes.encoding', { goal: t(`compress.goal.${after.encoding}`) })]),
    ...(keys[0] === keys[1] ? [] : [otherSamples]),
  ]
}

function recipeWords(before: RunSummary, after: RunSummary, recipes: Recipes, names: PassNames): string[] {
  if (before.recipeSha256 === after.recipeSha256 && before.recipeName === after.recipeName) return []
  const other =
    before.recipeName === after.recipeName ? t('changes.recipe') : `${before.recipeName} → ${after.recipeName}`
  const [old, now] = [recipes.get(before.recipeSha256 ?? ''), recipes.get(after.recipeSha256 ?? '')]
  if (!old || !now) return [other]
  const differences = recipeDifferences(old, now)
  if (differences.length === 0) return [other]
  if (differences.length > listedDifferences && before.recipeName !== after.recipeName) return [other]
  const listed = differences.slice(0, listedDifferences).map((each) => differenceText(each, names))
  const more = differences.length - listed.length
  return more > 0 ? [...listed, t('changes.more', { count: more })] : listed
}

export function differenceText(difference: RecipeDifference, names: PassNames): string {
  switch (difference.kind) {
    case 'added':
      return ['+', names.title(difference.pass), paramsText(difference, names)].filter(Boolean).join(' ')
    case 'removed':
      return `− ${names.title(difference.pass)}`
    case 'moved':
      return t('changes.moved', { step: names.title(difference.pass) })
    case 'seed':
      return t('changes.seed', { before: difference.before, after: difference.after })
    case 'set': {
      const { pass, name, before, after } = difference
      const values = { before: typedText(before) || '–', after: typedText(after) || '–' }
      return t('changes.set', { step: names.title(pass), field: names.field(pass, name), ...values })
    }
  }
}

const paramsText = ({ pass, params }: { pass: string; params: Readonly<Record<string, unknown>> }, names: PassNames) =>
  Object.entries(params)
    .filter(([name, value]) => !names.isDefault(pass, name, value))
    .map(([name, value]) => `${names.field(pass, name)} ${typedText(value)}`)
    .join(', ')

function figureChanges(before: RunSummary, after: RunSummary): string[] {
  const compared = areOfSameSamples([before, after])
  const drop =
    compared && before.accuracyDrop !== null && after.accuracyDrop !== null
      ? before.accuracyDrop - after.accuracyDrop
      : null
  // Latencies of two devices are no change of either.
  const slower = after.latencyMs - before.latencyMs
  const latency = before.device === after.device && Math.abs(slower) >= before.latencyMs * leastSlower ? slower : null
  return [
    signed(t('ui.budget.flashBytes'), after.flashBytes - before.flashBytes, formatBytes),
    signed(t('ui.budget.ramBytes'), after.ramBytes - before.ramBytes, formatBytes),
    signed(t('ui.budget.latencyMs'), latency, formatMs),
    signed(t('runs.column.accuracy'), drop, formatPoints),
  ].flatMap((each) => each ?? [])
}

function signed(title: string, by: number | null, format: (value: number) => string): string | null {
  if (by === null || format(Math.abs(by)) === format(0)) return null
  return `${title}\u00a0${by > 0 ? '+' : '−'}${format(Math.abs(by))}`
}

/**
 * A name for each recipe of the runs, by its name and hash: where two different ones share a name, the later ones say what they
 * differ in from the first.
 * @param runs newest first
 */
export function recipeLabels(
  runs: readonly RunSummary[],
  recipes: Recipes,
  names: PassNames,
): ReadonlyMap<string, string> {
  const firsts = new Map<string, RunSummary>()
  const labels = new Map<string, string>()
  const taken = new Set<string>()
  for (const run of runs.toReversed()) {
    const key = labelKey(run)
    if (labels.has(key)) continue
    const first = firsts.get(run.recipeName)
    if (!first) firsts.set(run.recipeName, run)
    const label = freeLabel(first ? labelBeside(first, run, recipes, names) : run.recipeName, taken)
    taken.add(label)
    labels.set(key, label)
  }
  return labels
}

export const labelKey = ({ recipeName, recipeSha256 }: Pick<RunSummary, 'recipeName' | 'recipeSha256'>) =>
  `${recipeSha256 ?? ''} ${recipeName}`

function labelBeside(first: RunSummary, run: RunSummary, recipes: Recipes, names: PassNames): string {
  const [old, now] = [recipes.get(first.recipeSha256 ?? ''), recipes.get(run.recipeSha256 ?? '')]
  const differences = old && now ? recipeDifferences(old, now) : []
  const [only] = differences
  return only && differences.length === 1 ? `${run.recipeName} ${differenceText(only, names)}` : run.recipeName
}

function freeLabel(label: string, taken: ReadonlySet<string>): string {
  if (!taken.has(label)) return label
  for (let number = 2; ; number++) if (!taken.has(`${label} (${number})`)) return `${label} (${number})`
}
