// Which elements of one or several arrays are the smallest by absolute value: exactly as many as asked for.

/** Elements to zero: all with a magnitude below `below`, and of those equal to it the first `ties`. */
export interface Cut {
  readonly below: number
  readonly ties: number
}

/**
 * @param share of the elements that are to be zero, 0 to 1; those that are zero already count
 */
export function cutAt(parts: readonly Float32Array[], share: number): Cut {
  const total = parts.reduce((sum, part) => sum + part.length, 0)
  const count = Math.round(share * total)
  if (count === 0) return { below: 0, ties: 0 }
  const magnitudes = new Float32Array(total)
  let at = 0
  for (const part of parts) for (const value of part) magnitudes[at++] = Math.abs(value)
  // Not-a-number sorts behind everything, so it is never taken for small.
  magnitudes.sort()
  const below = magnitudes[count - 1]!
  return { below, ties: count - magnitudes.findIndex((magnitude) => magnitude >= below) }
}

/** The array with its part of the cut set to zero, and the ties that are left for the next array. */
export function withoutSmallest(values: Float32Array, cut: Cut): { readonly kept: Float32Array; readonly left: Cut } {
  let { ties } = cut
  const kept = values.map((value) => {
    const magnitude = Math.abs(value)
    return magnitude < cut.below || (magnitude === cut.below && ties-- > 0) ? 0 : value
  })
  return { kept, left: { below: cut.below, ties: Math.max(0, ties) } }
}
