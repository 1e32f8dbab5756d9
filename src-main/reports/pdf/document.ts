// Pages to a PDF 1.7 file (ISO 32000-1): catalogue, pages with compressed streams, fonts by name, bookmarks, cross-reference.
import { zlibSync } from 'fflate'
import { pageSize } from './canvas.ts'
import { cjkObjects, cjkTag, identityToUnicode } from './cjk.ts'
import { fontResources } from './fonts.ts'

export interface PdfDocument {
  readonly title: string
  readonly producer: string
  /** ISO 8601, universal time. */
  readonly createdAt: string
  /** As in HTML: `en`, `zh-CN`. */
  readonly language: string
  /** Whether any page has text beyond the standard fonts. */
  readonly hasCjk: boolean
  /** Content streams. */
  readonly pages: readonly string[]
  readonly bookmarks: readonly { readonly title: string; readonly page: number }[]
}

export function writePdfFile(document: PdfDocument): Uint8Array<ArrayBuffer> {
  const file = new PdfFile()
  const catalog = file.reserve()
  const pagesId = file.reserve()
  const fonts = Object.values(fontResources).map(({ tag, base }) => {
    const id = file.add(`<< /Type /Font /Subtype /Type1 /BaseFont /${base} /Encoding /WinAnsiEncoding >>`)
    return `/${tag} ${id} 0 R`
  })
  if (document.hasCjk) fonts.push(`/${cjkTag} ${addCjkFont(file)} 0 R`)
  const resources = file.add(`<< /Font << ${fonts.join(' ')} >> >>`)
  const pageIds = document.pages.map((content) => {
    const stream = file.addStream(content)
    const box = `[0 0 ${pageSize.width} ${pageSize.height}]`
    return file.add(
      `<< /Type /Page /Parent ${pagesId} 0 R /MediaBox ${box} /Resources ${resources} 0 R /Contents ${stream} 0 R >>`,
    )
  })
  const kids = pageIds.map((id) => `${id} 0 R`).join(' ')
  file.set(pagesId, `<< /Type /Pages /Count ${pageIds.length} /Kids [${kids}] >>`)
  const outlines = addBookmarks(file, document, pageIds)
  file.set(catalog, `<< /Type /Catalog /Pages ${pagesId} 0 R /Lang (${document.language}) ${outlines} >>`)
  const info = file.add(
    `<< /Title ${utf16(document.title)} /Producer ${utf16(document.producer)} /CreationDate ${dateOf(document.createdAt)} >>`,
  )
  return file.bytes(catalog, info)
}

function addCjkFont(file: PdfFile): number {
  const descriptor = file.add(cjkObjects.descriptor)
  const descendant = file.add(cjkObjects.descendant(descriptor))
  return file.add(cjkObjects.font(descendant, file.addStream(identityToUnicode())))
}

function addBookmarks(file: PdfFile, { bookmarks }: PdfDocument, pageIds: readonly number[]): string {
  if (bookmarks.length === 0) return ''
  const root = file.reserve()
  const ids = bookmarks.map(() => file.reserve())
  for (const [i, { title, page }] of bookmarks.entries()) {
    const before = i > 0 ? `/Prev ${ids[i - 1]} 0 R` : ''
    const after = i + 1 < ids.length ? `/Next ${ids[i + 1]} 0 R` : ''
    const target = `/Dest [${pageIds[page]} 0 R /Fit]`
    file.set(ids[i]!, `<< /Title ${utf16(title)} /Parent ${root} 0 R ${before} ${after} ${target} >>`)
  }
  file.set(root, `<< /Type /Outlines /First ${ids[0]} 0 R /Last ${ids.at(-1)} 0 R /Count ${ids.length} >>`)
  return `/Outlines ${root} 0 R /PageMode /UseOutlines`
}

class PdfFile {
  readonly #objects: (Uint8Array | null)[] = []

  reserve(): number {
    this.#objects.push(null)
    return this.#objects.length
  }

  add(body: string): number {
    const id = this.reserve()
    this.set(id, body)
    return id
  }

  set(id: number, body: string): void {
    this.#objects[id - 1] = latin1(body)
  }

  addStream(content: string): number {
    const packed = zlibSync(latin1(content), { level: 9 })
    const id = this.reserve()
    const head = latin1(`<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n`)
    this.#objects[id - 1] = joined([head, packed, latin1('\nendstream')])
    return id
  }

  bytes(root: number, info: number): Uint8Array<ArrayBuffer> {
    // Bytes above 127 in a comment tell programs that copy files that this one is not text.
    const parts: Uint8Array[] = [latin1('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n')]
    let at = parts[0]!.length
    const offsets = this.#objects.map((object, i) => {
      const whole = joined([latin1(`${i + 1} 0 obj\n`), object ?? latin1('null'), latin1('\nendobj\n')])
      parts.push(whole)
      const offset = at
      at += whole.length
      return offset
    })
    const count = offsets.length + 1
    const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
    const trailer = `<< /Size ${count} /Root ${root} 0 R /Info ${info} 0 R >>`
    parts.push(latin1(`xref\n0 ${count}\n0000000000 65535 f \n${rows}trailer\n${trailer}\nstartxref\n${at}\n%%EOF\n`))
    return joined(parts)
  }
}

/** A text string of PDF in any script: UTF-16 with its byte order mark, in hexadecimal. */
function utf16(text: string): string {
  let hex = 'FEFF'
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).padStart(4, '0').toUpperCase()
  return `<${hex}>`
}

function dateOf(iso: string): string {
  return `(D:${iso.replace(/\D/g, '').slice(0, 14)}Z)`
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
