// Which channels of which values are one and the same: removing one means removing all of them (dependency groups, as in
// DepGraph, Fang et al. 2023, section 3). Every index along dimension 1 of a value is a feature; features that must go together
// are joined.
import type { Graph } from '../../ir/graph.ts'

/** Union-find over the features of all values. */
export class Features {
  readonly #base = new Map<string, number>()
  readonly #count = new Map<string, number>()
  readonly #parent: number[] = []
  readonly #frozen = new Set<number>()

  constructor(graph: Graph) {
    for (const { name, shape } of graph.values.values()) {
      const count = shape?.[1]
      if (typeof count !== 'number' || graph.constants.has(name)) continue
      this.#base.set(name, this.#parent.length)
      this.#count.set(name, count)
      for (let i = 0; i < count; i++) this.#parent.push(this.#parent.length)
    }
  }

  /** Features of a value; 0 when it has no dimension 1 of known size. */
  count = (value: string) => this.#count.get(value) ?? 0
  /** What stands for all features that go with this one. */
  of = (value: string, feature: number) => this.#root(this.#base.get(value)! + feature)
  /** By feature, in order. */
  all = (value: string) => Array.from({ length: this.count(value) }, (_, i) => this.of(value, i))
  isFrozen = (root: number) => this.#frozen.has(root)

  join(a: string, featureOfA: number, b: string, featureOfB: number) {
    const [root, other] = [this.of(a, featureOfA), this.of(b, featureOfB)]
    if (root === other) return
    this.#parent[other] = root
    if (this.#frozen.delete(other)) this.#frozen.add(root)
  }

  /** The features stay. */
  freeze(value: string) {
    for (const root of this.all(value)) this.#frozen.add(root)
  }

  #root(id: number): number {
    let at = id
    while (this.#parent[at] !== at) {
      this.#parent[at] = this.#parent[this.#parent[at]!]!
      at = this.#parent[at]!
    }
    return at
  }
}
