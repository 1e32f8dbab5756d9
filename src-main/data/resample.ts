// A recording brought to another rate and length. The rate changes by windowed-sinc interpolation (J. O. Smith, Digital
// Audio Resampling: a low-pass at half the lower of the two rates), a phase table for each pair of rates.

/** Zero crossings of the sinc on each side: -60 dB and better outside the band. */
const crossings = 16

interface Filter {
  /** Rates over their greatest common divisor. */
  readonly up: number
  readonly down: number
  /** Input samples that one output sample is made of. */
  readonly width: number
  /** Rows of `width` factors, evenly from one input sample to the next. */
  readonly phases: Float64Array
  readonly rows: number
}

/** Rates without a common divisor would ask for more rows than can be told apart: the nearest of these is taken. */
const mostFactors = 1 << 20

const filters = new Map<string, Filter>()
/** Filters that are kept, the last used: one takes up to 8 MiB, and a folder seldom has recordings of more rates. */
const mostFilters = 6

/** @param most samples, for whoever cuts the end off */
export function resample(data: Float32Array, from: number, to: number, most = Number.POSITIVE_INFINITY): Float32Array {
  if (from === to) return data
  const { up, down, width, phases, rows } = filterFor(from, to)
  const out = new Float32Array(Math.min(most, Math.max(1, Math.round((data.length * up) / down))))
  for (let i = 0; i < out.length; i++) {
    const step = Math.round((i * down * rows) / up)
    const first = Math.floor(step / rows) - width / 2 + 1
    const row = (step % rows) * width
    let sum = 0
    const end = Math.min(width, data.length - first)
    for (let k = Math.max(0, -first); k < end; k++) sum += data[first + k]! * phases[row + k]!
    out[i] = sum
  }
  return out
}

function filterFor(from: number, to: number): Filter {
  const key = `${from} ${to}`
  const filter = filters.get(key) ?? newFilter(from, to)
  filters.delete(key)
  filters.set(key, filter)
  for (const old of [...filters.keys()].slice(0, -mostFilters)) filters.delete(old)
  return filter
}

function newFilter(from: number, to: number): Filter {
  const divisor = greatestCommonDivisor(from, to)
  const [up, down] = [to / divisor, from / divisor]
  // Below 1 when samples get fewer: what is above the new half rate must go first.
  const cutoff = Math.min(1, up / down)
  const half = Math.ceil(crossings / cutoff)
  const width = half * 2
  const rows = Math.min(up, Math.max(1, Math.floor(mostFactors / width)))
  const phases = new Float64Array(rows * width)
  for (let row = 0; row < rows; row++) fillPhase(phases.subarray(row * width, (row + 1) * width), row / rows, cutoff)
  return { up, down, width, phases, rows }
}

/** Hann-windowed sinc around `offset`, scaled so that a constant stays what it is. */
function fillPhase(row: Float64Array, offset: number, cutoff: number) {
  const half = row.length / 2
  let sum = 0
  for (let k = 0; k < row.length; k++) {
    const x = k - half + 1 - offset
    const window = Math.abs(x) >= half ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * x) / half)
    const phase = Math.PI * x * cutoff
    row[k] = (phase === 0 ? 1 : Math.sin(phase) / phase) * window
    sum += row[k]!
  }
  for (let k = 0; k < row.length; k++) row[k]! /= sum
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** Cut at the end, or filled with silence. */
export function toLength(data: Float32Array, length: number): Float32Array {
  if (data.length === length) return data
  const out = new Float32Array(length)
  out.set(data.subarray(0, length))
  return out
}
