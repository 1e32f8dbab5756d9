// What the host says, in the language of the interface.
import { type Note, translated } from '../../src-main/base/note.ts'
import { locale } from './locale.ts'

export const noteText = (note: Note): string => translated(note, locale.chinese?.sentences ?? null)
