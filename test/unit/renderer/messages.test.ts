// Every sentence of the interface comes from the message catalogues, and every language has all of them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'svelte/compiler'
import { describe, expect, test } from 'vitest'
import { catalogue } from '../../../src-main/base/catalogue.ts'
import { errors } from '../../../src-main/base/chinese/errors.ts'
import { en } from '../../../src-renderer/i18n/en/index.ts'
import { zh } from '../../../src-renderer/i18n/zh/index.ts'
import { repository } from '../../support/cli.ts'

type Messages = { readonly [key: string]: string | Messages }

function flat(messages: Messages, path = ''): [string, string][] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : flat(value, `${path}${key}.`),
  )
}

const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]!).sort()
const english = new Map(flat(en))
const chinese = new Map(flat(zh as Messages))

/** Names that are the same in every language. */
const names =
  /^(Shoehorn|int8|ONNX|TFLite|RAM|MACs|CPU|GPU|SQNR|dB|µs|ms|kB|MB|im2col|AdaRound|GPTQ|HTML|PDF|Markdown|CSV|JSON)$/

describe('message catalogues', () => {
  test('Chinese has every message, and no other', () => {
    const wanted = [...english.keys()].filter((key) => !key.endsWith('_one'))
    expect([...chinese.keys()].sort()).toEqual(wanted.sort())
  })

  test('translations fill in the same values', () => {
    const different = [...chinese].filter(
      ([key, text]) => placeholders(text).join() !== placeholders(english.get(key)!).join(),
    )
    expect(different).toEqual([])
  })

  test('Chinese is Chinese', () => {
    // Names and units are the same in both.
    const same = [...chinese].filter(
      ([key, text]) =>
        /[a-z]{4}/i.test(text.replaceAll(/{{.*?}}/g, '')) && !names.test(text) && text === english.get(key),
    )
    expect(same).toEqual([])
  })
})

describe('the error catalogue in Chinese', () => {
  const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort()

  test.for(Object.entries(catalogue))('%s', ([code, { sentence, next }]) => {
    const translated = errors[code as keyof typeof catalogue]
    expect([slots(translated.sentence), slots(translated.next)]).toEqual([slots(sentence), slots(next)])
  })
})

const folder = join(repository, 'src-renderer')
const components = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.svelte'))
const shownAttributes = new Set(['title', 'aria-label', 'placeholder', 'alt', 'label', 'aria-description'])

/** In an expression: words with a space between, or a word with a capital. Keys of messages have neither. */
const sentence = /\p{L}{2,} \p{L}|^\p{Lu}\p{Ll}+/u

interface Part {
  readonly type?: string
  readonly name?: string
  readonly data?: string
  readonly value?: unknown
  readonly quasis?: readonly { readonly value: { readonly raw: string } }[]
}

/** Words in the markup of a component that do not come from the catalogues. */
function literals(source: string): string[] {
  const found: string[] = []
  const keep = (text: string) => {
    for (const part of text.split(/\s{2,}|\n/))
      if (/\p{L}{2}/u.test(part) && !names.test(part.trim())) found.push(part.trim())
  }
  const visit = (node: unknown, attribute: string | null): void => {
    if (Array.isArray(node)) for (const child of node) visit(child, attribute)
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return
    const { type, name, data, value, quasis } = node as Part
    if (type === 'Text' && (attribute === null || shownAttributes.has(attribute))) keep(data ?? '')
    const shown = attribute === null || shownAttributes.has(attribute)
    if (type === 'Literal' && shown && typeof value === 'string' && sentence.test(value)) found.push(value)
    for (const { value: text } of type === 'TemplateLiteral' && shown ? (quasis ?? []) : [])
      if (sentence.test(text.raw)) found.push(text.raw)
    if (type === 'StyleSheet' || type === 'Script') return
    const inside = type === 'Attribute' || type === 'StyleDirective' ? (name ?? '') : attribute
    for (const [key, child] of Object.entries(node)) if (key !== 'metadata') visit(child, inside)
  }
  visit(parse(source, { modern: true }).fragment, null)
  return found
}

describe('components', () => {
  test.for(components)('%s holds no sentence of its own', (path) => {
    expect(literals(readFileSync(join(folder, path), 'utf8'))).toEqual([])
  })
})
