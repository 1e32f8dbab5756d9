import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { ExaminedRecipe } from '../../src-main/contract/recipe.ts'
import type { RecipeRecord } from '../../src-main/contract/report.ts'
import { toErrorInfo } from '../api/error.ts'
import type { Step } from './pass-fields.ts'
import { recipeYaml, renamedRecipe } from './recipe-text.ts'

const typingPauseMs = 300
const keptSteps = 100

/** Where a recipe is kept, and how it is called there. */
export interface RecipeHome {
  /** Name of the preset that is chosen while no own recipe is. */
  preset(): string
  choosePreset(name: string): Promise<void>
  save(text: string, name: string, isRename: boolean): Promise<void>
  /** Whether a run was made with a recipe of this name. */
  isUsed(name: string): boolean
  freeName(name: string): string
  /** What is saved next is another recipe. */
  detach(): void
  /** The own recipe that is open was made by mistake. */
  forget(): void
}

interface Past {
  /** null: the preset. */
  readonly text: string | null
  readonly preset: string
  /** Whether the step after it made a new recipe. */
  readonly made: boolean
}

/**
 * An own recipe, as text and as steps: typed text is examined by the host after every pause and gives the steps; changed
 * steps give the text. It is kept by `save` whenever it can be read.
 */
export class RecipeEditor {
  #api: Api
  #home: RecipeHome
  /** null while a preset is chosen. */
  #text = $state<string | null>(null)
  #checking = $state(false)
  #error = $state.raw<ErrorInfo | null>(null)
  #examined = $state.raw<ExaminedRecipe | null>(null)
  /** Steps changed here, until the host has read them. */
  #steps = $state.raw<readonly Step[] | null>(null)
  #past = $state.raw<readonly Past[]>([])
  #isRename = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(api: Api, home: RecipeHome) {
    this.#api = api
    this.#home = home
  }

  get text() {
    return this.#text
  }
  get checking() {
    return this.#checking
  }
  get error() {
    return this.#error
  }
  /** Of the recipe as last found valid. */
  get passes(): number | null {
    return this.#examined?.recipe.passes.length ?? null
  }
  get steps(): readonly Step[] {
    return this.#steps ?? this.#examined?.recipe.passes ?? []
  }
  get name(): string {
    return this.#examined?.recipe.name ?? 'custom'
  }
  /** Steps that cannot stand where they stand. */
  get problems() {
    return this.#error || this.#checking ? [] : (this.#examined?.problems ?? [])
  }
  get canUndo() {
    return this.#past.length > 0
  }

  /** One of the project's own, as it is kept. Checks at once. */
  load(text: string): void {
    this.#show(text)
    this.check()
  }

  /** As load, and what was chosen before comes back with undo. */
  choose(text: string): void {
    this.#remember()
    this.load(text)
  }

  /** A recipe of its own from now on. */
  open(text: string): void {
    this.#remember(true)
    this.#home.detach()
    this.load(text)
  }

  /** From a preset's steps. */
  openCopy(recipe: RecipeRecord): void {
    this.open(recipeYaml(recipe, this.#home.freeName(`own-${recipe.name}`)))
  }

  edit(text: string): void {
    // Typing is one step back to where it began.
    if (!this.#checking) this.#remember()
    this.#show(text)
  }

  /** Steps of a preset, or of a recipe that a run was made with, become another recipe. */
  setSteps(steps: readonly Step[]): void {
    const fromPreset = this.#text === null
    const old = fromPreset ? `own-${this.#home.preset()}` : this.name
    const isNew = fromPreset || this.#home.isUsed(old)
    this.#remember(isNew)
    const name = isNew ? this.#home.freeName(old) : old
    const seed = fromPreset ? 0 : (this.#examined?.recipe.seed ?? 0)
    this.#show(
      recipeYaml({ name, seed, passes: steps.map((step) => ({ ...step, params: { ...step.params } })) }, name, seed),
    )
    this.#steps = steps
    this.check()
  }

  rename(name: string): void {
    if (this.#text === null || !this.#examined || name.trim() === '' || name === this.name) return
    this.#remember()
    this.#isRename = true
    this.#show(renamedRecipe(this.#text, name.trim(), this.#examined.recipe))
    this.check()
  }

  undo(): void {
    const past = this.#past.at(-1)
    if (!past) return
    this.#past = this.#past.slice(0, -1)
    if (past.made) this.#home.forget()
    if (past.text !== null) {
      this.#show(past.text)
      this.check()
      return
    }
    this.#clear()
    void this.#home.choosePreset(past.preset)
  }

  /** For a preset; what was chosen before comes back with undo. */
  close(): void {
    this.#remember()
    this.#clear()
  }

  check(): void {
    clearTimeout(this.#timer)
    if (this.#text !== null) void this.#check(this.#text)
  }

  #remember(made = false): void {
    this.#past = [...this.#past, { text: this.#text, preset: this.#home.preset(), made }].slice(-keptSteps)
  }

  #clear(): void {
    clearTimeout(this.#timer)
    this.#text = null
    this.#steps = null
    this.#checking = false
    this.#error = null
  }

  #show(text: string): void {
    this.#text = text
    this.#steps = null
    this.#checking = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.check(), typingPauseMs)
  }

  async #check(text: string): Promise<void> {
    this.#checking = true
    const answer = await this.#api.recipes.examine({ text }).then(
      (examined) => ({ examined, error: null }),
      (error: unknown) => ({ examined: null, error: toErrorInfo(error) }),
    )
    // Typed on, or a preset chosen, since it was asked.
    if (text !== this.#text) return
    if (answer.examined) {
      this.#examined = answer.examined
      this.#steps = null
    }
    this.#error = answer.error
    this.#checking = false
    if (!answer.examined) return
    const isRename = this.#isRename
    this.#isRename = false
    await this.#home.save(text, answer.examined.recipe.name, isRename)
  }
}
