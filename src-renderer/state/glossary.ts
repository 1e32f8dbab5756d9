import { glossary } from '../i18n/en/glossary.ts'

/** Words that the interface uses and explains, in the order in which one meets them. */
export const terms = Object.keys(glossary.word) as (keyof typeof glossary.word)[]
