// What the Data screen asks of a data set beyond its facts: preprocessing tried out, how a run divides it, and whether a
// model can take it. A set that is looked at stays open until memory is wanted.
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import type { PreprocessRecord } from '../contract/data-set.ts'
import type { DataFit, DataSplits, PreprocessEffect } from '../contract/data-view.ts'
import type { DataSetId, ModelId } from '../contract/ids.ts'
import type { Dataset } from '../data/dataset.ts'
import { openDataset } from '../data/open.ts'
import { applyPreprocess } from '../data/preprocess.ts'
import type { ServiceContext } from './context.ts'
import { fitProblems, preparedShape } from './data-fit.ts'
import { chosenIndices } from './run/load.ts'
import { calibrationSamples, sharedCalibration } from './run/prepare.ts'

/** Samples that the figures of an effect are of. */
const effectSamples = 32
/** Values of one sample that are sent at the most. */
const sentValues = 1 << 16

export function dataViewsService({ store }: ServiceContext) {
  const opened = new Map<string, WeakRef<Dataset>>()

  function find(id: DataSetId) {
    const found = store.data.get(id)
    if (!found) throw new AppError('store.notFound', { kind: 'data set', id, plural: 'data' })
    return found
  }

  /** As it is stored; pictures of several sizes need their resize to be read at all. */
  async function openRaw(id: DataSetId, resize: PreprocessRecord['resize']): Promise<Dataset> {
    const { tree, file, dataSet } = find(id)
    const open = async (preprocess: PreprocessRecord) => {
      const key = `${tree} ${JSON.stringify(preprocess)}`
      const known = opened.get(key)?.deref()
      if (known) return known
      const dataset = await openDataset(join(store.trees.dir(tree), file), { preprocess })
      opened.set(key, new WeakRef(dataset))
      return dataset
    }
    if (dataSet.format === 'images' && resize) return open({ resize })
    return open({})
  }

  return {
    async effect(id: DataSetId, index: number, preprocess: PreprocessRecord): Promise<PreprocessEffect> {
      const dataset = await openRaw(id, preprocess.resize)
      if (index >= dataset.count)
        throw new AppError('usage.invalid', { problem: `There are ${dataset.count} samples.` })
      const { name, shape } = dataset.inputs[0]!
      const samples = Math.min(effectSamples, dataset.count)
      const indices = [index, ...Array.from({ length: dataset.count }, (_, i) => i).slice(0, samples)]
      const raw = dataset.read(indices)[name]!
      const size = raw.length / indices.length
      const before = indices.map((_, row) => raw.subarray(row * size, (row + 1) * size))
      const prepared = before.map((sample) => applyPreprocess(sample, shape, preprocess))
      const label = dataset.labels?.[index]
      return {
        index,
        label: label === undefined ? null : (dataset.classNames?.[label] ?? String(label)),
        samples,
        before: { shape: [...shape], values: sent(before[0]!), ...figuresOf(before.slice(1)) },
        after: {
          shape: [...prepared[0]!.shape],
          values: sent(prepared[0]!.data),
          ...figuresOf(prepared.slice(1).map(({ data }) => data)),
        },
      }
    },
    async splits(id: DataSetId, seed: number): Promise<DataSplits> {
      const { dataSet } = find(id)
      const dataset = await openRaw(id, dataSet.preprocess.resize)
      return splitsOf(dataset, seed)
    },
    async fit(id: DataSetId, model: ModelId, changed?: PreprocessRecord): Promise<DataFit> {
      const taker = store.models.get(model)
      if (!taker) throw new AppError('store.notFound', { kind: 'model', id: model, plural: 'models' })
      const { dataSet } = find(id)
      const preprocess = changed ?? dataSet.preprocess
      const dataset = await openRaw(id, preprocess.resize)
      return {
        model: taker.model.inputs,
        data: dataset.inputs.map(({ name, rawShape, dtype }) => ({
          name,
          shape: [...(preparedShape(rawShape, preprocess) ?? rawShape)],
          rawShape: [...rawShape],
          dtype,
        })),
        problems: fitProblems(taker.model, dataset, preprocess),
      }
    },
  }
}

const sent = (values: Float32Array) =>
  Array.from(values.subarray(0, sentValues), (value) => Number(value.toPrecision(6)))

function figuresOf(samples: readonly Float32Array[]) {
  let [min, max, sum, squares, count] = [Infinity, -Infinity, 0, 0, 0]
  for (const values of samples)
    for (const value of values) {
      if (value < min) min = value
      if (value > max) max = value
      sum += value
      squares += value * value
      count++
    }
  const mean = sum / count
  return { min, max, mean, std: Math.sqrt(Math.max(0, squares / count - mean * mean)) }
}

/** The same choice that a run makes (run/prepare.ts). */
export function splitsOf({ splits, count, labels }: Dataset, seed: number): DataSplits {
  const everything = () => Uint32Array.from({ length: count }, (_, i) => i)
  const test = splits.test ?? everything()
  const trains = splits.train ?? null
  const source = trains ?? test
  const chosen = chosenIndices(source.length, trains ? calibrationSamples : sharedCalibration(test.length), seed)
  const calibration = chosen ? Uint32Array.from(chosen, (i) => source[i]!) : source
  const measured = new Set(test)
  const part = (indices: Uint32Array) => ({ samples: indices.length, classCounts: labels && countsOf(labels, indices) })
  return {
    seed,
    own: splits.test !== null || trains !== null,
    train: trains && part(trains),
    calibration: part(calibration),
    test: part(test),
    shared: calibration.filter((index) => measured.has(index)).length,
  }
}

function countsOf(labels: Int32Array, indices: Uint32Array): number[] {
  let most = 0
  for (const label of labels) most = Math.max(most, label)
  const counts = new Array<number>(most + 1).fill(0)
  for (const index of indices) counts[labels[index]!]!++
  return counts
}
