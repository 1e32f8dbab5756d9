// What is done to a layer to see how much it minds: each is one step of a recipe, taken by an existing pass.
import { type Note, say } from '../base/note.ts'
import { passByName } from '../passes/registry.ts'

export interface Method {
  readonly name: string
  readonly title: Note
  readonly description: Note
  readonly step: { readonly pass: string; readonly params: Readonly<Record<string, unknown>> }
}

const valuesText = {
  ternary: say`Weights of three values, one of them 0`,
  binary: say`Weights of two values, one positive and one negative`,
}

/** Rounding to nearest, which needs no data and gives the least that a layer can do; better rounding only helps. */
const bits = (name: string, title: Note, value: number | 'ternary' | 'binary'): Method => ({
  name,
  title,
  description: say`${typeof value === 'number' ? say`Weights of ${value} bits` : valuesText[value]}, rounded to nearest, one scale for each output channel.`,
  step: { pass: 'quantize-weights', params: { bits: value, method: 'nearest', correctInputs: false, sweeps: 0 } },
})

const pruned = (percent: number): Method => ({
  name: `prune${percent}`,
  title: say`${percent} % zero`,
  description: say`The ${percent} % of the weights of the smallest magnitude are zero.`,
  step: { pass: 'prune-magnitude', params: { sparsity: percent / 100, minElements: 0 } },
})

const known: readonly Method[] = [
  bits('w8', say`8 bit`, 8),
  bits('w4', say`4 bit`, 4),
  bits('w3', say`3 bit`, 3),
  bits('w2', say`2 bit`, 2),
  bits('ternary', say`ternary`, 'ternary'),
  bits('binary', say`binary`, 'binary'),
  pruned(50),
  pruned(75),
  pruned(90),
  {
    name: 'prune2of4',
    title: say`2 of 4`,
    description: say`Of every four weights in a row the two largest stay.`,
    step: { pass: 'prune-nm', params: { n: 2, m: 4, score: 'magnitude', minElements: 0 } },
  },
  {
    name: 'codebook16',
    title: say`16 values`,
    description: say`Weights share 16 values, found by k-means.`,
    step: {
      pass: 'share-weights',
      params: { k: 16, weighting: 'none', compensate: false, scope: 'layer', minElements: 0 },
    },
  },
]

/** Those whose pass is there and takes the parameters. */
export const methods = (): readonly Method[] =>
  known.filter(({ step }) => passByName(step.pass)?.params.safeParse(step.params).success === true)

export function methodsNamed(names: readonly string[] | null): readonly Method[] {
  return names === null ? methods() : methods().filter(({ name }) => names.includes(name))
}
