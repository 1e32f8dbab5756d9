// Why a model cannot take the samples of a data set, and which preprocessing would make it. Every fix that is offered was
// tried: the shape that it gives is one that a run accepts.
import type { PreprocessRecord } from '../contract/data-set.ts'
import type { FitProblem } from '../contract/data-view.ts'
import type { Model } from '../contract/model.ts'
import type { Look } from '../data/look.ts'
import { accepted, preparedShape } from './prepared-shape.ts'
import { soundFixes } from './sound-fixes.ts'

/** What a fit is judged by. */
type FitData = Pick<Look, 'format' | 'count' | 'inputs' | 'labels' | 'targets' | 'classNames' | 'columns' | 'read'>

type Dims = readonly (number | string)[]
type Fix = FitProblem['fixes'][number]

export function fitProblems(model: Model, dataset: FitData, preprocess: PreprocessRecord): FitProblem[] {
  return [
    ...shapeProblems(model, dataset, preprocess),
    ...scaleProblems(model, dataset, preprocess),
    ...labelProblems(model, dataset, preprocess),
    ...valueProblems(dataset),
  ]
}

function shapeProblems(model: Model, dataset: FitData, preprocess: PreprocessRecord): FitProblem[] {
  return model.inputs.flatMap((port): FitProblem[] => {
    const from = model.inputs.length === 1 ? dataset.inputs[0] : dataset.inputs.find(({ name }) => name === port.name)
    if (!from) {
      const found = dataset.inputs.map(({ name }) => name).join(', ')
      return [{ kind: 'input', found, expected: port.name, fatal: true, fixes: [] }]
    }
    if (!port.shape) return []
    const expected = port.shape.slice(1)
    const shape = preparedShape(from.rawShape, preprocess)
    if (shape && accepted(shape, port.shape)) return []
    const isSound = dataset.format === 'audio' || preprocess.rate !== undefined
    const fixes = isSound
      ? soundFixes(from.rawShape, port.shape, preprocess)
      : shapeFixes(from.rawShape, port.shape, preprocess)
    return [
      {
        kind: fixes[0] ? kindOf(fixes[0]) : isSound ? 'sound' : 'shape',
        found: (shape ?? from.rawShape).join(' × '),
        expected: expected.join(' × '),
        fatal: true,
        fixes,
      },
    ]
  })
}

function kindOf({ steps }: Fix): FitProblem['kind'] {
  if (steps.includes('features') || steps.includes('length')) return 'sound'
  if (steps.includes('resize')) return 'size'
  return steps.includes('grey') ? 'channels' : 'layout'
}

/** Each combination of the three changes of shape that helps, without those that contain a smaller one. */
function shapeFixes(rawShape: readonly number[], expected: Dims, preprocess: PreprocessRecord): Fix[] {
  const sizes = targetSizes(expected)
  const layouts = ['nchw', 'nhwc'] as const
  const fixes: Fix[] = []
  for (const resize of [null, ...sizes])
    for (const grey of [false, true])
      for (const layout of [null, ...layouts]) {
        const steps: Fix['steps'] = []
        if (layout) steps.push('layout')
        if (resize) steps.push('resize')
        if (grey) steps.push('grey')
        if (steps.length === 0 || fixes.some((fix) => fix.steps.every((step) => steps.includes(step)))) continue
        const changed: PreprocessRecord = {
          ...preprocess,
          ...(layout ? { layout } : {}),
          ...(resize ? { resize } : {}),
          ...(grey ? { grey: true } : {}),
        }
        const shape = preparedShape(rawShape, changed)
        if (shape && accepted(shape, expected)) fixes.push({ steps, preprocess: changed })
      }
  return fixes.toSorted((a, b) => a.steps.length - b.steps.length)
}

/** Height and width that the model may want: its sizes in order, whichever end the channels are at. */
function targetSizes(expected: Dims): [number, number][] {
  const dims = expected.slice(1).filter((dim): dim is number => typeof dim === 'number')
  if (dims.length === 2) return [[dims[0]!, dims[1]!]]
  if (dims.length !== 3) return []
  const [a, b, c] = dims as [number, number, number]
  return c <= 4
    ? [[a, b]]
    : a <= 4
      ? [[b, c]]
      : [
          [a, b],
          [b, c],
        ]
}

const integerType = /^(u8|i8|u16|i16|i32|uint8|int8)$/

/** Bytes of pictures for a model that takes real numbers were scaled in training, as a rule. */
function scaleProblems(model: Model, dataset: FitData, preprocess: PreprocessRecord): FitProblem[] {
  const [input] = dataset.inputs
  const takesIntegers = model.inputs.some(({ dtype }) => integerType.test(dtype))
  const scaled = preprocess.scale !== undefined || preprocess.std !== undefined
  if (!input || takesIntegers || scaled || dataset.format === 'raw' || !integerType.test(input.dtype)) return []
  const fixes: Fix[] = input.dtype === 'u8' ? [{ steps: ['scale'], preprocess: { ...preprocess, scale: 1 / 255 } }] : []
  return [{ kind: 'integers', found: input.dtype, expected: model.inputs[0]?.dtype ?? 'f32', fatal: false, fixes }]
}

function labelProblems(model: Model, dataset: FitData, preprocess: PreprocessRecord): FitProblem[] {
  const { labels, targets, columns } = dataset
  if (!labels && !targets) {
    const choices = columns?.target === null ? columns.features : []
    const fixes = choices.map((target): Fix => ({ steps: ['target'], preprocess: { ...preprocess, target } }))
    return [{ kind: 'noLabels', found: '', expected: '', fatal: false, fixes }]
  }
  const outputs = model.outputs[0]?.shape?.at(-1)
  if (typeof outputs !== 'number') return []
  if (!labels && targets && outputs > 1 && targets.length === dataset.count)
    return [{ kind: 'regression', found: '1', expected: String(outputs), fatal: false, fixes: [] }]
  if (!labels) return []
  let most = 0
  for (const label of labels) most = Math.max(most, label)
  // One output may be a probability of the second of two classes.
  const classes = outputs === 1 ? 2 : outputs
  if (most >= classes)
    return [{ kind: 'classes', found: String(most), expected: String(classes), fatal: false, fixes: [] }]
  const names = dataset.classNames?.length ?? classes
  return names < classes && !preprocess.classes
    ? [{ kind: 'fewerClasses', found: String(names), expected: String(classes), fatal: false, fixes: [] }]
    : []
}

/** Looked for in the first samples only; a run looks at all. */
const lookedAt = 256

function valueProblems(dataset: FitData): FitProblem[] {
  // Pictures and recordings are made of finite numbers by their readers.
  if (!dataset.read) return []
  const indices = Array.from({ length: Math.min(lookedAt, dataset.count) }, (_, i) => i)
  for (const [name, values] of Object.entries(dataset.read(indices))) {
    const at = values.findIndex((value) => !Number.isFinite(value))
    if (at < 0) continue
    const sample = Math.floor(at / (values.length / indices.length))
    return [{ kind: 'notFinite', found: `${name}[${sample}]: ${values[at]}`, expected: '', fatal: true, fixes: [] }]
  }
  return []
}
