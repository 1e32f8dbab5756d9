// Recipes: which passes, in what order, with what parameters, and a seed. Written as JSON or YAML.
import { type Document, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { canonicalJson, sha256 } from '../base/hash.ts'
import { issueNote } from '../base/issue.ts'
import { joined, type Note, say, sentence } from '../base/note.ts'
import { passByName, passes } from './registry.ts'

const step = z.strictObject({
  pass: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
})

const recipeText = z.strictObject({
  name: z.string().min(1).default('custom'),
  seed: z.int().min(0).max(0xffffffff).default(0),
  passes: z.array(z.preprocess((value) => (typeof value === 'string' ? { pass: value } : value), step)),
})

export interface RecipeStep {
  readonly pass: string
  /** Complete: defaults are filled in. */
  readonly params: Readonly<Record<string, unknown>>
}

export interface Recipe {
  readonly name: string
  readonly seed: number
  readonly passes: readonly RecipeStep[]
}

/** Reads JSON or YAML. Fails with recipe.invalid, naming the line or the place. */
export function parseRecipe(text: string): Recipe {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const [error] = document.errors
  if (error) invalid(say`line ${lines.linePos(error.pos[0]).line}: ${error.message}`)
  return readRecipe(plainValue(document))
}

/** Aliases that unfold beyond reason throw, like the aliases of anchors that are not there. */
function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    return invalid(cause instanceof Error ? cause.message : String(cause))
  }
}

/** The same for a value that is parsed already (from the store or from the interface). */
export function readRecipe(value: unknown): Recipe {
  const parsed = recipeText.safeParse(value)
  if (!parsed.success) return invalid(describeIssues(parsed.error))
  const { name, seed, passes } = parsed.data
  return { name, seed, passes: passes.map(readStep) }
}

function readStep({ pass, params }: RecipeStep, index: number): RecipeStep {
  const known = passByName(pass)
  if (!known)
    invalid(say`passes[${index}].pass: there is no pass "${pass}"; there are ${passes.map((p) => p.name).join(', ')}`)
  const parsed = known.params.safeParse(params)
  if (!parsed.success)
    return invalid(
      sentence('passes[{index}] ({pass}), {problem}', { index, pass, problem: describeIssues(parsed.error, 'params') }),
    )
  return { pass, params: parsed.data as Record<string, unknown> }
}

function describeIssues(error: z.ZodError, root = ''): Note {
  const notes = error.issues.map(({ path, message }) => {
    const place = pathText(root ? [root, ...path] : path) || say`the whole recipe`
    return sentence('{place}: {problem}', { place, problem: issueNote(message) })
  })
  return joined(notes, '; ')
}

const pathText = (path: readonly PropertyKey[]) =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i ? `.${String(key)}` : String(key))).join('')

/** Names a recipe by what it does: equal recipes, whatever their layout or name, hash alike. */
export function recipeSha256(recipe: Recipe): string {
  return sha256(canonicalJson({ seed: recipe.seed, passes: recipe.passes }))
}

export interface Preset {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly recipe: Recipe
}

const folding = [
  'fold-constants',
  // Nodes without effect would stand between the layers that belong together.
  'remove-dead',
  'canonical-activations',
  'canonical-linear',
  'fold-batch-norm',
  'fold-pad',
  'remove-dead',
]

const int8Preset = (name: string, title: string, description: string, method: string): Preset =>
  preset(name, title, description, ['widen-floats', ...folding, { pass: 'quantize-int8', params: { method } }])

/** Few bits for the weights, 8 for activations; biases make up for what shifts. */
const fewBits = (name: string, title: string, description: string, weights: Record<string, unknown>): Preset =>
  preset(name, title, description, [
    'widen-floats',
    ...folding,
    { pass: 'quantize-weights', params: weights },
    'bias-correct',
    'quantize-int8',
  ])

const gptq = 'rounding makes up for its own errors (GPTQ)'
const blocks = 'the rounding of several layers is optimised together'
const ends = 'the first and the last layer have 8 bits'

/** As fewBits, with the weights of a block rounded together. */
const blockwise = (name: string, title: string, description: string, weights: Record<string, unknown>): Preset =>
  preset(name, title, description, [
    'widen-floats',
    ...folding,
    { pass: 'reconstruct-blocks', params: weights },
    'bias-correct',
    'quantize-int8',
  ])

/** Weights that are fewer or alike, then 8 bits. */
const pruned = (name: string, title: string, description: string, ...steps: readonly unknown[]): Preset =>
  preset(name, title, description, ['widen-floats', ...folding, ...steps, 'quantize-int8'])

function preset(name: string, title: string, description: string, steps: readonly unknown[]): Preset {
  let read: Recipe | null = null
  return {
    name,
    title,
    description,
    /** Checked when it is first asked for. */
    get recipe() {
      read ??= readRecipe({ name, passes: steps })
      return read
    },
  }
}

export const presets: readonly Preset[] = [
  preset('float', 'Float', 'Folds what is constant; every weight keeps its full precision.', folding),
  preset(
    'int8',
    '8-bit',
    'Weights and activations in 8 bits; the ranges with the smallest measured error, and biases that make up for shifts.',
    ['widen-floats', ...folding, { pass: 'quantize-int8', params: { correctBiases: true } }],
  ),
  int8Preset('int8-minmax', '8-bit, full range', '8 bits; ranges hold every value seen in calibration.', 'min-max'),
  int8Preset('int8-percentile', '8-bit, percentile', '8 bits; the rarest large values are cut off.', 'percentile'),
  int8Preset('int8-mse', '8-bit, squared error', '8 bits; ranges with the least squared rounding error.', 'mse'),
  int8Preset('int8-kl', '8-bit, entropy', '8 bits; ranges that keep the distribution best (KL divergence).', 'kl'),
  fewBits('w4a8', '4-bit weights', `4 bits a weight, 8 an activation; ${gptq}.`, { bits: 4 }),
  fewBits('w4a8-adaround', '4-bit weights, AdaRound', '4 bits a weight; whether each goes up or down is learned.', {
    bits: 4,
    method: 'adaround',
  }),
  blockwise('w4a8-blocks', '4-bit weights, block by block', `4 bits a weight, 8 an activation; ${blocks}.`, {
    bits: 4,
  }),
  preset('w4a8-nearest', '4-bit weights, plain rounding', '4 bits a weight, each rounded to the nearest.', [
    'widen-floats',
    ...folding,
    { pass: 'quantize-weights', params: { bits: 4, method: 'nearest' } },
    'quantize-int8',
  ]),
  fewBits('w4a8-po2', '4-bit weights, scales powers of two', `4 bits a weight, shifts for scales; ${gptq}.`, {
    bits: 4,
    powerOfTwo: true,
  }),
  fewBits('w4a8-groups', '4-bit weights in groups', `4 bits a weight, a scale for every 32 of a row; ${gptq}.`, {
    bits: 4,
    granularity: 'group',
    groupSize: 32,
  }),
  preset(
    'w4-groups',
    '4-bit weights in groups, activations float',
    '4 bits a weight, a scale for every 128 of a row; needs no samples. For export: no microcontroller computes in float.',
    [
      'widen-floats',
      ...folding,
      {
        pass: 'quantize-weights',
        params: { bits: 4, granularity: 'group', groupSize: 128, groupScales: 'free', method: 'nearest' },
      },
    ],
  ),
  fewBits('w3a8', '3-bit weights', `3 bits a weight; ${gptq}.`, { bits: 3 }),
  fewBits('w2a8', '2-bit weights', `2 bits a weight; ${ends}; ${gptq}.`, { bits: 2, ends: 8 }),
  blockwise('w3a8-blocks', '3-bit weights, block by block', `3 bits a weight; ${blocks}.`, { bits: 3 }),
  blockwise('w2a8-blocks', '2-bit weights, block by block', `2 bits a weight; ${ends}; ${blocks}.`, {
    bits: 2,
    ends: 8,
  }),
  fewBits('ternary', 'Ternary weights', `Each weight is -1, 0 or 1 times its channel's scale; ${ends}.`, {
    bits: 'ternary',
    ends: 8,
  }),
  fewBits('binary', 'Binary weights', `Each weight is -1 or 1 times its channel's scale; ${ends}.`, {
    bits: 'binary',
    ends: 8,
  }),
  preset(
    'int8-pruned',
    '8-bit, half of the weights zero',
    'The half of the weights of each large layer that is closest to zero becomes zero; then 8 bits. Nothing is trained.',
    ['widen-floats', ...folding, { pass: 'prune-magnitude', params: { sparsity: 0.5 } }, 'quantize-int8'],
  ),
  pruned('pruned-50', '8-bit, half of the weights pruned', 'Half of the weights zero, the others adjusted.', {
    pass: 'prune-obs',
    params: { sparsity: 0.5 },
  }),
  pruned('pruned-70', '8-bit, most weights pruned', '70 % of the weights zero, more where they are missed less.', {
    pass: 'prune-obs',
    params: { sparsity: 0.7, allocation: 'error' },
  }),
  pruned('pruned-2-4', '8-bit, 2 of 4 weights', 'Of every four weights two are zero, the others adjusted.', {
    pass: 'prune-nm',
    params: { n: 2, m: 4 },
  }),
  pruned(
    'channels-third',
    '8-bit, a third of the channels removed',
    'A smaller dense network, fitted to the old one.',
    {
      pass: 'prune-channels',
      params: { allocation: 'uniform' },
    },
  ),
  pruned('low-rank', '8-bit, low rank', 'Large dense layers become two thinner ones; then 8 bits.', 'factorize'),
  pruned('codebook-16', '8-bit, 16 weights a layer', 'Each layer has 16 distinct weights: 4 bits each and a table.', {
    pass: 'share-weights',
    params: { k: 16 },
  }),
  pruned(
    'pruned-codebook-16',
    '8-bit, pruned, 16 weights a layer',
    'Half of the weights zero, the others one of 15 values.',
    { pass: 'prune-obs', params: { sparsity: 0.5 } },
    { pass: 'share-weights', params: { k: 16 } },
  ),
]

export function presetRecipe(name: string): Recipe | null {
  return presets.find((candidate) => candidate.name === name)?.recipe ?? null
}

function invalid(problem: Note): never {
  throw new AppError('recipe.invalid', { problem })
}
