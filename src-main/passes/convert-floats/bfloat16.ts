// bfloat16: the upper half of a float32.
const bits = new Uint32Array(1)
const float = new Float32Array(bits.buffer)

/** The nearest bfloat16's bits, ties to even; NaN stays NaN. */
export function floatToBrain(value: number): number {
  float[0] = value
  const held = bits[0]!
  if (Number.isNaN(value)) return (held >>> 16) | 0x40
  return (held + 0x7fff + ((held >>> 16) & 1)) >>> 16
}
