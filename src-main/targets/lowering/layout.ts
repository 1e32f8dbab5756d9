// Where the dimensions of a graph value lie in memory. An order lists, outermost first, the graph's dimension that each
// memory dimension holds: the identity is the model's own order, [0, 2, 3, 1] is NHWC for a value that is NCHW in the graph.

export type Order = readonly number[]

export const plainOrder = (rank: number): Order => Array.from({ length: rank }, (_, i) => i)

/** Channels (dimension 1) last. */
export const channelsLast = (rank: number): Order =>
  rank < 3 ? plainOrder(rank) : [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]

export const permuted = <T>(items: readonly T[], order: Order): T[] => order.map((i) => items[i]!)

/** Dimensions of size 1 lie anywhere: two orders mean the same bytes when the others come in the same sequence. */
export function sameMemory(shape: readonly number[], a: Order, b: Order): boolean {
  const wide = (order: Order) => order.filter((d) => shape[d] !== 1)
  return wide(a).join() === wide(b).join()
}

/** Elements of a row-major tensor moved so that output dimension i is input dimension perm[i]. */
export function permuteElements<A extends Int8Array | Int32Array>(data: A, shape: readonly number[], perm: Order): A {
  const strides = stridesOf(shape)
  const outShape = permuted(shape, perm)
  const outStrides = permuted(strides, perm)
  const out = data.slice() as A
  const index = new Array<number>(outShape.length).fill(0)
  let from = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]!
    for (let d = outShape.length - 1; d >= 0; d--) {
      index[d]!++
      from += outStrides[d]!
      if (index[d]! < outShape[d]!) break
      from -= outStrides[d]! * outShape[d]!
      index[d] = 0
    }
  }
  return out
}

export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * shape[d + 1]!
  return strides
}
