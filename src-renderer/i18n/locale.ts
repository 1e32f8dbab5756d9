// The language of the interface. `t` reads the language as state, so that what is shown follows a change at once.
import { createInstance } from 'i18next'
import { createSubscriber } from 'svelte/reactivity'
import { en } from './en/index.ts'
import type { MessageKey } from './message.ts'

export const languages = { en: 'English', 'zh-CN': '简体中文' } as const
export type Language = keyof typeof languages

const instance = createInstance()
void instance.init({
  resources: { en: { translation: en } },
  lng: 'en',
  fallbackLng: 'en',
  interpolation: { escapeValue: false },
  initAsync: false,
})

type Chinese = typeof import('./chinese.ts')

let chinese: Chinese | null = null
let current: Language = 'en'
let changed = () => {}
const subscribe = createSubscriber((update) => {
  changed = update
})

export const locale = {
  get language(): Language {
    subscribe()
    return current
  },
  /** What is Chinese beside the messages; null in English. */
  get chinese(): Chinese | null {
    return locale.language === 'zh-CN' ? chinese : null
  },
  async set(language: Language): Promise<void> {
    if (language === 'zh-CN' && chinese === null) {
      chinese = await import('./chinese.ts')
      instance.addResourceBundle('zh-CN', 'translation', chinese.messages)
    }
    await instance.changeLanguage(language)
    current = language
    changed()
  },
  /** For Intl. */
  get tag(): string {
    return locale.language === 'en' ? 'en-GB' : locale.language
  },
}

/** A sentence of the interface. `count` chooses between the forms `_one` and `_other`. */
export function t(key: MessageKey, values?: Readonly<Record<string, string | number>>): string {
  const { language } = locale
  if (values) return instance.t(key, { ...values, lng: language })
  const known = words.get(`${language} ${key}`)
  if (known !== undefined) return known
  const found = instance.t(key, { lng: language })
  words.set(`${language} ${key}`, found)
  return found
}

/** Messages without values: a long table asks for the same ones hundreds of times. */
const words = new Map<string, string>()
