// What passes, their parameters and presets are called. English comes from the host as it is; so does what has no
// translation yet.
import { locale } from './locale.ts'
import type { PassWords } from './zh/passes.ts'

const words = (pass: string): PassWords | undefined => locale.chinese?.passes[pass]

export const passText = {
  title: (pass: string, english: string) => words(pass)?.title ?? english,
  description: (pass: string, english: string) => words(pass)?.description ?? english,
  field: (pass: string, name: string, english: string) => words(pass)?.fields?.[name]?.[0] ?? english,
  fieldDescription: (pass: string, name: string, english: string) => words(pass)?.fields?.[name]?.[1] ?? english,
}

export const presetText = {
  title: (preset: string, english: string) => locale.chinese?.presets[preset]?.[0] ?? english,
  description: (preset: string, english: string) => locale.chinese?.presets[preset]?.[1] ?? english,
}
