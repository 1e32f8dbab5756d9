// What the code of an agent image is for, read from the map that the linker writes: every byte of flash belongs to a section
// of an object file, and objects are loaded in the order of the sources on the command line.

/** Bytes of flash that an image takes, by purpose; the four add up to what the agent reports as its code. */
export interface CodeSplit {
  /** The runtime without its decoders: reader, checks, kernels. */
  readonly kernelsBytes: number
  /** Decoders of coded weights. */
  readonly decodersBytes: number
  /** The agent: protocol, slots, measuring. */
  readonly protocolBytes: number
  /** Start-up, board, compiler library, alignment. */
  readonly boardBytes: number
}

type Part = keyof CodeSplit

function partOf(source: string | undefined): Part {
  if (source === undefined) return 'boardBytes'
  if (/^resources\/runtime\/src\/codec[^/]*\.c$/.test(source)) return 'decodersBytes'
  if (source.startsWith('resources/runtime/src/')) return 'kernelsBytes'
  return source.startsWith('resources/agent/src/') ? 'protocolBytes' : 'boardBytes'
}

/** Sections that lie in flash; names of the other output sections end a run of them. */
const inFlash = new Set(['.text', '.ARM.exidx', '.data'])

/**
 * @param map as GNU ld writes it with -Map
 * @param sources what was compiled, in the order of the command line
 */
export function codeSplit(map: string, sources: readonly string[]): CodeSplit {
  const lines = map.slice(map.indexOf('\nLinker script and memory map')).split('\n')
  const objects = lines.flatMap((line) => line.match(/^LOAD (\S+\.o)$/)?.[1] ?? [])
  if (objects.length !== sources.length)
    throw new Error(`the map has ${objects.length} objects for ${sources.length} sources`)
  const sourceOf = new Map(objects.map((object, i) => [object, sources[i]]))
  const split: Record<Part, number> = { kernelsBytes: 0, decodersBytes: 0, protocolBytes: 0, boardBytes: 0 }
  for (const { object, bytes } of sectionsInFlash(lines)) split[partOf(sourceOf.get(object))] += bytes
  const total = flashBytes(lines)
  split.boardBytes += total - Object.values(split).reduce((sum, bytes) => sum + bytes, 0)
  if (split.boardBytes < 0) throw new Error('the sections of the map are larger than the image')
  return split
}

/** Input sections with their object files. A long section name stands on a line of its own. */
function* sectionsInFlash(lines: readonly string[]): Generator<{ object: string; bytes: number }> {
  let current = ''
  for (const [i, line] of lines.entries()) {
    const output = line.match(/^(\.\S+)/)?.[1]
    if (output) current = output
    if (!inFlash.has(current)) continue
    const whole = /^ \.\S+$/.test(line) ? `${line}${lines[i + 1] ?? ''}` : line
    const found = whole.match(/^ \.\S+\s+0x[0-9a-f]+\s+0x([0-9a-f]+) (\S.*)$/)
    if (found) yield { object: found[2]!, bytes: Number.parseInt(found[1]!, 16) }
  }
}

/** The linker script computes it, and the agent reports it. */
function flashBytes(lines: readonly string[]): number {
  const line = lines.find((each) => each.includes(' linker_flash_bytes ='))
  const value = line?.match(/0x([0-9a-f]+)/)?.[1]
  if (value === undefined) throw new Error('the map does not say linker_flash_bytes')
  return Number.parseInt(value, 16)
}
