// The report's own markup as a tree. It reads what markup.ts writes, well-formed and escaped, and nothing else.
import { Bug } from '../../base/errors.ts'

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly (Element | string)[]
}

const empty = new Set(['br'])

export function parseMarkup(text: string): Element {
  const root: Open = { name: 'root', attributes: {}, children: [] }
  const open: Open[] = [root]
  let at = 0
  for (const tag of text.matchAll(/<(\/?)([a-z][\w-]*)([^>]*?)(\/?)>/gi)) {
    const [whole, slash, name = '', attributes = '', closed] = tag
    const current = open.at(-1)!
    if (tag.index > at) current.children.push(decode(text.slice(at, tag.index)))
    at = tag.index + whole.length
    if (slash === '/') {
      if (current.name !== name) throw new Bug(`</${name}> closes <${current.name}>`)
      open.pop()
      continue
    }
    const element: Open = { name, attributes: attributesOf(attributes), children: [] }
    current.children.push(element)
    if (closed !== '/' && !empty.has(name)) open.push(element)
  }
  if (open.length > 1) throw new Bug(`<${open.at(-1)!.name}> is not closed`)
  return root
}

interface Open extends Element {
  readonly children: (Element | string)[]
}

export function classesOf({ attributes }: Element): readonly string[] {
  return (attributes.class ?? '').split(' ')
}

export function childrenOf(element: Element, name?: string): Element[] {
  return element.children.filter(
    (child): child is Element => typeof child !== 'string' && (name === undefined || child.name === name),
  )
}

export function textOf(node: Element | string): string {
  return typeof node === 'string' ? node : node.children.map(textOf).join('')
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, decode(value!)]))
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

function decode(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]!)
}
