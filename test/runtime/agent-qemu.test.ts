// The board images boot in QEMU, answer, and give the twin's outputs. Skipped, saying so, where QEMU is not installed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { crc32 } from '../../src-main/base/crc32.ts'
import {
  decodeAnswer,
  encodeRequest,
  type RequestBody,
  type ResponseBody,
} from '../../src-main/device/protocol/codec.ts'
import type { Frame } from '../../src-main/device/protocol/frame.ts'
import { FrameDecoder } from '../../src-main/device/protocol/frame-decoder.ts'
import type { MessageName } from '../../src-main/device/protocol/messages.ts'
import { slotImage } from '../../src-main/device/slot-image.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { smallInputs, smallPack } from '../support/small-pack.ts'

const image = (name: string) => fileURLToPath(new URL(`../../resources/prebuilt/${name}`, import.meta.url))
const hasQemu = spawnSync('qemu-system-arm', ['--version']).status === 0
if (!hasQemu) console.info('skipped: there is no qemu-system-arm (Debian package of that name)')

const work = mkdtempSync(join(tmpdir(), 'shoehorn-qemu-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const { pack, plan } = smallPack()
const [input] = smallInputs(1)[0]!

class Board implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #socket: Socket
  readonly #decoder = new FrameDecoder({ maxPayload: 1024 })
  readonly #answers = new Map<number, (frame: Frame) => void>()
  #seq = 0

  constructor(child: ChildProcess, socket: Socket) {
    this.#child = child
    this.#socket = socket
    socket.on('data', (chunk) => {
      for (const event of this.#decoder.push(chunk))
        if (event.kind === 'frame') this.#answers.get(event.frame.seq)?.(event.frame)
    })
  }

  async ask<M extends MessageName>(name: M, body: RequestBody<M>): Promise<ResponseBody<M>> {
    const seq = ++this.#seq
    const { promise, resolve } = Promise.withResolvers<Frame>()
    this.#answers.set(seq, resolve)
    this.#socket.write(encodeRequest(name, seq, body))
    const answer = decodeAnswer(name, await promise)
    if (answer.kind !== 'response') throw new Error(`${name}: ${JSON.stringify(answer)}`)
    return answer.body
  }

  /** What is said before the board has started its UART is lost. */
  async started(): Promise<this> {
    for (;;) {
      const answer = this.ask('hello', { protocol: 1 })
      if (await Promise.race([answer.then(() => true), sleep(200, false)])) return this
    }
  }

  async [Symbol.asyncDispose]() {
    this.#socket.destroy()
    this.#child.kill('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }
}

async function boot(machine: string, firmware: string, more: readonly string[] = []): Promise<Board> {
  const path = join(work, `${machine}.sock`)
  rmSync(path, { force: true })
  const options = [
    '-M',
    machine,
    '-nographic',
    '-monitor',
    'none',
    '-icount',
    'shift=0',
    '-kernel',
    image(firmware),
    ...more,
  ]
  const child = spawn('qemu-system-arm', [...options, '-serial', `unix:${path},server=on,wait=off`], {
    stdio: 'ignore',
  })
  for (let attempt = 0; ; attempt++) {
    const socket = connect(path)
    try {
      await once(socket, 'connect')
      return await new Board(child, socket).started()
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(50)
    }
  }
}

async function runsAsTheTwin(board: Board) {
  using twin = await openTwin(pack)
  const [expected] = twin.run([input!])
  await board.ask('input', { index: 0, offset: 0, data: new Uint8Array(input!.buffer) })
  expect(await board.ask('run', {})).toMatchObject({ digest: crc32(new Uint8Array(expected!.buffer)) })
  const { data } = await board.ask('output', { index: 0, offset: 0, length: 10 })
  expect(new Int8Array(data)).toEqual(expected)
}

async function upload(board: Board, slot: number, chunkBytes: number) {
  await board.ask('modelBegin', { slot, size: pack.length, crc: crc32(pack) })
  for (let at = 0; at < pack.length; at += chunkBytes) {
    await board.ask('modelChunk', { offset: at, data: pack.subarray(at, at + chunkBytes) })
  }
  expect(await board.ask('modelCommit', { slot })).toEqual({ arenaBytes: plan.arenaBytes, operators: 3 })
}

describe.skipIf(!hasQemu)('agent in QEMU', { timeout: 60_000 }, () => {
  test.each([
    {
      machine: 'netduinoplus2',
      firmware: 'agent-stm32f405.elf',
      core: 'cortex-m4',
      features: 11,
      clockHz: 168_000_000,
      states: [1, 0, 0],
      ramBytes: 128 * 1024,
    },
    {
      machine: 'mps2-an386',
      firmware: 'agent-mps2-an386.elf',
      core: 'cortex-m4',
      features: 11,
      clockHz: 25_000_000,
      states: [1, 1, 1],
      ramBytes: 4096 * 1024,
    },
    {
      machine: 'microbit',
      firmware: 'agent-nrf51822.elf',
      core: 'cortex-m0',
      features: 0,
      clockHz: 16_000_000,
      states: [1, 1],
      ramBytes: 16 * 1024,
    },
  ])(
    '$machine says hello, takes a model into RAM and runs it',
    async ({ machine, firmware, core, features, clockHz, states, ramBytes }) => {
      await using board = await boot(machine, firmware)
      const hello = await board.ask('hello', { protocol: 1 })
      expect(hello).toMatchObject({ protocol: 1, board: machine, core, clockHz, counter: 1, features })
      expect(hello.slots.map(({ state }) => state)).toEqual(states)
      // All RAM is accounted for, but for what alignment takes.
      expect(ramBytes - hello.poolBytes - hello.staticBytes - hello.stackBytes).toBeLessThan(300)
      await upload(board, 0, hello.maxPayload - 24)
      await runsAsTheTwin(board)
      await board.ask('paint', {})
      const { cycles } = await board.ask('bench', { warmup: 1, runs: 4 })
      const counts = cycles.map(({ value }) => Number(value))
      // Virtual time counts instructions: each run takes the same, but for an interrupt and the reading of the timer.
      expect(Math.min(...counts)).toBeGreaterThan(500)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(Math.max(50, counts[0]! / 100))
      const memory = await board.ask('memory', {})
      expect(memory.arenaHigh).toBeGreaterThan(plan.arenaBytes - 16)
      expect(memory.stackHigh).toBeGreaterThan(200)
      expect(memory.stackHigh).toBeLessThan(memory.stackBytes)
    },
  )

  test('netduinoplus2 finds a model that was put into its flash before it started', async () => {
    const file = join(work, 'slot.bin')
    writeFileSync(file, slotImage(pack, 1))
    await using board = await boot('netduinoplus2', 'agent-stm32f405.elf', [
      ...['-device', `loader,file=${file},addr=0x08020000,force-raw=on`],
    ])
    expect(await board.ask('modelInfo', {})).toMatchObject({ slot: 1, size: pack.length, crc: crc32(pack) })
    expect((await board.ask('hello', { protocol: 1 })).slots.map(({ state }) => state)).toEqual([1, 2, 0])
    await runsAsTheTwin(board)
  })

  test.each([
    { machine: 'mps2-an386', firmware: 'agent-mps2-an386.elf', slot: 2 },
    { machine: 'microbit', firmware: 'agent-nrf51822.elf', slot: 1 },
  ])('$machine keeps a model in its flash slot over a reset', async ({ machine, firmware, slot }) => {
    await using board = await boot(machine, firmware)
    await upload(board, slot, 236)
    await board.ask('reset', {})
    await sleep(500)
    expect(await board.ask('modelInfo', {})).toMatchObject({ slot, crc: crc32(pack) })
    await runsAsTheTwin(board)
  })
})
