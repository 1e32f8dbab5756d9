// What of the runtime a model needs: kinds of operator, ways of storing weights, codecs; and the source files that hold them.
import { Bug } from '../../base/errors.ts'
import { type CodecName, codecNames } from '../../codecs/codec.ts'
import type { Plan, PlanOp, StorageMode } from '../plan.ts'

export type OpKind = PlanOp['kind']

export interface ModelUse {
  readonly kinds: readonly OpKind[]
  readonly modes: readonly StorageMode[]
  readonly codecs: readonly CodecName[]
  /** Codecs whose coded form kernels read. */
  readonly directCodecs: readonly CodecName[]
}

export function modelUse(plan: Plan): ModelUse {
  const storages = plan.tensors.flatMap(({ place }) =>
    place.kind === 'constant' && place.storage ? [place.storage] : [],
  )
  const codecsOf = (of: typeof storages) => {
    const used = new Set(of.map(({ codec }) => codec))
    return codecNames.filter((name) => used.has(name))
  }
  return {
    kinds: [...new Set(plan.ops.map(({ kind }) => kind))].sort(),
    modes: [...new Set(storages.map(({ mode }) => mode))].sort(),
    codecs: codecsOf(storages),
    directCodecs: codecsOf(storages.filter(({ mode }) => mode === 'direct')),
  }
}

/** As linked.h and shoe.h name them. Storage numbers are those of resources/runtime/SPEC.md, plain is 0. */
export function useMasks(use: ModelUse, kindCodes: Readonly<Record<OpKind, number>>) {
  const storageCodes: Readonly<Record<StorageMode, number>> = { direct: 1, streamed: 2, resident: 3 }
  const codecMask = (names: readonly CodecName[]) => maskOf(names.map((name) => codecNames.indexOf(name)))
  return {
    SHOE_KINDS: maskOf(use.kinds.map((kind) => kindCodes[kind])),
    SHOE_STORAGES: maskOf([0, ...use.modes.map((mode) => storageCodes[mode])]),
    SHOE_CODECS: codecMask(use.codecs),
    SHOE_DIRECT_CODECS: codecMask(use.directCodecs),
  }
}

const maskOf = (bits: readonly number[]) => bits.reduce((mask, bit) => mask | (1 << bit), 0)

const kernelFiles: Readonly<Record<OpKind, string>> = {
  conv2d: 'conv.c',
  depthwiseConv2d: 'depthwise.c',
  transposeConv2d: 'transpose_conv.c',
  fullyConnected: 'fully_connected.c',
  averagePool2d: 'pool.c',
  maxPool2d: 'pool.c',
  add: 'elementwise.c',
  sub: 'elementwise.c',
  mul: 'elementwise.c',
  div: 'elementwise.c',
  table: 'elementwise.c',
  requantize: 'elementwise.c',
  prelu: 'elementwise.c',
  softmax: 'softmax.c',
  mean: 'mean.c',
  concat: 'move.c',
  slice: 'move.c',
  pad: 'move.c',
  transpose: 'move.c',
  copy: 'move.c',
  resizeNearest: 'resize.c',
  resizeBilinear: 'resize.c',
}

/** Sources whose functions a source calls besides those that every model has. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'elementwise.c': ['walk.c', 'fixed.c'],
  'softmax.c': ['fixed.c'],
  'mean.c': ['walk.c'],
  'move.c': ['walk.c'],
  'direct.c': ['window.c'],
  'codec_huffman.c': ['codec_levels.c'],
  'codec_rans.c': ['codec_levels.c'],
}

const always = ['check.c', 'crc32.c', 'load.c', 'model.c', 'open.c', 'run.c']
const packed: readonly CodecName[] = ['int4', 'ternary', 'binary']
const sparse: readonly CodecName[] = ['bitmap', 'relative']

/**
 * Files of the runtime's source folder, headers included.
 * @param available text of every file there, by name
 */
export function runtimeFiles(use: ModelUse, available: ReadonlyMap<string, string>): string[] {
  const chosen = new Set([...always, ...use.kinds.map((kind) => kernelFiles[kind])])
  if (use.modes.length > 0) for (const name of ['coding.c', 'codec.c']) chosen.add(name)
  if (use.modes.includes('streamed')) chosen.add('stream.c')
  if (use.modes.includes('direct')) chosen.add('direct.c')
  if (use.directCodecs.some((name) => packed.includes(name))) chosen.add('direct_packed.c')
  if (use.directCodecs.some((name) => sparse.includes(name))) chosen.add('direct_sparse.c')
  for (const codec of use.codecs) for (const name of codecFiles(codec, available)) chosen.add(name)
  for (const name of [...chosen]) for (const more of needs[name] ?? []) chosen.add(more)
  for (const name of chosen) for (const header of includes(name, available)) chosen.add(header)
  return [...chosen].sort()
}

/** codec_<name>.c, and what it is split into. */
const codecFiles = (codec: CodecName, available: ReadonlyMap<string, string>) =>
  [...available.keys()].filter((name) => new RegExp(`^codec_${codec}(_\\w+)?\\.c$`).test(name))

/** The set that is walked grows by these, so headers of headers come too. shoe.h lies elsewhere. */
function includes(name: string, available: ReadonlyMap<string, string>): string[] {
  const text = available.get(name)
  if (text === undefined) throw new Bug(`the runtime has no ${name}`)
  const named = [...text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)].map(([, file]) => file!)
  return named.filter((file) => file !== 'shoe.h')
}
