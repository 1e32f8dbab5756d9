// Plan to pack. The same plan and origin give the same bytes.
import { ByteWriter, bytesOf } from '../../base/bytes.ts'
import { crc32 } from '../../base/crc32.ts'
import { AppError, Bug } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import { codecNames } from '../../codecs/codec.ts'
import { elementsOf } from '../../ir/tensor.ts'
import {
  opInputs,
  type PackOrigin,
  type Place,
  type Plan,
  type Requant,
  scratchOf,
  type WeightStorage,
} from '../../targets/plan.ts'
import {
  hasScratch,
  headerBytes,
  kinds,
  magic,
  maxElements,
  maxRank,
  perChannel,
  planHeaderBytes,
  type SectionName,
  sectionNames,
  storageCodes,
  version,
} from './layout.ts'
import { NameWriter } from './names.ts'
import { type ParamContext, writeParams } from './write-params.ts'

export interface WriteOptions {
  /** Names of tensors and operators, for profiles and comparisons; without them the pack is smaller. Default true. */
  readonly names?: boolean
}

export function writeShoe(plan: Plan, origin: PackOrigin, options: WriteOptions = {}): Uint8Array<ArrayBuffer> {
  const pools = new Pools(plan)
  const planSection = writePlan(plan, pools)
  const sections: Record<SectionName, Uint8Array> = {
    META: writeMeta(plan, origin, options.names ?? true),
    PLAN: planSection,
    TENSORS: writeTensors(plan, pools),
    REQUANT: pools.requantSection(),
    WEIGHTS: pools.weights.finish(),
    TABLES: pools.tables.finish(),
  }
  return assemble(sections, isCoded(plan) ? version : 1)
}

/** Needs what version 1 does not have. */
const isCoded = ({ tensors, ops }: Plan) =>
  tensors.some(({ place }) => place.kind === 'constant' && place.storage) ||
  ops.some((op) => scratchOf(op) !== undefined)

export function assemble(
  sections: Readonly<Record<SectionName, Uint8Array>>,
  formatVersion: number,
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(headerBytes)
  out.u32(magic).u16(formatVersion).u16(0)
  const ordered = sectionNames.map((name) => sections[name])
  let end = headerBytes
  const offsets = ordered.map((bytes) => {
    const offset = roundUp(end)
    end = offset + bytes.byteLength
    return offset
  })
  out.u32(roundUp(end))
  ordered.forEach((bytes, i) => {
    out.u32(offsets[i]!).u32(bytes.byteLength).u32(crc32(bytes))
  })
  out.u32(crc32(out.finish()))
  for (const bytes of ordered) out.align(4).raw(bytes)
  return out.align(4).finish()
}

const roundUp = (offset: number) => Math.ceil(offset / 4) * 4

function limit(what: Note, found: number, most: number) {
  if (found > most) throw new AppError('fit.limit', { what, found, limit: most })
}

/** What operators and tensors refer to by offset; equal contents are stored once. */
class Pools implements ParamContext {
  readonly plan: Plan
  readonly weights = new ByteWriter()
  readonly tables = new ByteWriter()
  readonly #multipliers: number[] = []
  readonly #shifts: number[] = []
  readonly #seen = new Map<string, number>()

  constructor(plan: Plan) {
    this.plan = plan
  }

  /** Offset of constant data in WEIGHTS. */
  constant(data: Int8Array | Int32Array): number {
    return this.#once('w', this.weights.align(4), bytesOf(data))
  }

  /** Offset in WEIGHTS of a coded constant's block. */
  coded(storage: WeightStorage): number {
    const { codec, rowDims, payload, table, mode, residentOffset = -1 } = storage
    limit(say`the table of a coded tensor in bytes`, table.byteLength, 0xffff)
    const block = new ByteWriter(payload.byteLength + 16)
    block.u8(codecNames.indexOf(codec)).u8(rowDims).u16(table.byteLength).u32(payload.byteLength)
    if (table.byteLength > 0) block.u32(this.#once('t', this.tables, table))
    if (mode === 'resident') {
      if (residentOffset < 0) throw new Bug('resident weights have no place in the arena')
      block.u32(residentOffset)
    }
    return this.#once('w', this.weights.align(4), block.raw(payload).finish())
  }

  /** Offset in TABLES. */
  table(data: Int8Array | Uint16Array): number {
    return this.#once('t', this.tables.align(4), bytesOf(data))
  }

  /** Reference to factors in REQUANT. */
  requant(requant: Requant, channels: number): number {
    const { multiplier, shift } = requant
    const count = multiplier.length
    if (shift.length !== count || (count !== 1 && count !== channels))
      throw new Bug(`${count} multipliers and ${shift.length} shifts for ${channels} channels`)
    const key = `r${multiplier}/${shift}`
    let first = this.#seen.get(key)
    if (first === undefined) {
      first = this.#multipliers.length
      this.#multipliers.push(...multiplier)
      this.#shifts.push(...shift)
      this.#seen.set(key, first)
    }
    return count === 1 ? first : (first | perChannel) >>> 0
  }

  requantSection(): Uint8Array {
    const out = new ByteWriter().u32(this.#multipliers.length)
    for (const multiplier of this.#multipliers) out.i32(multiplier)
    for (const shift of this.#shifts) out.i8(shift)
    return out.finish()
  }

  #once(pool: string, out: ByteWriter, bytes: Uint8Array): number {
    const key = `${pool}${bytes.byteLength}:${crc32(bytes)}`
    const known = this.#seen.get(key)
    // The CRC finds candidates; only equal bytes may be shared.
    if (
      known !== undefined &&
      out
        .finish()
        .subarray(known, known + bytes.byteLength)
        .every((b, i) => b === bytes[i])
    )
      return known
    const offset = out.length
    out.raw(bytes)
    if (known === undefined) this.#seen.set(key, offset)
    return offset
  }
}

function writePlan(plan: Plan, pools: Pools): Uint8Array {
  limit(say`the number of tensors`, plan.tensors.length, 0xffff)
  limit(say`the number of operators`, plan.ops.length, 0xffff)
  limit(say`the arena in bytes`, plan.arenaBytes, 0xffffffff)
  const out = new ByteWriter()
  out
    .u16(plan.tensors.length)
    .u16(plan.ops.length)
    .u16(plan.inputs.length)
    .u16(plan.outputs.length)
    .u32(plan.arenaBytes)
  for (const port of [...plan.inputs, ...plan.outputs]) out.u16(port.tensor)
  const first = roundUp(planHeaderBytes + 2 * (plan.inputs.length + plan.outputs.length + plan.ops.length))
  const records = new ByteWriter()
  for (const op of plan.ops) {
    out.u16(checkedWord((first + records.length) / 4))
    const inputs = opInputs(op)
    const scratch = scratchOf(op)
    limit(say`the number of inputs of ${op.node}`, inputs.length, 255)
    records.u8(kinds[op.kind] | (scratch === undefined ? 0 : hasScratch))
    records.u8(inputs.length).u16(op.output)
    for (const input of inputs) records.u16(input)
    if (scratch !== undefined) records.u16(scratch)
    writeParams(op, records.align(4), pools)
    records.align(4)
  }
  return out.align(4).raw(records.finish()).finish()
}

function checkedWord(word: number): number {
  limit(say`the plan in bytes`, word * 4, 0xffff * 4)
  return word
}

/** Shapes are stored once each. */
function writeTensors(plan: Plan, pools: Pools): Uint8Array {
  const records = new ByteWriter()
  const dims: number[] = []
  const firstDim = new Map<string, number>()
  for (const tensor of plan.tensors) {
    const { shape, place } = tensor
    if (shape.length < 1 || shape.length > maxRank) throw new Bug(`tensor ${tensor.name} has rank ${shape.length}`)
    limit(say`the number of elements of ${tensor.name}`, elementsOf(shape), maxElements)
    const key = shape.join('x')
    if (!firstDim.has(key)) {
      firstDim.set(key, dims.length)
      dims.push(...shape)
    }
    if (place.kind === 'arena' && place.offset < 0) throw new Bug(`tensor ${tensor.name} has no place in the arena`)
    if (place.kind === 'constant' && place.data.length !== elementsOf(shape))
      throw new Bug(`constant ${tensor.name} of shape [${shape}] has ${place.data.length} elements`)
    const type = (tensor.dtype === 'i32' ? 1 : 0) | placeBits(place) | (shape.length << 2)
    records.u8(type).i8(tensor.zeroPoint).u16(firstDim.get(key)!)
    records.u32(place.kind === 'arena' ? place.offset : constantAt(place, pools)).f32(tensor.scale)
  }
  limit(say`the number of different sizes`, dims.length, 0xffff)
  for (const dim of dims) records.u32(dim)
  return records.finish()
}

type Constant = Extract<Place, { readonly kind: 'constant' }>

function placeBits(place: Place): number {
  if (place.kind === 'arena') return 0
  return 2 | (place.storage ? storageCodes[place.storage.mode] << 5 : 0)
}

const constantAt = ({ data, storage }: Constant, pools: Pools) =>
  storage ? pools.coded(storage) : pools.constant(data)

function writeMeta(plan: Plan, origin: PackOrigin, names: boolean): Uint8Array {
  const out = new ByteWriter()
  for (const hash of [origin.modelSha256, origin.recipeSha256, origin.dataSha256]) out.raw(hashBytes(hash))
  const texts = new NameWriter(out.u8(names ? 1 : 0))
  texts.write(origin.modelName).write(origin.producer)
  for (const port of [...plan.inputs, ...plan.outputs]) {
    texts.write(port.name)
    out.u8(port.shape.length)
    for (const dim of port.shape) out.u32(dim)
  }
  if (!names) return out.finish()
  for (const tensor of plan.tensors) texts.write(tensor.name)
  for (const op of plan.ops) {
    texts.write(op.node).write(op.op)
    out.u64(BigInt(op.macs))
  }
  return out.finish()
}

function hashBytes(hex: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Bug(`not a SHA-256: ${hex}`)
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16))
}
