// How a project's next run is asked for, and the project's own recipes, as its record keeps them.
import { type OwnRecipe, type ProjectChoices, type RunOptions, runOptions } from '../../src-main/contract/project.ts'

const pauseMs = 400

const usual: RunOptions = {
  encoding: 'auto',
  seed: null,
  limit: null,
  deviceSamples: null,
  warmup: 2,
  runs: 10,
  calibration: null,
  calibrationLimit: null,
}

export class Choices {
  /** Bound to the fields; may hold what is not valid yet. */
  options = $state<RunOptions>({ ...usual })
  #recipes = $state.raw<readonly OwnRecipe[]>([])
  /** Name of the own recipe that is edited; null: a preset, or one that is not kept yet. */
  #open = $state<string | null>(null)
  #save: (choices: ProjectChoices) => Promise<void>
  #isUsed: (name: string) => boolean
  #kept: RunOptions | null = null
  #isTaken = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param isUsed whether a run was made with a recipe of this name */
  constructor(save: (choices: ProjectChoices) => Promise<void>, isUsed: (name: string) => boolean) {
    this.#save = save
    this.#isUsed = isUsed
  }

  get recipes() {
    return this.#recipes
  }
  get open() {
    return this.#open
  }

  /** From the project's record, once: from then on what is changed here counts. */
  take({ options, recipes }: ProjectChoices, recipe: string): void {
    if (this.#isTaken) return
    this.#isTaken = true
    if (options) this.options = { ...options }
    this.#kept = this.#valid
    this.#recipes = recipes
    this.#open = recipes.find(({ text }) => text === recipe)?.name ?? null
  }

  /** To be called whenever an option has changed; saves after a pause. */
  optionsChanged(): void {
    clearTimeout(this.#timer)
    if (!this.#isTaken || this.#isKept) return
    this.#timer = setTimeout(() => this.flush(), pauseMs)
  }

  /** At once, when the page is left. */
  flush(): void {
    clearTimeout(this.#timer)
    if (!this.#isTaken || this.#isKept) return
    this.#kept = this.#valid
    void this.#save(this.record)
  }

  /** Whether a name would be mistaken for another recipe's. */
  isTaken(name: string): boolean {
    return this.#isUsed(name) || this.#recipes.some((each) => each.name === name)
  }

  freeName(name: string): string {
    if (!this.isTaken(name)) return name
    const base = name.replace(/-\d+$/, '')
    for (let number = 2; ; number++) if (!this.isTaken(`${base}-${number}`)) return `${base}-${number}`
  }

  /**
   * Keeps the edited recipe and gives the record to save. One that a run was made with stays as it is when its name changes,
   * unless it is renamed on purpose.
   */
  keep(text: string, name: string, isRename = false): ProjectChoices {
    const same = this.#recipes.find((each) => each.text === text)
    if (same?.name === name || (same && this.#open === null)) this.#open = same.name
    else {
      const stays = this.#open !== null && this.#open !== name && this.#isUsed(this.#open) && !isRename
      const slot = stays ? -1 : this.#recipes.findIndex((each) => each.name === this.#open)
      const others = this.#recipes.filter((_, index) => index !== slot).map((each) => each.name)
      const kept = { name: labelOf(name, others), text }
      this.#recipes = slot < 0 ? [...this.#recipes, kept] : this.#recipes.with(slot, kept)
      this.#open = kept.name
    }
    return this.record
  }

  /** The text of one of the own recipes, which is edited from now on. */
  select(name: string): string | null {
    const found = this.#recipes.find((each) => each.name === name)
    if (found) this.#open = name
    return found?.text ?? null
  }

  /** What is kept next is a recipe of its own. */
  detach(): void {
    this.#open = null
  }

  /** The open one was made by mistake: unless a run knows it by now, it goes. */
  forget(): void {
    if (this.#open !== null && !this.#isUsed(this.#open)) this.remove(this.#open)
  }

  remove(name: string): ProjectChoices {
    this.#recipes = this.#recipes.filter((each) => each.name !== name)
    if (this.#open === name) this.#open = null
    return this.record
  }

  get #valid(): RunOptions | null {
    const parsed = runOptions.safeParse({
      ...$state.snapshot(this.options),
      limit: this.options.limit ?? null,
      seed: this.options.seed ?? null,
      deviceSamples: this.options.deviceSamples ?? null,
      calibrationLimit: this.options.calibrationLimit ?? null,
    })
    return parsed.success ? parsed.data : this.#kept
  }

  get #isKept(): boolean {
    return JSON.stringify(this.#valid) === JSON.stringify(this.#kept)
  }

  get record(): ProjectChoices {
    return { options: this.#valid, recipes: [...this.#recipes] }
  }
}

function labelOf(name: string, taken: readonly string[]): string {
  const label = name.trim().slice(0, 90) || 'recipe'
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? label : `${label} (${number})`
    if (!taken.includes(candidate)) return candidate
  }
}
