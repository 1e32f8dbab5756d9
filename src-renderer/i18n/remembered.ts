// The language the user chose last, kept in the browser's storage.
import { type Language, locale } from './locale.ts'

const storageKey = 'shoehorn.language'

export async function chooseLanguage(language: Language): Promise<void> {
  await locale.set(language)
  document.documentElement.lang = language
  localStorage.setItem(storageKey, language)
}

/** The language chosen last, else the first of the system's that is one of ours. */
export async function restoreLanguage(): Promise<void> {
  const wanted = [localStorage.getItem(storageKey), ...navigator.languages]
  const known = wanted.map((tag) => (tag?.startsWith('zh') ? 'zh-CN' : tag?.startsWith('en') ? 'en' : null))
  const language = known.find((each) => each !== null) ?? 'en'
  await locale.set(language)
  document.documentElement.lang = language
}
