// Which runs are shown: what is typed, what is chosen, and what lies in the part of the plot that was drawn around.
import type { RunSummary } from '../../src-main/contract/run.ts'
import { sampleGroups, samplesKey } from './evaluation.ts'

export interface RunFilter {
  /** Words that must all occur in names, tags or the note. */
  readonly text: string
  readonly model: string
  readonly recipe: string
  readonly device: string
  readonly tag: string
  /** What samplesKey gives. */
  readonly samples: string
  readonly budgets: 'any' | 'within' | 'over'
  readonly bitExact: 'any' | 'exact' | 'differs'
}

export const noFilter: RunFilter = {
  text: '',
  model: '',
  recipe: '',
  device: '',
  tag: '',
  samples: '',
  budgets: 'any',
  bitExact: 'any',
}

export const isFiltering = (filter: RunFilter) =>
  Object.entries(noFilter).some(([key, none]) => filter[key as keyof RunFilter] !== none)

export function filterRuns(runs: readonly RunSummary[], filter: RunFilter): RunSummary[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  const is = (wanted: string, value: string) => wanted === '' || wanted === value
  return runs.filter(
    (run) =>
      is(filter.model, run.modelName) &&
      is(filter.recipe, run.recipeName) &&
      is(filter.device, run.deviceName) &&
      (filter.samples === '' || filter.samples === samplesKey(run)) &&
      (filter.tag === '' || run.tags.includes(filter.tag)) &&
      (filter.budgets === 'any' || run.withinBudgets === (filter.budgets === 'within')) &&
      (filter.bitExact === 'any' || run.bitExact === (filter.bitExact === 'exact')) &&
      (words.length === 0 || holds(run, words)),
  )
}

function holds(run: RunSummary, words: readonly string[]): boolean {
  const text = `${run.modelName} ${run.recipeName} ${run.deviceName} ${run.tags.join(' ')} ${run.note}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

export type FilterChoice = 'model' | 'recipe' | 'device' | 'tag' | 'samples'

/** What can be chosen, by name. */
export function filterChoices(runs: readonly RunSummary[]): Record<FilterChoice, string[]> {
  const sorted = (values: Iterable<string>) => [...new Set(values)].sort()
  return {
    model: sorted(runs.map((run) => run.modelName)),
    recipe: sorted(runs.map((run) => run.recipeName)),
    device: sorted(runs.map((run) => run.deviceName)),
    tag: sorted(runs.flatMap((run) => run.tags)),
    samples: sampleGroups(runs).map(([run]) => samplesKey(run!)),
  }
}

/** Tags as they are typed: commas between. */
export function readTags(text: string): string[] {
  const tags = text.split(/[,，]/).map((tag) => tag.trim().slice(0, 40))
  return [...new Set(tags.filter(Boolean))].slice(0, 20)
}
