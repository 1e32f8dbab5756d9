// A recording as a picture of time and frequency: magnitudes of the short-time Fourier transform, mel bands, MFCCs. Formulas
// are those of TensorFlow's tf.signal, with which most keyword-spotting models are trained:
//   frames    tf.signal.stft without padding: floor((n - window) / hop) + 1 frames, periodic Hann window, zeros to the FFT's length
//   mel       tf.signal.linear_to_mel_weight_matrix: HTK's scale 1127 ln(1 + f / 700), triangles linear in mel, without the DC bin
//   MFCC      tf.signal.mfccs_from_log_mel_spectrograms: DCT-II of ln(mel + offset), times 1 / sqrt(2 mels)
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { AudioFeatures } from '../base/preprocess-record.ts'
import { magnitudes } from './fourier.ts'

export interface FeatureExtractor {
  /** Frames, and values of each. */
  readonly shape: readonly [number, number]
  extract(wave: Float32Array): Float32Array
}

export function featureExtractor(length: number, rate: number, features: AudioFeatures): FeatureExtractor {
  const { window, hop, fft, mels, coefficients, lowHz, highHz, logOffset } = checked(length, rate, features)
  const { kind } = features
  const frames = Math.floor((length - window) / hop) + 1
  const bins = fft / 2 + 1
  const hann = Float64Array.from({ length: window }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / window))
  const bands = kind === 'spectrogram' ? null : times(melMatrix(mels, bins, rate, lowHz, highHz), mels)
  const cosines = kind === 'mfcc' ? times(cosineMatrix(mels, coefficients), coefficients) : null
  const isLog = kind === 'mfcc' || (features.log ?? kind === 'mel')
  const width = cosines ? coefficients : bands ? mels : bins
  const spectrum = magnitudes(fft)
  return {
    shape: [frames, width],
    extract(wave) {
      const out = new Float32Array(frames * width)
      const scale = features.peak ? 1 / largest(wave) : 1
      const real = new Float64Array(fft)
      for (let frame = 0; frame < frames; frame++) {
        for (let i = 0; i < window; i++) real[i] = wave[frame * hop + i]! * scale * hann[i]!
        let values = spectrum(real)
        if (bands) values = bands(values)
        if (isLog) values = values.map((v) => Math.log(v + logOffset))
        if (cosines) values = cosines(values)
        out.set(values, frame * width)
      }
      return out
    },
  }
}

function checked(length: number, rate: number, features: AudioFeatures) {
  const samples = (ms: number) => Math.max(1, Math.round((rate * ms) / 1000))
  const [window, hop] = [samples(features.windowMs), samples(features.hopMs)]
  const fft = features.fft ?? 2 ** Math.max(1, Math.ceil(Math.log2(window)))
  const { mels = 40, coefficients = Math.min(10, mels), lowHz = 20, highHz = 4000, logOffset = 1e-6 } = features
  if (fft < window) fail(say`an FFT of ${fft} points is shorter than a window of ${window} samples`)
  if (length < window) fail(say`a recording of ${length} samples is shorter than a window of ${window}`)
  if (features.kind !== 'spectrogram') {
    if (highHz > rate / 2)
      fail(say`mel bands up to ${highHz} Hz need a rate of ${2 * highHz} Hz, the recordings have ${rate} Hz`)
    if (lowHz >= highHz) fail(say`mel bands from ${lowHz} to ${highHz} Hz are none`)
  }
  if (coefficients > mels) fail(say`${coefficients} coefficients of ${mels} mel bands`)
  return { window, hop, fft, mels, coefficients, lowHz, highHz, logOffset }
}

function fail(problem: Note): never {
  throw new AppError('data.preprocess', { problem })
}

/** 1 for silence, so that it stays silence. */
function largest(wave: Float32Array): number {
  let most = 0
  for (const value of wave) if (value > most) most = value
  return most === 0 ? 1 : most
}

const melOf = (hz: number) => 1127 * Math.log(1 + hz / 700)

/** `bins` rows of `mels` weights. */
export function melMatrix(mels: number, bins: number, rate: number, lowHz: number, highHz: number): Float64Array {
  const matrix = new Float64Array(bins * mels)
  const low = melOf(lowHz)
  const step = (melOf(highHz) - low) / (mels + 1)
  for (let bin = 1; bin < bins; bin++) {
    const mel = melOf((bin * rate) / (2 * (bins - 1)))
    for (let band = 0; band < mels; band++) {
      const rising = (mel - (low + band * step)) / step
      const falling = (low + (band + 2) * step - mel) / step
      matrix[bin * mels + band] = Math.max(0, Math.min(rising, falling))
    }
  }
  return matrix
}

/** `mels` rows of `coefficients` factors: tf.signal.dct of type 2, over sqrt(2 mels). */
export function cosineMatrix(mels: number, coefficients: number): Float64Array {
  const scale = 2 / Math.sqrt(2 * mels)
  return Float64Array.from({ length: mels * coefficients }, (_, i) => {
    const [n, k] = [Math.floor(i / coefficients), i % coefficients]
    return scale * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * mels))
  })
}

/** Row vector times matrix. A bin lies in two mel bands at the most, so each row is taken from its first weight to its last. */
function times(matrix: Float64Array, width: number): (row: Float64Array) => Float64Array {
  const rows = matrix.length / width
  const used = Array.from({ length: rows }, (_, i) => {
    const row = matrix.subarray(i * width, (i + 1) * width)
    return {
      first: Math.max(
        0,
        row.findIndex((weight) => weight !== 0),
      ),
      end: row.findLastIndex((weight) => weight !== 0) + 1,
    }
  })
  return (row) => {
    const out = new Float64Array(width)
    for (let i = 0; i < rows; i++) {
      const { first, end } = used[i]!
      for (let k = first; k < end; k++) out[k]! += row[i]! * matrix[i * width + k]!
    }
    return out
  }
}
