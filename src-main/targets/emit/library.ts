// A pack as a C library that needs nothing else: the runtime's files that this model uses, the pack as a constant, an interface
// with the model's own names and sizes, and the build files of one ecosystem.

import { Bug } from '../../base/errors.ts'
import type { CodecName } from '../../codecs/codec.ts'
import { type ApiInput, apiHeader, apiSource, packHeader, packSource } from './api.ts'
import { arduinoFiles } from './arduino.ts'
import { cFiles } from './c.ts'
import { espIdfFiles } from './espidf.ts'
import { type ModelUse, modelUse, type OpKind, runtimeFiles, useMasks } from './model-use.ts'
import { libraryName } from './names.ts'
import { zephyrFiles } from './zephyr.ts'

export const libraryKinds = ['c', 'arduino', 'zephyr', 'espidf'] as const
export type LibraryKind = (typeof libraryKinds)[number]

export interface LibraryFile {
  /** Forward slashes, relative to the library's folder. */
  readonly path: string
  readonly text: string
}

/** The runtime's C, as it lies in resources/runtime. */
export interface RuntimeText {
  readonly shoeHeader: string
  /** Goes with it. */
  readonly license: string
  /** Of resources/runtime/src, by name. */
  readonly sources: ReadonlyMap<string, string>
}

export interface LibraryRequest extends Omit<ApiInput, 'name'> {
  readonly kind: LibraryKind
  /** C prefix; left out, from the model's name. */
  readonly name?: string
  readonly version: string
  readonly runtime: RuntimeText
  readonly kindCodes: Readonly<Record<OpKind, number>>
}

/** What an ecosystem's files are written from. */
export interface LibraryParts {
  readonly api: ApiInput
  readonly version: string
  readonly use: ModelUse
  /** Paths of the C sources, sorted. */
  readonly sources: readonly string[]
}

export interface Library {
  readonly name: string
  readonly files: readonly LibraryFile[]
  readonly use: ModelUse
  /** Of the C sources, relative to the library's folder. */
  readonly sources: readonly string[]
}

const layouts: Readonly<Record<LibraryKind, (parts: LibraryParts) => LibraryFile[]>> = {
  c: cFiles,
  arduino: arduinoFiles,
  zephyr: zephyrFiles,
  espidf: espIdfFiles,
}

export function emitLibrary(request: LibraryRequest): Library {
  const { kind, version, runtime, kindCodes } = request
  const name = libraryName(request.name ?? request.origin.modelName)
  const api: ApiInput = { ...request, name }
  const use = modelUse(request.plan)
  const own = [
    { path: 'LICENSE', text: runtime.license },
    { path: `src/${name}.h`, text: apiHeader(api) },
    { path: `src/${name}.c`, text: apiSource(api, use.modes.includes('resident')) },
    { path: `src/${name}_pack.h`, text: packHeader(api) },
    { path: `src/${name}_pack.c`, text: packSource(api) },
    { path: 'src/shoe/shoe.h', text: withConfig(runtime.shoeHeader) },
    { path: 'src/shoe/shoe_config.h', text: configHeader(use, kindCodes) },
    ...runtimeFiles(use, runtime.sources).map((file) => ({
      path: `src/shoe/${file}`,
      text: runtime.sources.get(file)!,
    })),
  ]
  const sources = own.map(({ path }) => path).filter((path) => path.endsWith('.c'))
  const files = [...own, ...layouts[kind]({ api, version, use, sources: sources.sort() })]
  return { name, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), use, sources }
}

/** The masks before anything looks at them: build systems that take no flags compile the same library. */
function withConfig(header: string): string {
  const mark = '#define SHOE_H\n'
  if (!header.includes(mark)) throw new Bug('shoe.h has no include guard')
  return header.replace(mark, `${mark}\n#include "shoe_config.h"\n`)
}

function configHeader(use: ModelUse, kindCodes: Readonly<Record<OpKind, number>>): string {
  const defines = Object.entries(useMasks(use, kindCodes)).map(
    ([name, mask]) => `#define ${name} 0x${mask.toString(16)}`,
  )
  return `/* What this model uses of the runtime; linked.h and codec.h say what the bits are.
 * Operators: ${use.kinds.join(', ')}
 * Weights: ${weightsText(use)} */
#ifndef SHOE_CONFIG_H
#define SHOE_CONFIG_H

${defines.join('\n')}

#endif
`
}

function weightsText({ modes, codecs }: ModelUse): string {
  const coded = (names: readonly CodecName[]) => names.join(', ')
  return modes.length === 0 ? 'plain int8' : `plain int8, and ${coded(codecs)} (${modes.join(', ')})`
}
