// Types of the message catalogues: English has all keys, the others have the same.
import type { en } from './en/index.ts'

/** Messages of another language. Languages without a singular form leave out the keys ending in `_one`. */
export type Translation<Messages> = {
  readonly [Key in keyof Messages as Key extends `${string}_one` ? never : Key]: Messages[Key] extends string
    ? string
    : Translation<Messages[Key]>
}

type Keys<Messages> = {
  [Key in keyof Messages & string]: Messages[Key] extends string
    ? Key extends `${infer Base}_one` | `${infer Base}_other`
      ? Base
      : Key
    : `${Key}.${Keys<Messages[Key]>}`
}[keyof Messages & string]

/** Path of a message, e.g. 'sidebar.newProject'. */
export type MessageKey = Keys<typeof en>
