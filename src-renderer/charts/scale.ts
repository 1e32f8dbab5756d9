export interface Scale {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
  at(value: number): number
  /** The value that is drawn at a pixel. */
  invert(pixel: number): number
}

/** A linear scale over the values with round ticks, from pixel `from` to pixel `to`; never beyond `ceiling`. */
export function linearScale(
  values: readonly number[],
  from: number,
  to: number,
  options: { readonly zero?: boolean; readonly ticks?: number; readonly ceiling?: number } = {},
): Scale {
  const finite = values.filter(Number.isFinite)
  let [low, high] = options.zero ? [0, 0] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of finite) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [0, 1]
  const size = Math.max(Math.abs(low), Math.abs(high))
  // Values that differ by less than a double can draw apart count as one.
  if (high - low <= size * 1e-9 || size < 1e-9) {
    const pad = size < 1e-9 ? 1 : size * 0.05
    low = options.zero ? Math.min(0, low) : low - pad
    high = options.zero ? Math.max(0, high) + (high <= 0 ? pad : 0) : high + pad
  }
  const step = roundStep((high - low) / (options.ticks ?? 5))
  low = Math.floor(low / step + 1e-9) * step
  high = Math.ceil(high / step - 1e-9) * step
  if (options.ceiling !== undefined) high = Math.min(high, Math.max(options.ceiling, low + step))
  const count = Math.round((high - low) / step)
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((low + i * step).toPrecision(12)))
  return {
    low,
    high,
    ticks,
    at: (value) => from + ((value - low) / (high - low)) * (to - from),
    invert: (pixel) => low + ((pixel - from) / (to - from)) * (high - low),
  }
}

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw))
  const factor = [1, 2, 5, 10].find((each) => each * power >= raw * (1 - 1e-9)) ?? 10
  return factor * power
}
