// The discrete Fourier transform of real numbers, by Cooley and Tukey's algorithm of radix 2, in double precision.

/** @returns what gives the magnitudes of the bins 0 to size / 2; its result is a new array each time */
export function magnitudes(size: number): (values: Float64Array) => Float64Array {
  const order = reversed(size)
  const cosine = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size))
  const sine = Float64Array.from({ length: size / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / size))
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  return (values) => {
    for (let i = 0; i < size; i++) re[i] = values[order[i]!]!
    im.fill(0)
    for (let half = 1; half < size; half *= 2) butterflies(re, im, half, cosine, sine)
    const found = new Float64Array(size / 2 + 1)
    for (let i = 0; i < found.length; i++) found[i] = Math.sqrt(re[i]! * re[i]! + im[i]! * im[i]!)
    return found
  }
}

function butterflies(re: Float64Array, im: Float64Array, half: number, cosine: Float64Array, sine: Float64Array) {
  const size = re.length
  const turn = size / (2 * half)
  for (let start = 0; start < size; start += 2 * half) {
    for (let k = 0; k < half; k++) {
      const a = start + k
      const b = a + half
      const c = cosine[k * turn]!
      const s = sine[k * turn]!
      const x = re[b]! * c - im[b]! * s
      const y = re[b]! * s + im[b]! * c
      re[b] = re[a]! - x
      im[b] = im[a]! - y
      re[a]! += x
      im[a]! += y
    }
  }
}

function reversed(size: number): Uint32Array {
  const order = new Uint32Array(size)
  const bits = Math.round(Math.log2(size))
  for (let i = 0; i < size; i++) for (let b = 0; b < bits; b++) if (i & (1 << b)) order[i]! |= 1 << (bits - 1 - b)
  return order
}
