// The drawn graph of one model: layout, what is selected and looked for, and the weights of the selected node.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { ModelId, RunId } from '../../src-main/contract/ids.ts'
import type { ModelGraph } from '../../src-main/contract/model-graph.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'
import type { GraphLayout } from '../graph/geometry.ts'
import { type Direction, search, step } from '../graph/walk.ts'
import { Resource } from './resource.svelte.ts'

const bins = 64

export class GraphPanel {
  readonly graph: Resource<ModelGraph>
  query = $state('')
  readonly #api: Api
  readonly #id: ModelId
  #layout = $state.raw<GraphLayout | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #selected = $state<number | null>(null)
  #matches = $derived.by(() => (this.graph.value ? search(this.graph.value, this.query) : []))

  constructor(api: Api, id: ModelId) {
    this.#api = api
    this.#id = id
    this.graph = new Resource(() => api.models.graph({ id }))
  }

  get layout() {
    return this.#layout
  }
  /** Of the layout; the graph has its own. */
  get error() {
    return this.#error
  }
  get selected() {
    return this.#selected
  }
  get node() {
    return this.#selected === null ? null : (this.graph.value?.nodes[this.#selected] ?? null)
  }
  get matches() {
    return this.#matches
  }

  /** @param place lays it out; the page's own needs a worker */
  async open(
    place: (graph: ModelGraph, signal: AbortSignal) => Promise<GraphLayout>,
    signal: AbortSignal,
  ): Promise<void> {
    this.#error = null
    if (!(await this.graph.load()) || !this.graph.value) return
    try {
      this.#layout = await place(this.graph.value, signal)
    } catch (error) {
      if (!signal.aborted && !isCancelled(error)) this.#error = toErrorInfo(error)
    }
  }

  select(node: number | null): void {
    this.#selected = node
  }

  /** By name, from another part of the screen. @returns its index, null when the graph has none of that name */
  selectByName(name: string): number | null {
    const index = this.graph.value?.nodes.findIndex((node) => node.kind === 'node' && node.name === name) ?? -1
    if (index < 0) return null
    this.#selected = index
    return index
  }

  /** The next match after what is selected, around the end. */
  next(sign: 1 | -1): number | null {
    if (this.#matches.length === 0) return null
    const at = this.#matches.indexOf(this.#selected ?? -1)
    const index = at < 0 ? (sign === 1 ? 0 : this.#matches.length - 1) : at + sign
    this.#selected = this.#matches.at(index % this.#matches.length)!
    return this.#selected
  }

  walk(direction: Direction): number | null {
    const graph = this.graph.value
    if (!graph || !this.#layout || graph.nodes.length === 0) return null
    const to = this.#selected === null ? 0 : step(graph, this.#layout, this.#selected, direction)
    if (to !== null) this.#selected = to
    return to
  }

  histogram(tensor: string, run: RunId | null) {
    return new Resource(() => this.#api.models.histogram({ id: this.#id, tensor, run: run ?? undefined, bins }))
  }
}
