// What the Data screen asks of a data set beyond its facts: samples, preprocessing tried out, how a run divides it, and whether
// a model can take it. Of a folder only the files are decoded that are shown.
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { PreprocessRecord, Sample } from '../contract/data-set.ts'
import type { DataFit, DataSplits, PreprocessEffect } from '../contract/data-view.ts'
import type { DataSetId, ModelId } from '../contract/ids.ts'
import type { Dataset } from '../data/dataset.ts'
import { DatasetCache, type Look, lookAt, type StoredSample } from '../data/look.ts'
import { thinned } from '../data/thin.ts'
import type { ServiceContext } from './context.ts'
import { fitProblems } from './data-fit.ts'
import { preparedShape } from './prepared-shape.ts'
import { chosenIndices } from './run/load.ts'
import { calibrationSamples, sharedCalibration } from './run/prepare.ts'
import { dataOf, storedModel } from './stored-inputs.ts'

/** Samples that the figures of an effect are of. */
const effectSamples = 32
/** Values that all of these have together, at the most: pictures out of a camera are fewer. */
const effectValues = 1 << 25
/** Values of one sample that are looked at for a figure. */
const countedValues = 1 << 16
/** Values of one sample that are sent: of the one that is looked at, and of each of a page. */
const largeValues = 1 << 15
const smallValues = 1 << 13

export function dataViewsService({ store }: ServiceContext) {
  const known = new DatasetCache()

  function look(id: DataSetId, changed?: PreprocessRecord): Promise<Look> {
    const { path, preprocess, sha256 } = dataOf(store, id)
    return lookAt(path, changed ?? preprocess, known, sha256)
  }

  return {
    async preview(id: DataSetId, first: number, count: number): Promise<Sample[]> {
      const set = await look(id)
      const samples: Sample[] = []
      await eachStored(set, first, Math.min(set.count, first + count), (index, stored) => {
        const { shape, data } = stored.prepared()
        const { shape: shown, values } = thinned(shape, data, smallValues)
        samples.push({
          index,
          label: labelOf(set, index),
          file: set.file(index),
          shape: [...shape],
          shown: [...shown],
          values,
        })
      })
      return samples
    },
    async effect(id: DataSetId, index: number, preprocess: PreprocessRecord): Promise<PreprocessEffect> {
      const set = await look(id, preprocess)
      if (index >= set.count) throw new AppError('usage.invalid', { problem: say`There are ${set.count} samples.` })
      const one = await set.stored(index)
      const samples = Math.max(1, Math.min(effectSamples, set.count, Math.floor(effectValues / one.data.length)))
      const [before, after] = [new Figures(), new Figures()]
      await eachStored(set, 0, samples, (_, sample) => {
        before.add(sample.data)
        after.add(sample.prepared().data)
      })
      return {
        index,
        label: labelOf(set, index),
        samples,
        before: stageOf(one, before),
        after: stageOf(one.prepared(), after),
      }
    },
    async splits(id: DataSetId, seed: number): Promise<DataSplits> {
      return splitsOf(await look(id), seed, dataOf(store, id).preprocess)
    },
    async fit(id: DataSetId, model: ModelId, changed?: PreprocessRecord): Promise<DataFit> {
      const { model: taker } = storedModel(store, model)
      const preprocess = changed ?? dataOf(store, id).preprocess
      const set = await look(id, preprocess)
      return {
        model: taker.inputs,
        data: set.inputs.map(({ name, rawShape, dtype }) => ({
          name,
          shape: [...(preparedShape(rawShape, preprocess) ?? rawShape)],
          rawShape: [...rawShape],
          dtype,
        })),
        problems: fitProblems(taker, set, preprocess),
      }
    },
  }
}

/** Files that are decoded at once. */
const atOnce = 4

async function eachStored(set: Look, first: number, end: number, use: (index: number, sample: StoredSample) => void) {
  for (let from = first; from < end; from += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, end - from) }, (_, i) => from + i)
    const samples = await Promise.all(indices.map((index) => set.stored(index)))
    for (const [i, sample] of samples.entries()) use(from + i, sample)
  }
}

function labelOf({ labels, targets, classNames, count }: Look, index: number): string | null {
  const label = labels?.[index]
  if (label !== undefined) return classNames?.[label] ?? String(label)
  return targets && targets.length === count ? String(Number(targets[index]!.toPrecision(6))) : null
}

function stageOf({ shape, data }: { shape: readonly number[]; data: ArrayLike<number> }, figures: Figures) {
  const { shape: shown, values } = thinned(shape, data, largeValues)
  return { shape: [...shape], shown: [...shown], values, ...figures.result() }
}

/** Range, mean and standard deviation of many values; of long samples evenly chosen ones. */
class Figures {
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #sum = 0
  #squares = 0
  #count = 0

  add(values: ArrayLike<number>) {
    const step = Math.max(1, Math.floor(values.length / countedValues))
    for (let i = 0; i < values.length; i += step) {
      const value = values[i]!
      if (value < this.#min) this.#min = value
      if (value > this.#max) this.#max = value
      this.#sum += value
      this.#squares += value * value
      this.#count++
    }
  }

  result() {
    const mean = this.#sum / this.#count
    const std = Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean))
    return { min: this.#min, max: this.#max, mean, std }
  }
}

/** The same choice that a run makes (run/prepare.ts). */
export function splitsOf(
  { splits, count, labels }: Pick<Dataset, 'splits' | 'count' | 'labels'>,
  seed: number,
  { split }: PreprocessRecord,
): DataSplits {
  const everything = () => Uint32Array.from({ length: count }, (_, i) => i)
  const test = splits.test ?? everything()
  const apart = splits.calibration ?? splits.train
  const source = apart ?? test
  const chosen = chosenIndices(source.length, apart ? calibrationSamples : sharedCalibration(test.length), seed)
  const calibration = chosen ? Uint32Array.from(chosen, (i) => source[i]!) : source
  const measured = new Set(test)
  const part = (indices: Uint32Array) => ({ samples: indices.length, classCounts: labels && countsOf(labels, indices) })
  const isOwn = splits.test !== null || apart !== null
  return {
    seed,
    own: isOwn && split === undefined,
    asked: isOwn && split !== undefined,
    train: splits.train && part(splits.train),
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
