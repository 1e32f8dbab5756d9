// In which order a pack holds the elements of a value. A plan has some values with their channels last and some as the graph
// has them, and does not say which.

export type Order = 'as the graph' | 'channels last'

/**
 * By the shapes; where both orders have the same shape, the one whose values are nearer.
 * @param shape of `reference`: one sample, channels first
 */
export function orderLike(
  values: Float32Array,
  ownShape: readonly number[],
  reference: Float32Array,
  shape: readonly number[],
): Order {
  const channels = shape[0] ?? 1
  const places = values.length / Math.max(1, channels)
  if (shape.length < 2 || channels === 1 || places === 1 || ownShape.at(-1) !== channels) return 'as the graph'
  const isPlain = significant(ownShape) === significant(shape)
  const isLast = significant(ownShape) === significant([...shape.slice(1), channels])
  if (!isLast) return 'as the graph'
  if (!isPlain) return 'channels last'
  const moved = arrangedLike(values, 'channels last', shape)
  return distance(moved, reference) < distance(values, reference) ? 'channels last' : 'as the graph'
}

const significant = (shape: readonly number[]) => shape.filter((size) => size !== 1).join()

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum
}

/** One sample with its channels first. */
export function arrangedLike(values: Float32Array, order: Order, shape: readonly number[]): Float32Array {
  if (order === 'as the graph') return values
  const channels = shape[0]!
  const places = values.length / channels
  const moved = new Float32Array(values.length)
  for (let place = 0; place < places; place++)
    for (let c = 0; c < channels; c++) moved[c * places + place] = values[place * channels + c]!
  return moved
}
