// Names in the library: C identifiers from what people call models and tensors.

/** Headers that others include with a name of one word; a library of that name would be found instead. */
const taken =
  /^(shoe(_.*)?|main|assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath|threads|time|uchar|wchar|wctype|arduino|wire|spi|sdkconfig|kernel|device|model)$/

/** Lower case words joined by underscores, beginning with a letter. */
export function libraryName(text: string): string {
  const name = snake(text.replace(/\.(onnx|tflite|shoe)$/i, ''))
    .slice(0, 40)
    .replace(/_+$/, '')
  const letter = /^[a-z]/.test(name) ? name : `model_${name}`.replace(/_+$/, '')
  return taken.test(letter) ? `net_${letter}` : letter
}

const snake = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()

export const macroName = (text: string) => text.toUpperCase()

/** A C string literal: what is not printable ASCII as octal escapes of its UTF-8 bytes. */
export function cString(text: string): string {
  const characters = [...new TextEncoder().encode(text)].map((byte) => {
    const plain = byte >= 0x20 && byte < 0x7f && !'"\\?'.includes(String.fromCharCode(byte))
    return plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
  })
  return `"${characters.join('')}"`
}

/** Text from a model's file inside a comment or a line of a build file. */
export const plainText = (text: string) =>
  text
    .replace(/[^\x20-\x7e]/g, '?')
    .replaceAll('*/', '* /')
    .replaceAll('/*', '/ *')
    .slice(0, 200)

/** A float literal that reads back as the same binary32. */
export function cFloat(value: number): string {
  const text = Math.fround(value).toPrecision(9)
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`
}
