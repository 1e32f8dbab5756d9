// The language of the interface. `t` reads the language as state, so that what is shown follows a change at once.
import { createInstance } from 'i18next'
import { en } from './en/index.ts'
import type { MessageKey } from './message.ts'
import { zh } from './zh/index.ts'

export const languages = { en: 'English', 'zh-CN': '简体中文' } as const
export type Language = keyof typeof languages

const storageKey = 'shoehorn.language'
const instance = createInstance()
void instance.init({
  resources: { en: { translation: en }, 'zh-CN': { translation: zh } },
  lng: 'en',
  fallbackLng: 'en',
  interpolation: { escapeValue: false },
  initAsync: false,
})

let current = $state<Language>('en')

export const locale = {
  get language() {
    return current
  },
  set(language: Language) {
    void instance.changeLanguage(language)
    current = language
    document.documentElement.lang = language
    localStorage.setItem(storageKey, language)
  },
  /** The language chosen last, else the system's when it is one of ours. */
  restore() {
    const wanted = [localStorage.getItem(storageKey), ...navigator.languages]
    const known = wanted.map((tag) => (tag?.startsWith('zh') ? 'zh-CN' : tag?.startsWith('en') ? 'en' : null))
    locale.set(known.find((language) => language !== null) ?? 'en')
  },
}

/** A sentence of the interface. `count` chooses between the forms `_one` and `_other`. */
export function t(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
  return instance.t(key, { ...values, lng: current })
}
