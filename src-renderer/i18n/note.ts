// What the host says, in the language of the interface.
import { chinese } from '../../src-main/base/chinese/index.ts'
import { type Note, type Translations, translated } from '../../src-main/base/note.ts'
import { locale } from './locale.ts'

export const translations = (): Translations | null => (locale.language === 'zh-CN' ? chinese : null)

export const noteText = (note: Note): string => translated(note, translations())
