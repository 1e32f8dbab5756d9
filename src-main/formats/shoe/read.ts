// Pack to plan. Everything in the file is doubted; whatever is wrong is AppError('pack.malformed').
import { ByteReader } from '../../base/bytes.ts'
import { crc32 } from '../../base/crc32.ts'
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { PackOrigin, Place, Plan, PlanOp, PlanPort, PlanTensor } from '../../targets/plan.ts'
import {
  hasScratch,
  headerBytes,
  magic,
  maxElements,
  maxRank,
  planHeaderBytes,
  type SectionName,
  sectionNames,
  sectionTableAt,
  tensorBytes,
  version,
} from './layout.ts'
import { NameReader } from './names.ts'
import { CodedReader } from './read-coded.ts'
import { type OpHead, type RequantPool, readParams } from './read-params.ts'

export interface ShoePack {
  readonly plan: Plan
  readonly origin: PackOrigin
  readonly sections: readonly { readonly name: SectionName; readonly bytes: Uint8Array }[]
}

export const malformed = (problem: Note): never => {
  throw new AppError('pack.malformed', { name: say`The file`, problem })
}

export const readerOf = (section: Note, bytes: Uint8Array) =>
  new ByteReader(bytes, (needed, offset, available) =>
    malformed(say`${section} ends too early (${needed} bytes needed at ${offset}, ${available} left)`),
  )

export function readShoe(bytes: Uint8Array): ShoePack {
  const sections = readSections(bytes)
  const head = readPlanHead(sections.PLAN)
  const meta = readMeta(sections.META, head)
  const tensors = readTensors(sections, head, meta.tensorNames)
  const ops = readOps(sections, head, tensors, meta.ops)
  const ports = head.ports.map((tensor, i): PlanPort => {
    const found = tensors[tensor]
    if (found?.place.kind !== 'arena') return malformed(say`port ${i} is not a tensor of the arena`)
    return { name: meta.ports[i]!.name, tensor, shape: meta.ports[i]!.shape }
  })
  return {
    plan: {
      tensors,
      ops,
      inputs: ports.slice(0, head.inputCount),
      outputs: ports.slice(head.inputCount),
      arenaBytes: head.arenaBytes,
    },
    origin: meta.origin,
    sections: sectionNames.map((name) => ({ name, bytes: sections[name] })),
  }
}

export type Sections = Readonly<Record<SectionName, Uint8Array>>

export const bySection = <T>(of: (name: SectionName) => T): Record<SectionName, T> => ({
  META: of('META'),
  PLAN: of('PLAN'),
  TENSORS: of('TENSORS'),
  REQUANT: of('REQUANT'),
  WEIGHTS: of('WEIGHTS'),
  TABLES: of('TABLES'),
})

export function readSections(bytes: Uint8Array): Sections {
  const at = readerOf(say`the header`, bytes)
  if (at.u32() !== magic) malformed(say`it does not begin with SHOE`)
  const found = at.u16()
  if (found < 1 || found > version || at.u16() !== 0)
    malformed(say`format version ${found}, this version of Shoehorn reads 1 to ${version}`)
  const total = at.u32()
  at.seek(headerBytes - 4)
  if (at.u32() !== crc32(bytes.subarray(0, headerBytes - 4))) malformed(say`the header is damaged`)
  if (total > bytes.byteLength) malformed(say`it should have ${total} bytes and has ${bytes.byteLength}`)
  at.seek(sectionTableAt)
  let end = headerBytes
  return bySection((name) => {
    const offset = at.u32()
    const length = at.u32()
    if (offset % 4 !== 0 || offset < end || offset + length > total) malformed(say`section ${name} is out of place`)
    end = offset + length
    const section = bytes.subarray(offset, end)
    if (at.u32() !== crc32(section)) malformed(say`section ${name} is damaged`)
    return section
  })
}

interface PlanHead {
  readonly tensorCount: number
  readonly inputCount: number
  readonly arenaBytes: number
  readonly ports: readonly number[]
  readonly opWords: readonly number[]
}

function readPlanHead(plan: Uint8Array): PlanHead {
  const at = readerOf('PLAN', plan)
  const [tensorCount, opCount, inputCount, outputCount] = [at.u16(), at.u16(), at.u16(), at.u16()]
  const arenaBytes = at.u32()
  const ports = inputCount + outputCount
  if (planHeaderBytes + 2 * (ports + opCount) > plan.byteLength) malformed(say`PLAN is shorter than its counts say`)
  const words = (count: number) => Array.from({ length: count }, () => at.u16())
  return { tensorCount, inputCount, arenaBytes, ports: words(ports), opWords: words(opCount) }
}

interface Meta {
  readonly origin: PackOrigin
  readonly ports: readonly { readonly name: string; readonly shape: readonly number[] }[]
  readonly tensorNames: readonly string[]
  readonly ops: readonly { readonly node: string; readonly op: string; readonly macs: number }[]
}

function readMeta(bytes: Uint8Array, head: PlanHead): Meta {
  const at = readerOf('META', bytes)
  const hash = () => Buffer.from(at.slice(32)).toString('hex')
  const [modelSha256, recipeSha256, dataSha256] = [hash(), hash(), hash()]
  const named = at.u8() === 1
  const names = new NameReader(at, malformed)
  const text = () => names.read()
  const origin: PackOrigin = { modelName: text(), modelSha256, recipeSha256, dataSha256, producer: text() }
  const ports = head.ports.map(() => ({ name: text(), shape: Array.from({ length: at.u8() }, () => at.u32()) }))
  const tensorNames = Array.from({ length: head.tensorCount }, (_, i) => (named ? text() : `tensor${i}`))
  const ops = head.opWords.map((_, i) =>
    named ? { node: text(), op: text(), macs: Number(at.u64()) } : { node: `op${i}`, op: '', macs: 0 },
  )
  return { origin, ports, tensorNames, ops }
}

function readTensors(sections: Sections, head: PlanHead, names: readonly string[]): PlanTensor[] {
  const at = readerOf('TENSORS', sections.TENSORS)
  const dimsAt = head.tensorCount * tensorBytes
  if (dimsAt > sections.TENSORS.byteLength) malformed(say`TENSORS is shorter than its count says`)
  const dims = readerOf(say`the sizes in TENSORS`, sections.TENSORS.subarray(dimsAt))
  // One copy, aligned whatever the file's own place in memory is. All constants are views of it, however many claim a part.
  const weights = sections.WEIGHTS.slice().buffer as ArrayBuffer
  const coded = new CodedReader(sections, head.arenaBytes)
  return names.map((name) => {
    const type = at.u8()
    const zeroPoint = at.i8()
    const rank = (type >> 2) & 7
    dims.seek(at.u16() * 4)
    if (rank < 1 || rank > maxRank) malformed(say`tensor ${name} has an impossible rank`)
    const shape = Array.from({ length: rank }, () => dims.u32())
    const dtype = type & 1 ? 'i32' : 'i8'
    const offset = at.u32()
    const placed = { name, dtype, shape, offset, constant: (type & 2) !== 0 } as const
    const place = type >> 5 ? coded.read(type >> 5, placed) : placeOf(weights, head.arenaBytes, placed)
    return { name, dtype, shape, scale: at.f32(), zeroPoint, place }
  })
}

export interface Placed {
  readonly name: string
  readonly dtype: 'i8' | 'i32'
  readonly shape: readonly number[]
  readonly offset: number
  readonly constant: boolean
}

export function checkedElements({ name, shape }: Placed): number {
  let elements = 1
  for (const dim of shape) {
    if (dim < 1 || elements * dim > maxElements) malformed(say`tensor ${name} has the impossible shape [${shape}]`)
    elements *= dim
  }
  return elements
}

function placeOf(weights: ArrayBuffer, arenaBytes: number, t: Placed): Place {
  const elements = checkedElements(t)
  const bytes = t.dtype === 'i32' ? elements * 4 : elements
  if (t.offset + bytes > (t.constant ? weights.byteLength : arenaBytes))
    malformed(say`tensor ${t.name} lies outside its memory`)
  if (!t.constant)
    return t.dtype === 'i8'
      ? { kind: 'arena', offset: t.offset }
      : malformed(say`tensor ${t.name} is int32 in the arena`)
  if (t.dtype === 'i32' && t.offset % 4 !== 0) malformed(say`tensor ${t.name} is not aligned`)
  const data =
    t.dtype === 'i32' ? new Int32Array(weights, t.offset, elements) : new Int8Array(weights, t.offset, elements)
  return { kind: 'constant', data }
}

function readRequantPool(bytes: Uint8Array): RequantPool {
  const at = readerOf('REQUANT', bytes)
  const count = at.u32()
  if (count > (bytes.byteLength - 4) / 5) malformed(say`REQUANT is shorter than its count says`)
  const multiplier = Int32Array.from({ length: count }, () => at.i32())
  const shift = Int8Array.from({ length: count }, () => at.i8())
  if (multiplier.some((m) => m < 0) || shift.some((s) => s < -31 || s > 30))
    malformed(say`a factor in REQUANT is out of range`)
  return { multiplier, shift }
}

function readOps(sections: Sections, head: PlanHead, tensors: readonly PlanTensor[], names: Meta['ops']): PlanOp[] {
  const at = readerOf('PLAN', sections.PLAN)
  const pool = readRequantPool(sections.REQUANT)
  let end = 0
  const tensorAt = (index: number) => (index < tensors.length ? index : malformed(say`there is no tensor ${index}`))
  return head.opWords.map((word, i) => {
    if (word * 4 < end) malformed(say`operator ${i} overlaps the one before`)
    at.seek(word * 4)
    const code = at.u8()
    const inputCount = at.u8()
    const output = tensorAt(at.u16())
    if (tensors[output]!.place.kind !== 'arena') malformed(say`operator ${i} writes to a constant`)
    const inputs = Array.from({ length: inputCount }, () => tensorAt(at.u16()))
    const scratch = code & hasScratch ? tensorAt(at.u16()) : undefined
    if ((inputCount + (scratch === undefined ? 0 : 1)) % 2) at.skip(2)
    const opHead: OpHead = { ...names[i]!, output, inputs, scratch, index: i }
    const op = readParams(code & ~hasScratch, opHead, at, { tensors, pool, tables: sections.TABLES })
    end = at.offset
    return op
  })
}
