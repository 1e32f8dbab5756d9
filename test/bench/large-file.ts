// A made ONNX file of any size through `encode` and `decode` in processes of their own: that it comes back, and what that takes.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ByteWriter } from '../../src-main/base/bytes.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { putVarint } from '../../src-main/formats/container/varint.ts'
import { repository } from '../support/cli.ts'

const blockBytes = 1 << 22

/** One graph with initialisers of 256 MiB of seeded, normally distributed float32, every eighth block zeros. */
export function makeLargeOnnx(path: string, bytes: number) {
  const file = openSync(path, 'w')
  try {
    const tensors: { head: Uint8Array; bytes: number }[] = []
    for (let left = bytes, i = 0; left > 0; left -= 1 << 28, i++) {
      const size = Math.max(4096, Math.min(left, 1 << 28) & ~4095)
      const inner = field(new ByteWriter().u8(8), size / 4096).u8(8)
      putVarint(inner, 1024).u8(16).u8(1).u8(66)
      const name = `w${i}`
      putVarint(inner, name.length).text(name).u8(74)
      putVarint(inner, size)
      const head = field(new ByteWriter().u8(42), inner.length + size).raw(inner.finish())
      tensors.push({ head: head.finish(), bytes: size })
    }
    const graph = tensors.reduce((sum, tensor) => sum + tensor.head.length + tensor.bytes, 0)
    writeSync(file, field(new ByteWriter().u8(8).u8(8).u8(58), graph).finish())
    const blocks = normalBlocks()
    for (const { head, bytes: size } of tensors) {
      writeSync(file, head)
      for (let done = 0; done < size; done += blockBytes)
        writeSync(file, blocks(), 0, Math.min(blockBytes, size - done))
    }
  } finally {
    closeSync(file)
  }
}

const field = putVarint

/** Eight different blocks in turn. */
function normalBlocks(): () => Uint8Array {
  const random = seededRandom(1)
  const blocks = Array.from({ length: 8 }, (_, b) => {
    const values = new Float32Array(blockBytes / 4)
    if (b < 7) for (let i = 0; i < values.length; i++) values[i] = 0.05 * random.normal()
    return new Uint8Array(values.buffer)
  })
  let at = 0
  return () => blocks[at++ % blocks.length]!
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

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part)
  return hash.digest('hex')
}

export async function measureLargeFile(bytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'shoehorn-large-'))
  try {
    const [model, packed, back] = ['model.onnx', 'model.shoe', 'back.onnx'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    makeLargeOnnx(model, bytes)
    const workspace = ['--workspace', join(folder, 'workspace')]
    const print = (what: string, usage: Usage) =>
      console.log(
        `${what}: exit ${usage.status}, ${usage.seconds.toFixed(1)} s, peak ${(usage.peakBytes / 1e6).toFixed(0)} MB resident`,
      )
    print(`encode of ${statSync(model).size} bytes`, await runMeasured('encode', model, '--out', packed, ...workspace))
    print(`decode of ${statSync(packed).size} bytes`, await runMeasured('decode', packed, '--out', back, ...workspace))
    const same = (await fileSha256(model)) === (await fileSha256(back))
    console.log(same ? 'the file came back bit for bit' : 'the file did NOT come back')
    if (!same) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
