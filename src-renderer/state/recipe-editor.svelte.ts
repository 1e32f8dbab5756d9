import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { toErrorInfo } from '../api/error.ts'

const typingPauseMs = 300

/** An own recipe while it is typed: checked by the host after every pause, and kept by `save` whenever it is valid. */
export class RecipeEditor {
  #api: Api
  #save: (text: string) => Promise<void>
  /** null while a preset is chosen. */
  #text = $state<string | null>(null)
  /** The last own recipe that a preset took the place of. */
  #before = $state<string | null>(null)
  #checking = $state(false)
  #error = $state.raw<ErrorInfo | null>(null)
  #passes = $state<number | null>(null)
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
  get passes() {
    return this.#passes
  }

  /** Checks at once. */
  open(text: string): void {
    this.edit(text)
    this.check()
  }

  edit(text: string): void {
    this.#text = text
    this.#checking = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.check(), typingPauseMs)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#before = this.#text ?? this.#before
    this.#text = null
    this.#checking = false
    this.#error = null
  }

  check(): void {
    clearTimeout(this.#timer)
    if (this.#text !== null) void this.#check(this.#text)
  }

  async #check(text: string): Promise<void> {
    this.#checking = true
    const answer = await this.#api.recipes.check({ text }).then(
      (recipe) => ({ passes: recipe.passes.length, error: null }),
      (error: unknown) => ({ passes: null, error: toErrorInfo(error) }),
    )
    // Typed on, or a preset chosen, since it was asked.
    if (text !== this.#text) return
    this.#passes = answer.passes
    this.#error = answer.error
    this.#checking = false
    if (!answer.error) await this.#save(text)
  }
}
