// WAV bytes for tests.
export interface WavForm {
  readonly rate?: number
  readonly bits?: 8 | 16 | 24 | 32 | 64
  readonly encoding?: 1 | 3
  /** Of each frame, its channels. */
  readonly frames: readonly (readonly number[])[]
  /** Chunks before the samples. */
  readonly extra?: Uint8Array
  readonly extensible?: boolean
}

export function wav({ rate = 8000, bits = 16, encoding = 1, frames, extra, extensible = false }: WavForm): Uint8Array {
  const channels = frames[0]?.length ?? 1
  const data = new Uint8Array(frames.length * channels * (bits / 8))
  const view = new DataView(data.buffer)
  for (const [i, value] of frames.flat().entries()) write(view, (i * bits) / 8, value, bits, encoding)
  const format = new DataView(new ArrayBuffer(extensible ? 40 : 16))
  format.setUint16(0, extensible ? 0xfffe : encoding, true)
  format.setUint16(2, channels, true)
  format.setUint32(4, rate, true)
  format.setUint32(8, (rate * channels * bits) / 8, true)
  format.setUint16(12, (channels * bits) / 8, true)
  format.setUint16(14, bits, true)
  if (extensible) format.setUint16(24, encoding, true)
  const body = [chunk('fmt ', new Uint8Array(format.buffer)), extra ?? new Uint8Array(0), chunk('data', data)]
  return chunk('RIFF', Uint8Array.of(...text('WAVE'), ...body.flatMap((part) => [...part])))
}

export function chunk(name: string, body: Uint8Array, declared = body.byteLength): Uint8Array {
  const bytes = new Uint8Array(8 + body.byteLength + (body.byteLength % 2))
  bytes.set(text(name))
  new DataView(bytes.buffer).setUint32(4, declared, true)
  bytes.set(body, 8)
  return bytes
}

const text = (name: string) => new TextEncoder().encode(name)

function write(view: DataView, at: number, value: number, bits: number, encoding: 1 | 3) {
  if (encoding === 3) {
    if (bits === 32) view.setFloat32(at, value, true)
    else view.setFloat64(at, value, true)
  } else if (bits === 8) view.setUint8(at, Math.round(value * 128) + 128)
  else if (bits === 16) view.setInt16(at, Math.round(value * 32_768), true)
  else if (bits === 32) view.setInt32(at, Math.round(value * 2_147_483_648), true)
  else {
    const whole = Math.round(value * 8_388_608)
    view.setUint16(at, whole & 0xffff, true)
    view.setInt8(at + 2, whole >> 16)
  }
}

export const tone = (length: number, hz: number, rate: number): number[][] =>
  Array.from({ length }, (_, i) => [0.5 * Math.sin((2 * Math.PI * hz * i) / rate)])
