// Text that Helvetica has no letters for, Chinese above all: a font of the Adobe-GB1 collection by name, which the viewer has
// or substitutes, reached through the predefined CMap UniGB-UTF16-H (ISO 32000-1, 9.7.5.2): codes are UTF-16.

export const cjkTag = 'F4'

/** What UniGB-UTF16-H maps to glyphs of full width, from U+0391 on; ASCII and Latin are Helvetica's. First and last. */
const covered: readonly (readonly [number, number])[] = [
  ...([
    [0x391, 0x3a1],
    [0x3a3, 0x3a9],
    [0x3b1, 0x3c1],
    [0x3c3, 0x3c9],
    [0x401, 0x401],
    [0x410, 0x44f],
    [0x451, 0x451],
  ] as const),
  ...([
    [0x2015, 0x2016],
    [0x2025, 0x2025],
    [0x2030, 0x2030],
    [0x2032, 0x2033],
    [0x203b, 0x203b],
    [0x2103, 0x2103],
  ] as const),
  ...([
    [0x2116, 0x2116],
    [0x2160, 0x216b],
    [0x2170, 0x2179],
    [0x2190, 0x2193],
    [0x2196, 0x2199],
    [0x2208, 0x2208],
  ] as const),
  ...([
    [0x220f, 0x220f],
    [0x2211, 0x2211],
    [0x221a, 0x221a],
    [0x221d, 0x2220],
    [0x2227, 0x222b],
    [0x2234, 0x2237],
  ] as const),
  ...([
    [0x2248, 0x2248],
    [0x2260, 0x2261],
    [0x2264, 0x2267],
    [0x2460, 0x2469],
    [0x2474, 0x249b],
    [0x2500, 0x254b],
  ] as const),
  ...([
    [0x2550, 0x2573],
    [0x25a0, 0x25a1],
    [0x25b2, 0x25b3],
    [0x25bc, 0x25bd],
    [0x25c6, 0x25c7],
    [0x25cb, 0x25cb],
  ] as const),
  ...([
    [0x25ce, 0x25cf],
    [0x2605, 0x2606],
    [0x2640, 0x2640],
    [0x2642, 0x2642],
    [0x3000, 0x3003],
    [0x3005, 0x3017],
  ] as const),
  ...([
    [0x3041, 0x3096],
    [0x309b, 0x309e],
    [0x30a1, 0x30fe],
    [0x3105, 0x312c],
    [0x3220, 0x3229],
    [0x3400, 0x4db5],
  ] as const),
  ...([
    [0x4e00, 0x9fa5],
    [0xff01, 0xff5e],
    [0xffe0, 0xffe5],
  ] as const),
]

export function isCjk(letter: string): boolean {
  const code = letter.codePointAt(0)!
  return code >= 0x391 && covered.some(([first, last]) => code >= first && code <= last)
}

/** As a hexadecimal string of a content stream. */
export function cjkLiteral(text: string): string {
  let hex = ''
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).padStart(4, '0')
  return `<${hex}>`
}

/** Glyphs are as wide as the font is tall (DW), and those of ASCII, which are not, are never written. */
export const cjkObjects = {
  font: (descendant: number, toUnicode: number) =>
    `<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H /DescendantFonts [${descendant} 0 R] /ToUnicode ${toUnicode} 0 R >>`,
  descendant: (descriptor: number) =>
    `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /FontDescriptor ${descriptor} 0 R >>`,
  // symbolic, without serifs: what stands in for it should look like the text around it
  descriptor:
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
} as const

/** The codes are Unicode already; said again, for programs that have no tables of the collection. */
export function identityToUnicode(): string {
  const rows = Array.from({ length: 256 }, (_, high) => high)
    .filter((high) => high < 0xd8 || high > 0xdf)
    .map((high) => {
      const byte = high.toString(16).padStart(2, '0')
      return `<${byte}00> <${byte}ff> <${byte}00>`
    })
  const blocks: string[] = []
  for (let i = 0; i < rows.length; i += 100) {
    const part = rows.slice(i, i + 100)
    blocks.push(`${part.length} beginbfrange\n${part.join('\n')}\nendbfrange`)
  }
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def /CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange <0000> <ffff> endcodespacerange',
    ...blocks,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n')
}
