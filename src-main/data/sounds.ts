// Recordings out of a folder (media.ts), brought to one rate and one length: those of the record, or those that most of them
// have.
import { type Note, say } from '../base/note.ts'
import { fileSource } from '../base/source.ts'
import type { RawDataset } from './dataset.ts'
import type { MediaOptions } from './images.ts'
import { assertHeld, type Listing, type MediaFile, mostFrequent, readAll } from './media.ts'
import type { Preprocess } from './preprocess.ts'
import { resample, toLength } from './resample.ts'
import { decodeWav, type WavInfo, wavInfo } from './wav.ts'

export async function openSounds(
  listing: Listing,
  { preprocess, nameHint, signal }: MediaOptions,
): Promise<RawDataset> {
  const { files, truth, splits } = listing
  const infos: WavInfo[] = []
  await readAll(files, (file) => infos.push(withFile(file, (source) => wavInfo(file.path, source))), signal)
  const { rate, length, notes } = commonForm(infos, preprocess)
  assertHeld(files[0]!.path, length * files.length * 4, { rate })
  const data = new Float32Array(length * files.length)
  const form = { ...preprocess, rate, length }
  await readAll(files, (file, i) => data.set(formed(decodeSound(file), form), i * length), signal)
  const input = { name: nameHint ?? 'x', shape: [length], dtype: 'f32' as const, pieces: [data] }
  return {
    ...{ format: 'audio', inputs: [input], ...truth, splits, preprocess: form },
    notes: [...notes, ...listing.notes],
  }
}

export const decodeSound = (file: MediaFile) => withFile(file, (source) => decodeWav(file.path, source))

/** At the rate and length of the record. */
export function formed({ info, data }: ReturnType<typeof decodeWav>, { rate, length }: Preprocess): Float32Array {
  const resampled = resample(data, info.rate, rate ?? info.rate, length)
  return toLength(resampled, length ?? resampled.length)
}

function withFile<T>({ path }: MediaFile, read: (source: ReturnType<typeof fileSource>) => T): T {
  const source = fileSource(path)
  try {
    return read(source)
  } finally {
    source.close()
  }
}

function commonForm(infos: readonly WavInfo[], preprocess: Preprocess) {
  const same = (value: number) => value
  const rates = infos.map((info) => info.rate)
  const rate = preprocess.rate ?? mostFrequent(rates, same, String)
  const lengths = infos.map((info) => Math.max(1, Math.round((info.frames * rate) / info.rate)))
  const length = preprocess.length ?? commonLength(lengths)
  const notes: Note[] = []
  const found = [...new Set(rates)].toSorted((a, b) => a - b)
  if (found.length > 1 || found[0] !== rate)
    notes.push(say`Recorded at ${found.join(', ')} Hz, resampled to ${rate} Hz.`)
  const [shortest, longest] = extent(lengths)
  const cut = lengths.filter((each) => each > length).length
  const seconds = (samples: number) => Number((samples / rate).toFixed(3))
  if (shortest !== length || longest !== length)
    notes.push(
      say`The recordings last from ${seconds(shortest)} to ${seconds(longest)} s. All are brought to ${seconds(length)} s: longer ones (${cut}) are cut, shorter ones end in silence.`,
    )
  const stereo = infos.filter(({ channels }) => channels > 1).length
  if (stereo > 0) notes.push(say`Recordings mixed to one channel: ${stereo}.`)
  return { rate, length, notes }
}

/** The length of at least half of the recordings; when there is none the longest, so that nothing is cut. */
function commonLength(lengths: readonly number[]): number {
  const common = mostFrequent(lengths, (value) => value, String)
  const isUsual = 2 * lengths.filter((length) => length === common).length >= lengths.length
  return isUsual ? common : extent(lengths)[1]
}

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, 0]
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)]
  return [low, high]
}
