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
  return statisticsOfCounts(counts)
}

/** @param counts how often each value occurs, by its byte */
export function statisticsOfCounts(counts: Uint32Array): WeightStatistics {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const shares = [...counts].filter((count) => count > 0).map((count) => count / total)
  return {
    entropyBits: Math.abs(shares.reduce((bits, share) => bits - share * Math.log2(share), 0)),
    sparsity: total === 0 ? 0 : counts[0]! / total,
    distinct: shares.length,
  }
}
