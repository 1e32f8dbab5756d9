import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { ExaminedRecipe } from '../../src-main/contract/recipe.ts'
import { toErrorInfo } from '../api/error.ts'
import type { Step } from './pass-fields.ts'
import { recipeYaml } from './recipe-text.ts'

const typingPauseMs = 300
const keptSteps = 100

/**
 * An own recipe, as text and as steps: typed text is examined by the host after every pause and gives the steps; changed
 * steps give the text. It is kept by `save` whenever it can be read.
 */
export class RecipeEditor {
  #api: Api
  #save: (text: string) => Promise<void>
  /** null while a preset is chosen. */
  #text = $state<string | null>(null)
  /** The last own recipe that a preset took the place of. */
  #before = $state<string | null>(null)
  #checking = $state(false)
  #error = $state.raw<ErrorInfo | null>(null)
  #examined = $state.raw<ExaminedRecipe | null>(null)
  /** Steps changed here, until the host has read them. */
  #steps = $state.raw<readonly Step[] | null>(null)
  #past = $state.raw<readonly string[]>([])
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(api: Api, save: (text: string) => Promise<void>) {
    this.#api = api
    this.#save = save
  }

  get text() {
    return this.#text
  }
  get before() {
    return this.#before
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

  /** Checks at once. */
  open(text: string): void {
    this.#remember()
    this.#write(text)
    this.#steps = null
    this.check()
  }

  edit(text: string): void {
    // Typing is one step back to where it began.
    if (!this.#checking) this.#remember()
    this.#write(text)
    this.#steps = null
  }

  /** @param name of the recipe, where it was a preset until now */
  setSteps(steps: readonly Step[], name: string = this.name): void {
    this.#remember()
    const seed = this.#text === null ? 0 : (this.#examined?.recipe.seed ?? 0)
    this.#write(
      recipeYaml({ name, seed, passes: steps.map((step) => ({ ...step, params: { ...step.params } })) }, name, seed),
    )
    this.#steps = steps
    this.check()
  }

  undo(): void {
    const text = this.#past.at(-1)
    if (text === undefined) return
    this.#past = this.#past.slice(0, -1)
    this.#write(text)
    this.#steps = null
    this.check()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#before = this.#text ?? this.#before
    this.#text = null
    this.#steps = null
    this.#past = []
    this.#checking = false
    this.#error = null
  }

  check(): void {
    clearTimeout(this.#timer)
    if (this.#text !== null) void this.#check(this.#text)
  }

  #remember(): void {
    if (this.#text !== null) this.#past = [...this.#past, this.#text].slice(-keptSteps)
  }

  #write(text: string): void {
    this.#text = text
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
    if (!answer.error) await this.#save(text)
  }
}
