// Zero-order statistics of integer weights: what a coder without context could hope for.

export interface WeightStatistics {
  /** Zero-order entropy, bits a weight. */
  readonly entropyBits: number
  /** Share of zeros, 0 to 1. */
  readonly sparsity: number
  /** Distinct values. */
  readonly distinct: number
}

export function weightStatistics(data: Int8Array): WeightStatistics {
  const counts = new Uint32Array(256)
  for (const value of data) counts[value & 0xff] = counts[value & 0xff]! + 1
  const shares = [...counts].filter((count) => count > 0).map((count) => count / data.length)
  return {
    entropyBits: Math.abs(shares.reduce((bits, share) => bits - share * Math.log2(share), 0)),
    sparsity: data.length === 0 ? 0 : counts[0]! / data.length,
    distinct: shares.length,
  }
}
