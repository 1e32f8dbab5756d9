import type { Api } from '../../src-main/contract/contract.ts'
import type { ProjectId } from '../../src-main/contract/ids.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { passText } from '../i18n/passes.ts'
import type { Catalogue } from './catalogue.svelte.ts'
import { fieldsOf } from './pass-fields.ts'
import { Resource } from './resource.svelte.ts'
import { labelKey, type PassNames, type RunChanges, recipeLabels, runChanges } from './run-changes.ts'

/** The recipes that a project's runs were made with: what they are called, and what sets them apart. */
export class RecipeBook {
  readonly #recipes
  readonly #bySha
  readonly #names: PassNames
  readonly #labels: ReadonlyMap<string, string>

  /** @param runs newest first */
  constructor(api: Api, catalogue: Catalogue, project: ProjectId, runs: () => readonly RunSummary[]) {
    this.#recipes = new Resource(() => api.runs.recipes({ project }))
    this.#bySha = $derived(new Map((this.#recipes.value ?? []).map(({ sha256, recipe }) => [sha256, recipe])))
    this.#names = $derived(passNames(catalogue))
    this.#labels = $derived(recipeLabels(runs(), this.#bySha, this.#names))
  }

  async load(): Promise<void> {
    await this.#recipes.load()
  }

  label(run: Pick<RunSummary, 'recipeName' | 'recipeSha256'>): string {
    return this.#labels.get(labelKey(run)) ?? run.recipeName
  }

  changes(before: RunSummary, after: RunSummary): RunChanges {
    return runChanges(before, after, this.#bySha, this.#names)
  }
}

function passNames({ passes }: Catalogue): PassNames {
  const known = new Map(
    (passes.value ?? []).map(({ name, title, params }) => [name, { title, fields: fieldsOf(params) }]),
  )
  const field = (pass: string, name: string) => known.get(pass)?.fields.find((each) => each.name === name)
  return {
    title: (pass) => passText.title(pass, known.get(pass)?.title ?? pass),
    field: (pass, name) => passText.field(pass, name, field(pass, name)?.title ?? name),
    isDefault: (pass, name, value) => JSON.stringify(field(pass, name)?.initial) === JSON.stringify(value),
  }
}
