import { expect, test } from 'vitest'
import {
  formatBudget,
  formatBytes,
  formatElapsed,
  formatFigure,
  formatMs,
  formatPercent,
  formatShort,
  formatUs,
} from '../../../src-renderer/ui/format.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [1024, '1 KiB'],
  [58_500, '57.1 KiB'],
  [270_336, '264 KiB'],
  [2_097_152, '2 MiB'],
])('%d bytes are written %s', (bytes, text) => {
  expect(plain(formatBytes(bytes))).toBe(text)
})

test.each([
  [0.0385, '0.0385 µs'],
  [999, '999 µs'],
  [61_240, '61.2 ms'],
  [2_500_000, '2.5 s'],
])('%d microseconds are written %s', (us, text) => {
  expect(plain(formatUs(us))).toBe(text)
})

test('what is unknown is a dash, not a number', () => {
  expect([formatPercent(null), formatFigure(null)]).toEqual(['–', '–'])
})

test('figures keep their meaning', () => {
  const texts = [
    formatMs(44),
    formatPercent(0.9812),
    formatShort(1_204_224),
    formatFigure(0.00001234),
    formatBudget('accuracyDrop', -0.833),
    formatElapsed(69_500),
  ]
  expect(texts.map(plain)).toEqual(['44 ms', '98.12 %', '1.2 M', '1.234e-5', '-0.83 pp', '1 min 9 s'])
})
