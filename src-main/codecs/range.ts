import type { IntTensor } from './codec.ts'

/** true when all elements are from `low` to `high`, or the sentence that says which are not. */
export function within(tensor: IntTensor, low: number, high: number): true | string {
  const outside = tensor.data.find((value) => value < low || value > high)
  return outside === undefined || `It has the value ${outside}; only ${low} to ${high} can be stored.`
}

/** The distinct values, ascending. */
export function distinctValues(tensor: IntTensor): number[] {
  const seen = new Uint8Array(256)
  for (const value of tensor.data) seen[value + 128] = 1
  return [...seen.keys()].filter((i) => seen[i]).map((i) => i - 128)
}
