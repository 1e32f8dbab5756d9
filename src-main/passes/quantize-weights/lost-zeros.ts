// Zeros of pruned weights that rounding turned into something else.
import type { Matrix } from '../../kernels/kernels.ts'
import type { RoundedLayer } from './round.ts'

export interface LostZeros {
  readonly zeros: number
  readonly lost: number
}

export function lostZeros({ columns, data }: Matrix, { integers, grids, gridColumns }: RoundedLayer): LostZeros {
  const blocks = Math.ceil(columns / gridColumns)
  let [zeros, lost] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== 0) continue
    zeros++
    const row = Math.floor(i / columns)
    if (integers[i] !== grids.zeroPoint[row * blocks + Math.floor((i % columns) / gridColumns)]!) lost++
  }
  return { zeros, lost }
}
