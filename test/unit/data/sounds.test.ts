import { expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { textOf } from '../../../src-main/base/note.ts'
import { memorySource } from '../../../src-main/base/source.ts'
import { openDataset } from '../../../src-main/data/open.ts'
import { resample, toLength } from '../../../src-main/data/resample.ts'
import { decodeWav } from '../../../src-main/data/wav.ts'
import { codeOf, folderWith } from './files.ts'
import { chunk, tone, type WavForm, wav } from './wav-files.ts'

const decode = (bytes: Uint8Array) => decodeWav('a.wav', memorySource('a.wav', bytes))

test.each<[string, Omit<WavForm, 'frames'>]>([
  ['8 bits', { bits: 8 }],
  ['16 bits', { bits: 16 }],
  ['24 bits', { bits: 24 }],
  ['32 bits', { bits: 32 }],
  ['real numbers', { bits: 32, encoding: 3 }],
  ['real numbers of double length', { bits: 64, encoding: 3 }],
  ['the extensible header', { bits: 16, extensible: true }],
  ['a chunk of odd length before', { extra: chunk('LIST', Uint8Array.of(1, 2, 3)) }],
])('%s', (_name, form) => {
  const { info, data } = decode(wav({ ...form, frames: [[0.5], [-0.25], [0], [-1]] }))
  expect([info.rate, info.channels, [...data]]).toEqual([8000, 1, [0.5, -0.25, 0, -1]])
})

test('channels are mixed by their mean', () => {
  const frames = [
    [0.5, 0.25],
    [-1, 0.5],
  ]
  expect([...decode(wav({ frames })).data]).toEqual([0.375, -0.25])
})

const whole = wav({ frames: tone(50, 440, 8000) })
test.each<[string, Uint8Array]>([
  ['no RIFF', Uint8Array.of(1, 2, 3)],
  ['cut off', whole.subarray(0, 80)],
  ['no samples', wav({ frames: [] })],
  ['a compressed format', Uint8Array.from(whole, (byte, i) => (i === 20 ? 85 : byte))],
  ['no channels', Uint8Array.from(whole, (byte, i) => (i === 22 ? 0 : byte))],
])('%s is refused', (_name, bytes) => {
  expect(() => decode(bytes)).toThrow(AppError)
})

test('a stream that declares no length is read to its end', () => {
  const open = Uint8Array.from(whole)
  open.fill(255, 40, 44)
  expect(decode(open).data).toEqual(decode(whole).data)
})

test.each([
  [16_000, 8000, 1000],
  [8000, 16_000, 1000],
  [44_100, 16_000, 3000],
  [16_000, 16_000, 3000],
])('a tone at %i Hz is the same tone at %i Hz', (from, to, hz) => {
  const at = (rate: number, length: number) => Float32Array.from(tone(length, hz, rate).flat())
  const found = resample(at(from, from / 10), from, to)
  const expected = at(to, to / 10)
  expect(found.length).toBe(expected.length)
  // Both ends are met by silence.
  const inner = found.subarray(200, -200)
  const error = Math.max(...Array.from(inner, (value, i) => Math.abs(value - expected[i + 200]!)))
  expect(error).toBeLessThan(0.002)
})

test('what is above half the new rate goes', () => {
  const high = Float32Array.from(tone(4800, 6000, 16_000).flat())
  const left = resample(high, 16_000, 8000).subarray(100, -100)
  expect(Math.max(...left.map(Math.abs))).toBeLessThan(0.002)
})

test('what is cut off is not computed, and the rest is the same to the bit', () => {
  const data = Float32Array.from(tone(44_100, 440, 44_100).flat())
  const whole = resample(data, 44_100, 16_000)
  expect([whole.length, resample(data, 44_100, 16_000, 1000)]).toEqual([16_000, whole.slice(0, 1000)])
  expect(resample(data.subarray(0, 441), 44_100, 16_000, 1000).length).toBe(160)
})

test('longer ones are cut, shorter ones end in silence', () => {
  expect([[...toLength(Float32Array.of(1, 2, 3), 2)], [...toLength(Float32Array.of(1), 3)]]).toEqual([
    [1, 2],
    [1, 0, 0],
  ])
})

const mixed = () =>
  folderWith({
    'yes/0.wav': wav({ frames: tone(400, 300, 8000) }),
    'yes/1.wav': wav({ frames: tone(400, 300, 8000) }),
    'no/0.wav': wav({ frames: tone(300, 300, 8000) }),
    'no/1.wav': wav({ rate: 16_000, frames: tone(1000, 300, 16_000).map(([v]) => [v!, v!]) }),
    '_background_noise_/rain.wav': wav({ frames: tone(900, 100, 8000) }),
    'readme.txt': 'x',
  })

test('a folder of several rates and lengths is read at the most frequent, and says so', async () => {
  const set = await openDataset(mixed())
  expect([set.format, set.count, set.inputs[0]!.shape, set.classNames, [...set.labels!]]).toEqual([
    ...['audio', 4, [400], ['no', 'yes']],
    [0, 0, 1, 1],
  ])
  expect(set.preprocess).toEqual({ rate: 8000, length: 400 })
  expect(set.notes.map(textOf)).toEqual([
    'Recorded at 8000, 16000 Hz, resampled to 8000 Hz.',
    'The recordings last from 0.037 to 0.063 s. All are brought to 0.05 s: longer ones (1) are cut, shorter ones end in silence.',
    'Recordings mixed to one channel: 1.',
    'Labels are the names of the folders.',
    'Left out, as they are no samples (2): readme.txt, _background_noise_/rain.wav.',
  ])
})

test('with features a sample is frames by coefficients', async () => {
  const features = { kind: 'mfcc', windowMs: 10, hopMs: 5, coefficients: 6 } as const
  const set = await openDataset(mixed(), { preprocess: { rate: 8000, length: 800, features } })
  expect([set.inputs[0]!.shape, set.inputs[0]!.rawShape, set.read([0]).x!.length]).toEqual([[19, 6], [800], 114])
})

test('all that is broken is told at once, and can be left out', async () => {
  const folder = folderWith({ 'a/0.wav': whole, 'a/1.wav': 'text', 'b/2.wav': whole.subarray(0, 60), 'b/3.wav': whole })
  const error = await openDataset(folder).catch((each) => each)
  expect([error.code, error.data.count, error.data.without]).toEqual(['data.unreadable', 2, ['a/1.wav', 'b/2.wav']])
  const set = await openDataset(folder, { preprocess: { unreadable: 'skip' } })
  expect([set.count, set.preprocess.without, set.preprocess.unreadable]).toEqual([2, ['a/1.wav', 'b/2.wav'], undefined])
  const nothing = folderWith({ 'a/0.wav': 'text' })
  expect(await codeOf(openDataset(nothing, { preprocess: { unreadable: 'skip' } }))).toBe('data.empty')
})
