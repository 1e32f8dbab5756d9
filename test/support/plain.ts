import { isSentence } from '../../src-main/base/note.ts'

/** The value with every sentence of the host as its English text, to compare whole values. */
export function plain(value: unknown): unknown {
  if (isSentence(value)) return value.text
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}
