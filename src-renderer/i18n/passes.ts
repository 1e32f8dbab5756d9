// What passes, their parameters and presets are called. English comes from the host as it is; so does what has no
// translation yet.
import { locale } from './locale.ts'
import { type PassWords, passes, presets } from './zh/passes.ts'

const words = (pass: string): PassWords | undefined => (locale.language === 'zh-CN' ? passes[pass] : undefined)

export const passText = {
  title: (pass: string, english: string) => words(pass)?.title ?? english,
  description: (pass: string, english: string) => words(pass)?.description ?? english,
  field: (pass: string, name: string, english: string) => words(pass)?.fields?.[name]?.[0] ?? english,
  fieldDescription: (pass: string, name: string, english: string) => words(pass)?.fields?.[name]?.[1] ?? english,
}

export const presetText = {
  title: (preset: string, english: string) => (locale.language === 'zh-CN' ? presets[preset]?.[0] : null) ?? english,
  description: (preset: string, english: string) =>
    (locale.language === 'zh-CN' ? presets[preset]?.[1] : null) ?? english,
}
