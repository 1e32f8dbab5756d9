// Numbers as the workbench writes them. Bytes are powers of 1024 and say so (KiB, MiB).
import type { BudgetName } from '../../src-main/contract/report.ts'
import { locale, t } from '../i18n/locale.ts'

/** Numbers and their units are not torn apart at a line end. */
const nb = '\u00a0'
// Making a formatter costs far more than using one, and tables of runs write thousands of figures.
const fractions = Array.from(
  { length: 9 },
  (_, digits) => new Intl.NumberFormat('en', { maximumFractionDigits: digits }),
)
const whole = fractions[0]!
const days = new Map<string, Record<'day' | 'time' | 'both', Intl.DateTimeFormat>>()

export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 1024) return `${whole.format(bytes)}${nb}B`
  const kibi = bytes / 1024
  if (Math.abs(kibi) < 1024) return `${trimmed(kibi)}${nb}KiB`
  return `${trimmed(kibi / 1024)}${nb}MiB`
}

export function formatCount(value: number): string {
  return whole.format(value)
}

/** 1.2 k, 3.45 M, 1.2 G: for parameters and MACs. */
export function formatShort(value: number): string {
  for (const [limit, letter] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (Math.abs(value) >= limit) return `${trimmed(value / limit)}${nb}${letter}`
  }
  return whole.format(value)
}

export function formatUs(us: number, digits = 3): string {
  if (Math.abs(us) < 1_000) return `${trimmed(us, digits)}${nb}µs`
  if (Math.abs(us) < 1_000_000) return `${trimmed(us / 1_000, digits)}${nb}ms`
  return `${trimmed(us / 1_000_000, digits)}${nb}s`
}

export function formatMs(ms: number): string {
  return formatUs(ms * 1_000)
}

export function formatPercent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(2)}${nb}%`
}

export function formatPoints(points: number | null): string {
  return points === null ? '–' : `${points.toFixed(2)}${nb}pp`
}

/** Four significant digits, exponent only where needed. */
export function formatFigure(value: number | null): string {
  if (value === null) return '–'
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return value.toExponential(3)
  return trimmed(value, 4)
}

export function formatHz(hz: number): string {
  return hz >= 1e6
    ? `${trimmed(hz / 1e6)}${nb}MHz`
    : hz >= 1e3
      ? `${trimmed(hz / 1e3)}${nb}kHz`
      : `${whole.format(hz)}${nb}Hz`
}

export function formatShape(shape: readonly (number | string)[] | null): string {
  if (!shape) return '–'
  return shape.length === 0 ? t('ui.scalar') : shape.join(' × ')
}

export function formatDate(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  return dateFormats().both.format(date)
}

/** Day and time apart, for a narrow column. */
export function formatDayTime(iso: string): readonly [string, string] {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return [iso, '']
  return [dateFormats().day.format(date), dateFormats().time.format(date)]
}

function dateFormats() {
  const { tag } = locale
  const made = days.get(tag) ?? {
    // The medium one is twice as wide in Chinese, and the short one is clear there.
    day: new Intl.DateTimeFormat(tag, { dateStyle: tag.startsWith('zh') ? 'short' : 'medium' }),
    time: new Intl.DateTimeFormat(tag, { timeStyle: 'short' }),
    both: new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' }),
  }
  days.set(tag, made)
  return made
}

export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const minutes = Math.floor(seconds / 60)
  return minutes > 0 ? t('ui.minutesSeconds', { minutes, seconds: seconds % 60 }) : t('ui.seconds', { seconds })
}

export function formatBudget(budget: BudgetName, value: number): string {
  switch (budget) {
    case 'flashBytes':
    case 'ramBytes':
      return formatBytes(value)
    case 'latencyMs':
      return formatMs(value)
    case 'energyUj':
      return `${trimmed(value)}${nb}µJ`
    case 'accuracyDrop':
      return formatPoints(value)
  }
}

function trimmed(value: number, digits = 3): string {
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  const fraction = Math.min(Math.max(digits - 1 - magnitude, 0), 8)
  return fractions[fraction]!.format(value)
}
