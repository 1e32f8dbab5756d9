// Parameters of each operator, the reverse of write-params.ts.
import type { ByteReader } from '../../base/bytes.ts'
import { say } from '../../base/note.ts'
import type { PlanOp, PlanTensor, Requant, TensorIndex } from '../../targets/plan.ts'
import { kinds, padModes, perChannel, resizeFlags } from './layout.ts'
import { malformed } from './read.ts'

export interface OpHead {
  readonly node: string
  readonly op: string
  readonly macs: number
  readonly output: TensorIndex
  readonly inputs: readonly TensorIndex[]
  readonly scratch: TensorIndex | undefined
  readonly index: number
}

export interface RequantPool {
  readonly multiplier: Int32Array
  readonly shift: Int8Array
}

export interface ParamSources {
  readonly tensors: readonly PlanTensor[]
  readonly pool: RequantPool
  readonly tables: Uint8Array
}

type Kind = PlanOp['kind']
const kindByCode = new Map<number, Kind>(Object.entries(kinds).map(([kind, code]) => [code, kind as Kind]))

/** Fewest and most inputs. */
const inputCounts: Partial<Record<Kind, readonly [number, number]>> = {
  conv2d: [2, 3],
  depthwiseConv2d: [2, 3],
  transposeConv2d: [2, 3],
  fullyConnected: [2, 3],
  add: [2, 2],
  sub: [2, 2],
  mul: [2, 2],
  div: [2, 2],
  prelu: [2, 2],
  concat: [1, 255],
}

const weighted: ReadonlySet<Kind> = new Set(['conv2d', 'depthwiseConv2d', 'transposeConv2d', 'fullyConnected'])

export function readParams(code: number, head: OpHead, at: ByteReader, sources: ParamSources): PlanOp {
  const kind = kindByCode.get(code) ?? malformed(say`operator ${head.index} has the unknown code ${code}`)
  const [fewest, most] = inputCounts[kind] ?? [1, 1]
  if (head.inputs.length < fewest || head.inputs.length > most)
    malformed(say`operator ${head.index} (${kind}) has ${head.inputs.length} inputs`)
  if (head.scratch !== undefined && !weighted.has(kind))
    malformed(say`operator ${head.index} (${kind}) has scratch memory`)
  return new ParamReader(head, at, sources).read(kind)
}

class ParamReader {
  readonly #head: OpHead
  readonly #at: ByteReader
  readonly #sources: ParamSources

  constructor(head: OpHead, at: ByteReader, sources: ParamSources) {
    this.#head = head
    this.#at = at
    this.#sources = sources
  }

  read(kind: Kind): PlanOp {
    const { node, op, macs, output, inputs, scratch } = this.#head
    const base = { node, op, macs, output }
    const at = this.#at
    const input = inputs[0]!
    const second = inputs[1] ?? input
    const memory = scratch === undefined ? {} : { scratch }
    const weighted = { ...base, input, weights: second, bias: inputs[2] ?? null, ...memory }
    const channels = this.#dims(output).at(-1)!
    switch (kind) {
      case 'conv2d':
      case 'depthwiseConv2d': {
        const window = { ...this.#window(), dilationH: at.u16(), dilationW: at.u16() }
        const count = at.u16()
        const rest = { ...window, ...this.#clamp(), requant: this.#requant(channels) }
        return kind === 'conv2d'
          ? { kind, ...weighted, ...rest, groups: count }
          : { kind, ...weighted, ...rest, multiplier: count }
      }
      case 'transposeConv2d': {
        const window = { ...this.#window(), ...this.#clamp() }
        at.skip(2)
        return { kind, ...weighted, ...window, requant: this.#requant(channels) }
      }
      case 'fullyConnected': {
        const outputs = this.#dims(second).at(-2) ?? malformed(say`operator ${this.#head.index} has weights of rank 1`)
        return { kind, ...weighted, ...this.#paddedClamp(), requant: this.#requant(outputs) }
      }
      case 'averagePool2d':
      case 'maxPool2d': {
        const window = { ...this.#window(), kernelH: at.u16(), kernelW: at.u16(), ...this.#clamp() }
        return { kind, ...base, input, ...window, countPadding: at.u8() === 1 }
      }
      case 'add':
      case 'sub': {
        const start = { ...this.#clamp(), leftShift: at.u8() }
        at.skip(1)
        const [aRequant, bRequant, requant] = [this.#requant(1), this.#requant(1), this.#requant(1)]
        return { kind, ...base, a: input, b: second, ...start, aRequant, bRequant, requant }
      }
      case 'mul':
      case 'div':
        return { kind, ...base, a: input, b: second, ...this.#paddedClamp(), requant: this.#requant(1) }
      case 'requantize':
        return { kind, ...base, input, ...this.#paddedClamp(), requant: this.#requant(1) }
      case 'table':
        return { kind, ...base, input, table: this.#table(at.u32(), 256) }
      case 'prelu':
        return { kind, ...base, input, alpha: second, requant: this.#requant(1), alphaRequant: this.#requant(1) }
      case 'softmax': {
        const start = { multiplier: at.i32(), diffMin: at.i32(), leftShift: at.u8() }
        return { kind, ...base, input, ...start }
      }
      case 'mean': {
        const mask = at.u32()
        const axes = Array.from({ length: 8 }, (_, d) => d).filter((d) => (mask >> d) & 1)
        return { kind, ...base, input, axes, requant: this.#requant(1) }
      }
      case 'concat':
        return { kind, ...base, inputs, axis: at.u8() }
      case 'slice': {
        const pairs = this.#dims(output).map(() => [at.i32(), at.i32()] as const)
        return { kind, ...base, input, begin: pairs.map(([begin]) => begin), stride: pairs.map(([, stride]) => stride) }
      }
      case 'pad':
        return { kind, ...base, input, ...this.#pad(this.#dims(input), this.#dims(output)) }
      case 'transpose': {
        const perm = this.#dims(output).map(() => at.u8())
        return { kind, ...base, input, perm }
      }
      case 'copy':
        return { kind, ...base, input }
      case 'resizeNearest':
      case 'resizeBilinear': {
        const flags = at.u8()
        const alignCorners = (flags & resizeFlags.alignCorners) !== 0
        return { kind, ...base, input, alignCorners, halfPixelCenters: (flags & resizeFlags.halfPixelCenters) !== 0 }
      }
    }
  }

  #dims(tensor: TensorIndex) {
    return this.#sources.tensors[tensor]!.shape
  }

  #window() {
    const at = this.#at
    return { strideH: at.u16(), strideW: at.u16(), padTop: at.u16(), padLeft: at.u16() }
  }

  #clamp() {
    return { min: this.#at.i8(), max: this.#at.i8() }
  }

  #paddedClamp() {
    const clamp = this.#clamp()
    this.#at.skip(2)
    return clamp
  }

  #requant(channels: number): Requant {
    const reference = this.#at.u32()
    const first = reference % perChannel
    const count = reference >= perChannel ? channels : 1
    const { multiplier, shift } = this.#sources.pool
    if (first + count > multiplier.length) malformed(say`operator ${this.#head.index} refers to factors past the end`)
    return { multiplier: multiplier.subarray(first, first + count), shift: shift.subarray(first, first + count) }
  }

  #table(offset: number, length: number): Int8Array {
    const { tables } = this.#sources
    if (offset + length > tables.byteLength) malformed(say`operator ${this.#head.index} refers to a table past the end`)
    return new Int8Array(tables.buffer, tables.byteOffset + offset, length)
  }

  #pad(from: readonly number[], to: readonly number[]) {
    const at = this.#at
    const mode = padModes[at.u8()] ?? malformed(say`operator ${this.#head.index} has an unknown padding mode`)
    const value = at.i8()
    at.skip(2)
    const before = to.map(() => at.u32())
    const after = to.map((size, d) => size - (from[d] ?? 0) - before[d]!)
    if (from.length !== to.length || after.some((count) => count < 0))
      malformed(say`operator ${this.#head.index} pads to a smaller shape`)
    return { mode, value, before, after }
  }
}
