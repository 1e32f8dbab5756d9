// Made files of any size through `encode` and `decode` in processes of their own: that they come back, and what that takes.
//   node test/bench/large-file.ts [bytes] [onnx|external|npz ...]
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ByteWriter } from '../../src-main/base/bytes.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { writeNpzFile } from '../../src-main/formats/container/npz-write.ts'
import { putVarint } from '../../src-main/formats/container/varint.ts'
import { hashFile } from '../../src-main/store/trees.ts'
import { repository } from '../support/cli.ts'

const blockBytes = 1 << 22
const tensorBytes = 1 << 28
const columns = 1024

interface MadeTensor {
  readonly name: string
  readonly bytes: number
}

/** Tensors of `most` bytes, rows of 1024 float32 values. */
function tensorsOf(bytes: number, most = tensorBytes): MadeTensor[] {
  const count = Math.ceil(bytes / most)
  return Array.from({ length: count }, (_, i) => {
    const left = Math.min(bytes - i * most, most)
    return { name: `w${i}`, bytes: Math.max(4 * columns, left - (left % (4 * columns))) }
  })
}

/** One graph with initialisers of seeded, normally distributed float32, every eighth block zeros. */
export function makeLargeOnnx(path: string, bytes: number) {
  const tensors = tensorsOf(bytes)
  // field 9 of TensorProto: raw_data
  const raws = tensors.map((tensor) => putVarint(new ByteWriter().u8(74), tensor.bytes).finish())
  writeFile(path, (put) => {
    const protos = tensors.map((tensor, i) => protoHead(tensor, raws[i]!, tensor.bytes))
    put(graphHead(protos.reduce((sum, head, i) => sum + head.length + tensors[i]!.bytes, 0)))
    const blocks = normalBlocks()
    for (const [i, tensor] of tensors.entries()) {
      put(protos[i]!)
      putBlocks(put, tensor.bytes, blocks)
    }
  })
}

/** The same weights in two files beside the model, whose paths are given. */
export function makeExternalOnnx(path: string, bytes: number, mostBytes = tensorBytes): string[] {
  const tensors = tensorsOf(bytes, mostBytes)
  const name = basename(path).replace(/\.[^.]*$/, '')
  const files = [`${name}.data`, `weights/${name}.more`]
  const place = tensors.map((_, i) => ({ file: i % 2, offset: mostBytes * Math.floor(i / 2) }))
  const protos = tensors.map((tensor, i) => {
    const { file, offset } = place[i]!
    const entries = { location: files[file]!, offset: String(offset), length: String(tensor.bytes) }
    return protoHead(tensor, externalFields(entries), 0)
  })
  writeFile(path, (put) => {
    put(graphHead(protos.reduce((sum, head) => sum + head.length, 0)))
    for (const head of protos) put(head)
  })
  mkdirSync(join(dirname(path), 'weights'), { recursive: true })
  const blocks = normalBlocks()
  for (const [number, file] of files.entries())
    writeFile(join(dirname(path), file), (put) => {
      for (const [i, tensor] of tensors.entries()) if (place[i]!.file === number) putBlocks(put, tensor.bytes, blocks)
    })
  return files.filter((_, number) => place.some(({ file }) => file === number))
}

/** Stored, as numpy.savez does. */
export function makeLargeNpz(path: string, bytes: number) {
  let block = blockAt(0)
  writeFile(path, (put) => {
    const tensors = tensorsOf(bytes).map(({ name, bytes: size }) => ({
      name,
      dtype: 'f32' as const,
      shape: [size / 4 / columns, columns],
      bytes: size,
      read(at: number, count: number) {
        if (at % blockBytes === 0) block = blockAt(at / blockBytes)
        return block.subarray(at % blockBytes, (at % blockBytes) + count)
      },
    }))
    writeNpzFile(tensors, put)
  })
}

function writeFile(path: string, write: (put: (bytes: Uint8Array) => void) => void) {
  const file = openSync(path, 'w')
  try {
    write((bytes) => void writeSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

/** GraphProto in a ModelProto of version 8, its length known. */
const graphHead = (bytes: number) => putVarint(new ByteWriter().u8(8).u8(8).u8(58), bytes).finish()

/** A TensorProto up to its data: dims, data_type float, name, and fields that are there already. */
function protoHead({ name, bytes }: MadeTensor, fields: Uint8Array, dataBytes: number): Uint8Array {
  const inner = putVarint(new ByteWriter().u8(8), bytes / 4 / columns).u8(8)
  putVarint(inner, columns).u8(16).u8(1).u8(66)
  putVarint(inner, name.length).text(name).raw(fields)
  return putVarint(new ByteWriter().u8(42), inner.length + dataBytes)
    .raw(inner.finish())
    .finish()
}

/** external_data (13) with its entries, data_location (14) external. */
function externalFields(entries: Readonly<Record<string, string>>): Uint8Array {
  const fields = new ByteWriter()
  for (const [key, value] of Object.entries(entries)) {
    const entry = putVarint(new ByteWriter().u8(10), key.length).text(key).u8(18)
    putVarint(entry, value.length).text(value)
    putVarint(fields.u8(106), entry.length).raw(entry.finish())
  }
  return fields.u8(112).u8(1).finish()
}

function putBlocks(put: (bytes: Uint8Array) => void, bytes: number, blocks: () => Uint8Array) {
  for (let done = 0; done < bytes; done += blockBytes) put(blocks().subarray(0, Math.min(blockBytes, bytes - done)))
}

const madeBlocks: Uint8Array[] = []

/** Eight different blocks in turn. */
function blockAt(index: number): Uint8Array {
  if (madeBlocks.length === 0) {
    const random = seededRandom(1)
    for (let b = 0; b < 8; b++) {
      const values = new Float32Array(blockBytes / 4)
      if (b < 7) for (let i = 0; i < values.length; i++) values[i] = 0.05 * random.normal()
      madeBlocks.push(new Uint8Array(values.buffer))
    }
  }
  return madeBlocks[index % madeBlocks.length]!
}

function normalBlocks(): () => Uint8Array {
  let at = 0
  return () => blockAt(at++)
}

export interface Usage {
  readonly status: number | null
  readonly seconds: number
  readonly peakBytes: number
  readonly stderr: string
}

/** Runs the command line and asks it, as it ends, for the most memory it had. */
export async function runMeasured(...args: readonly string[]): Promise<Usage> {
  const start = performance.now()
  const report = 'data:text/javascript,process.on("exit",()=>console.error("peak="+process.resourceUsage().maxRSS))'
  const child = spawn(process.execPath, ['--import', report, 'src-main/hosts/cli/main.ts', ...args], {
    cwd: repository,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const peakBytes = 1024 * Number(/peak=(\d+)/.exec(stderr)?.[1])
  return { status, seconds: (performance.now() - start) / 1000, peakBytes, stderr }
}

const kinds = ['onnx', 'external', 'npz'] as const
type Kind = (typeof kinds)[number]

/** Writes the file, and gives the names of all there are. */
function make(kind: Kind, folder: string, bytes: number): string[] {
  if (kind === 'external') return ['model.onnx', ...makeExternalOnnx(join(folder, 'model.onnx'), bytes)]
  const name = kind === 'npz' ? 'model.npz' : 'model.onnx'
  if (kind === 'npz') makeLargeNpz(join(folder, name), bytes)
  else makeLargeOnnx(join(folder, name), bytes)
  return [name]
}

/** Original, container, and what comes back. */
const copies = 3

export async function measureLargeFile(kind: Kind, bytes: number) {
  const { bavail, bsize } = statfsSync(tmpdir())
  if (bavail * bsize < copies * bytes + 1e9)
    throw new Error(`${tmpdir()} has too little room for ${copies} times ${bytes} bytes`)
  const folder = mkdtempSync(join(tmpdir(), 'shoehorn-large-'))
  try {
    const names = make(kind, folder, bytes)
    const packed = join(folder, 'model.shoe')
    mkdirSync(join(folder, 'back'))
    const workspace = ['--workspace', join(folder, 'workspace')]
    const print = (what: string, usage: Usage) =>
      console.log(
        `${kind}: ${what}: exit ${usage.status}, ${usage.seconds.toFixed(1)} s, peak ${(usage.peakBytes / 1e6).toFixed(0)} MB resident`,
      )
    const size = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    const [main] = names as [string]
    print(`encode of ${size} bytes`, await runMeasured('encode', join(folder, main), '--out', packed, ...workspace))
    const back = ['--out', join(folder, 'back', main), ...workspace]
    print(`decode of ${statSync(packed).size} bytes`, await runMeasured('decode', packed, ...back))
    let same = true
    for (const name of names)
      same &&= (await hashFile(join(folder, name))) === (await hashFile(join(folder, 'back', name)))
    console.log(`${kind}: ${same ? `all files came back bit for bit (${names.length})` : 'it did NOT come back'}`)
    if (!same) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function main([bytes, ...asked]: readonly string[]) {
  const chosen = asked.length === 0 ? kinds : kinds.filter((kind) => asked.includes(kind))
  for (const kind of chosen) await measureLargeFile(kind, Number(bytes ?? 2 ** 31))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
