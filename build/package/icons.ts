// Icons in every form that packages take, from the drawings beside this file: `node build/package/icons.ts`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

const folder = import.meta.dirname
const drawings = ['icon', 'file-model', 'file-pack', 'file-project'] as const
const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512]
const icoSizes = [16, 24, 32, 48, 64, 128, 256]
/** Four letters of the entry in an icns, by its size in pixels; the Retina ones hold twice what they are called. */
const icnsTypes = [
  [16, 'icp4'],
  [32, 'ic11'],
  [32, 'icp5'],
  [64, 'ic12'],
  [128, 'ic07'],
  [256, 'ic13'],
  [256, 'ic08'],
  [512, 'ic14'],
  [512, 'ic09'],
  [1024, 'ic10'],
] as const

const draw = (svg: Buffer, size: number) =>
  sharp(svg, { density: (72 * size) / 512 })
    .resize(size, size)
    .png({ compressionLevel: 9 })
    .toBuffer()

/** A header, an entry of 16 bytes an image, and the images as PNG. */
function icoOf(images: readonly { readonly size: number; readonly png: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * images.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(images.length, 4)
  let at = head.length
  for (const [i, { size, png }] of images.entries()) {
    const entry = 6 + 16 * i
    // 0 stands for 256.
    head.writeUInt8(size % 256, entry)
    head.writeUInt8(size % 256, entry + 1)
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(png.length, entry + 8)
    head.writeUInt32LE(at, entry + 12)
    at += png.length
  }
  return Buffer.concat([head, ...images.map(({ png }) => png)])
}

/** 'icns' and the length of all, then type, length and PNG of each entry; big-endian. */
function icnsOf(images: readonly { readonly type: string; readonly png: Buffer }[]): Buffer {
  const chunk = (type: string, body: Buffer) => {
    const head = Buffer.from(`${type}0000`, 'latin1')
    head.writeUInt32BE(8 + body.length, 4)
    return Buffer.concat([head, body])
  }
  return chunk('icns', Buffer.concat(images.map(({ type, png }) => chunk(type, png))))
}

for (const name of drawings) {
  const svg = readFileSync(join(folder, `${name}.svg`))
  const ico = await Promise.all(icoSizes.map(async (size) => ({ size, png: await draw(svg, size) })))
  const icns = await Promise.all(icnsTypes.map(async ([size, type]) => ({ type, png: await draw(svg, size) })))
  writeFileSync(join(folder, `${name}.ico`), icoOf(ico))
  writeFileSync(join(folder, `${name}.icns`), icnsOf(icns))
}
const icon = readFileSync(join(folder, 'icon.svg'))
writeFileSync(join(folder, 'icon.png'), await draw(icon, 512))
mkdirSync(join(folder, 'icons'), { recursive: true })
for (const size of linuxSizes) writeFileSync(join(folder, 'icons', `${size}x${size}.png`), await draw(icon, size))
