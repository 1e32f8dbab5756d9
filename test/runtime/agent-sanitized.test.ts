// The agent's C sources as a program under AddressSanitizer and UndefinedBehaviorSanitizer, fed with conversations that
// are right, nearly right, and not right at all.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sanitizedAgentCommand } from '../../build/native/agent.ts'
import { crc32 } from '../../src-main/base/crc32.ts'
import { type Random, seededRandom } from '../../src-main/base/random.ts'
import { decodeAnswer, encodeRequest } from '../../src-main/device/protocol/codec.ts'
import { encodeFrame } from '../../src-main/device/protocol/frame.ts'
import { FrameDecoder } from '../../src-main/device/protocol/frame-decoder.ts'
import { messages } from '../../src-main/device/protocol/messages.ts'
import { smallPack } from '../support/small-pack.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const work = mkdtempSync(join(tmpdir(), 'shoehorn-agent-'))
const program = join(work, 'agent')
const hasGcc = spawnSync('gcc', ['--version']).status === 0
if (!hasGcc) console.info('skipped: there is no gcc')

beforeAll(() => {
  const [command, ...options] = sanitizedAgentCommand(program)
  if (hasGcc) execFileSync(command!, options, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}, 120_000)
afterAll(() => rmSync(work, { recursive: true, force: true }))

const { pack } = smallPack()

function uploadFrames(what: Uint8Array, slot: number, random: Random): Uint8Array[] {
  const frames = [encodeRequest('modelBegin', 1, { slot, size: what.length, crc: crc32(what) })]
  for (let at = 0; at < what.length; ) {
    const data = what.subarray(at, at + 1 + random.below(1020))
    frames.push(encodeRequest('modelChunk', 2, { offset: at, data }))
    at += data.length
  }
  return [...frames, encodeRequest('modelCommit', 3, { slot })]
}

const use = (): Uint8Array[] => [
  encodeRequest('paint', 9, {}),
  encodeRequest('input', 10, { index: 0, offset: 0, data: new Uint8Array(64).fill(3) }),
  encodeRequest('run', 11, {}),
  encodeRequest('output', 12, { index: 0, offset: 0, length: 10 }),
  encodeRequest('bench', 13, { warmup: 1, runs: 2 }),
  encodeRequest('profile', 14, { first: 0 }),
  encodeRequest('inspect', 15, { op: 1, tensor: 3, offset: 0, length: 256 }),
  encodeRequest('memory', 16, {}),
  Buffer.from('profile%db load 4%db 01fe7F80%db print%infer 2 1%results%timestamp%help%'),
]

/** A byte, a word or a length changed, or something cut out or put in. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice()
  const at = random.below(copy.length)
  switch (random.below(4)) {
    case 0:
      copy[at]! ^= 1 << random.below(8)
      return copy
    case 1:
      copy.fill([0, 0xff, 0x80, 0x7f][random.below(4)]!, at, at + 1 + random.below(4))
      return copy
    case 2:
      return copy.subarray(0, at)
    default:
      return Buffer.concat([copy.subarray(0, at), Uint8Array.of(random.below(256)), copy.subarray(at)])
  }
}

/** Section CRCs made right again, so that the runtime looks at what was changed. */
function mutatedPack(random: Random): Uint8Array {
  const copy = pack.slice()
  const view = new DataView(copy.buffer)
  for (let i = 0; i <= random.below(4); i++) {
    const at = random.below(copy.length)
    if (random.below(2)) copy[at] = random.below(256)
    else if (at + 4 <= copy.length)
      view.setUint32(at, random.below(2) ? 0xffffffff - random.below(300) : random.below(300), true)
  }
  for (let section = 0; section < 6; section++) {
    const entry = 12 + 12 * section
    const [offset, length] = [view.getUint32(entry, true), view.getUint32(entry + 4, true)]
    if (offset + length <= copy.length) view.setUint32(entry + 8, crc32(copy.subarray(offset, offset + length)), true)
  }
  view.setUint32(84, crc32(copy.subarray(0, 84)), true)
  return copy
}

function wildFrame(random: Random): Uint8Array {
  const payload = Uint8Array.from({ length: random.below(24) }, () =>
    random.below(2) ? random.below(4) : random.below(256),
  )
  return encodeFrame({ type: random.below(8) === 0 ? random.below(256) : 0x80 | random.below(16), seq: 5, payload })
}

function talk(input: Uint8Array) {
  const result = spawnSync(program, { input, maxBuffer: 1 << 28, timeout: 60_000 })
  return { status: result.status, complaint: result.stderr.toString(), output: new Uint8Array(result.stdout) }
}

const framesOf = (output: Uint8Array) =>
  new FrameDecoder({ maxPayload: 1024 }).push(output).flatMap((event) => (event.kind === 'frame' ? [event.frame] : []))

describe.skipIf(!hasGcc)('agent under the sanitizers', () => {
  test('a whole conversation, in RAM and in flash', () => {
    for (const slot of [0, 1, 2]) {
      const input = Buffer.concat([...uploadFrames(pack, slot, seededRandom(slot)), ...use()])
      const { status, complaint, output } = talk(input)
      expect({ status, complaint }).toEqual({ status: 0, complaint: '' })
      const memory = framesOf(output).find((frame) => frame.seq === 16)!
      expect(decodeAnswer('memory', memory)).toMatchObject({ kind: 'response' })
      expect(Buffer.from(output).toString('latin1')).toContain('m-buffer-01-fe-7f-80\r\n')
    }
  })

  test.each([1, 2, 3, 4, 5, 6])('damaged streams, seed %i', (seed) => {
    const random = seededRandom(seed)
    const parts: Uint8Array[] = []
    for (let round = 0; round < 150; round++) {
      const good = [...uploadFrames(pack, random.below(3), random), ...use()]
      parts.push(...good.map((frame) => (random.below(6) === 0 ? mutated(frame, random) : frame)), wildFrame(random))
    }
    const { status, complaint } = talk(Buffer.concat(parts))
    expect({ status, complaint }).toEqual({ status: 0, complaint: '' })
  })

  test.each([11, 12, 13, 14, 15, 16])('hostile packs, seed %i', (seed) => {
    const random = seededRandom(seed)
    const parts: Uint8Array[] = []
    for (let round = 0; round < 300; round++)
      parts.push(...uploadFrames(mutatedPack(random), random.below(3), random), ...use())
    const { status, complaint, output } = talk(Buffer.concat(parts))
    expect({ status, complaint }).toEqual({ status: 0, complaint: '' })
    // Both the reader and the kernels were reached.
    const commits = framesOf(output).filter((frame) => frame.seq === 3)
    const opened = commits.filter((frame) => frame.type === (messages.modelCommit.id | 0xc0)).length
    expect(opened).toBeGreaterThan(20)
    expect(commits.length - opened).toBeGreaterThan(20)
  })
})
