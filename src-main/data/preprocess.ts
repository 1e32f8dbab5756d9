// What the preprocessing record does to a sample: audio features, resize, grey, scale, mean and standard deviation, layout, in
// that order. Samples of images are [H, W, C], [C, H, W] or [H, W]; recordings are a row of numbers.
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { type PreprocessRecord, preprocessRecord } from '../base/preprocess-record.ts'
import { elementsOf } from '../ir/tensor.ts'
import { featureExtractor } from './features.ts'
import { type Grid, resizeImage, strides } from './resize.ts'

export const preprocessSchema = preprocessRecord
export type Preprocess = PreprocessRecord

export interface Preparer {
  readonly shape: readonly number[]
  /** Writes the prepared sample at out[at...]. */
  write(sample: Float32Array, out: Float32Array, at: number): void
}

type Step = (values: Float32Array) => Float32Array

export function applyPreprocess(sample: Float32Array, shape: readonly number[], preprocess: Preprocess) {
  const prepared = preparer(shape, preprocess)
  const data = new Float32Array(elementsOf(prepared.shape))
  prepared.write(sample, data, 0)
  return { shape: prepared.shape, data }
}

export function preparer(shape: readonly number[], preprocess: Preprocess): Preparer {
  const { scale = 1, mean = 0, std = 1, resize, grey, layout } = preprocess
  const steps: Step[] = []
  let current: { shape: readonly number[]; grid: Grid } = { shape, grid: gridOf(shape) }
  if (preprocess.features) {
    const extractor = extractorFor(shape, preprocess)
    steps.push(extractor.extract)
    current = { shape: extractor.shape, grid: gridOf(extractor.shape) }
  }
  if (resize) {
    const from = image(current, 'resize')
    const to = { ...from, height: resize[0], width: resize[1] }
    if (from.height !== to.height || from.width !== to.width)
      steps.push((values) => resizeImage(values, from, to, preprocess.resizeMode))
    current = { shape: shapeOf(to, current.shape.length), grid: to }
  }
  if (grey && current.grid.channels !== 1) {
    const from = image(current, 'grey')
    if (from.channels < 3) fail(say`grey needs 3 channels, the samples have ${from.channels}`)
    steps.push((values) => greyImage(values, from))
    current = { shape: shapeOf({ ...from, channels: 1 }, 3), grid: { ...from, channels: 1 } }
  }
  if (scale !== 1 || mean !== 0 || std !== 1) steps.push(normalizer(current.grid, scale, mean, std))
  if (layout) {
    const from = image(current, 'layout')
    const to: Grid = { ...from, layout }
    if (from.layout !== layout && from.channels > 1) steps.push((values) => relayout(values, from, to))
    current = { shape: shapeOf(to, 3), grid: to }
  }
  const write = (sample: Float32Array, out: Float32Array, at: number) => {
    let values = sample
    for (const step of steps) values = step(values)
    out.set(values, at)
  }
  return { shape: current.shape, write }
}

const channelCounts = new Set([1, 3, 4])

function gridOf(shape: readonly number[]): Grid {
  const [a = 1, b = 1, c = 1] = shape
  if (shape.length === 2) return { height: a, width: b, channels: 1, layout: 'nhwc' }
  if (shape.length === 3 && (channelCounts.has(c) || !channelCounts.has(a)))
    return { height: a, width: b, channels: c, layout: 'nhwc' }
  if (shape.length === 3) return { height: b, width: c, channels: a, layout: 'nchw' }
  return { height: 1, width: elementsOf(shape), channels: 1, layout: 'flat' }
}

function shapeOf(grid: Grid, rank: number): number[] {
  if (rank === 2) return [grid.height, grid.width]
  return grid.layout === 'nchw' ? [grid.channels, grid.height, grid.width] : [grid.height, grid.width, grid.channels]
}

function image(current: { shape: readonly number[]; grid: Grid }, what: string): Grid {
  if (current.grid.layout === 'flat') fail(say`${what} needs images, the samples have shape [${current.shape}]`)
  return current.grid
}

function fail(problem: Note): never {
  throw new AppError('data.preprocess', { problem })
}

function extractorFor(shape: readonly number[], { rate, features }: Preprocess) {
  const length = elementsOf(shape)
  if (Math.max(...shape) !== length) fail(say`audio features need recordings, the samples have shape [${shape}]`)
  if (rate === undefined) fail(say`audio features need the rate of the recordings in Hz`)
  return featureExtractor(length, rate!, features!)
}

function greyImage(values: Float32Array, grid: Grid): Float32Array {
  const [, column, channel] = strides(grid)
  const pixels = grid.height * grid.width
  // rows follow each other without gaps in both layouts, so a pixel is `column` apart from the next
  return Float32Array.from({ length: pixels }, (_, i) => {
    const at = i * column
    return 0.299 * values[at]! + 0.587 * values[at + channel]! + 0.114 * values[at + 2 * channel]!
  })
}

function normalizer(grid: Grid, scale: number, mean: number | number[], std: number | number[]): Step {
  const channels = Math.max(...[mean, std].map((v) => (typeof v === 'number' ? 1 : v.length)))
  // The columns of a table are channels of their own.
  const expected = grid.layout === 'flat' ? grid.width : grid.channels
  if (channels > 1 && channels !== expected) fail(say`${channels} means for ${expected} channels`)
  const of = (v: number | number[]) =>
    Array.from({ length: channels }, (_, c) => (typeof v === 'number' ? v : (v[c] ?? v[0]!)))
  const [means, stds] = [of(mean), of(std)]
  if (stds.includes(0)) fail(say`a standard deviation is 0`)
  const [, , channelStride] = strides(grid)
  const channelOf = (i: number) => (channels === 1 ? 0 : Math.floor(i / channelStride) % channels)
  return (values) =>
    values.map((v, i) => {
      const c = channelOf(i)
      return (v * scale - means[c]!) / stds[c]!
    })
}

function relayout(values: Float32Array, from: Grid, to: Grid): Float32Array {
  const out = new Float32Array(values.length)
  const [rowIn, columnIn, channelIn] = strides(from)
  const [rowOut, columnOut, channelOut] = strides(to)
  for (let y = 0; y < from.height; y++)
    for (let x = 0; x < from.width; x++)
      for (let c = 0; c < from.channels; c++)
        out[y * rowOut + x * columnOut + c * channelOut] = values[y * rowIn + x * columnIn + c * channelIn]!
  return out
}
