// The Pico's image on rp2040js, from its vector table on: flash through the boot ROM's functions, and a counter that agrees
// with the emulated core's own.
import { readFileSync } from 'node:fs'
import { Simulator } from 'rp2040js'
import { expect, test } from 'vitest'
import { crc32 } from '../../src-main/base/crc32.ts'
import { bootRom, serveFlashCall } from '../../src-main/device/links/pico/boot-rom.ts'
import { loadUf2 } from '../../src-main/device/links/pico/uf2.ts'
import {
  decodeAnswer,
  encodeRequest,
  type RequestBody,
  type ResponseBody,
} from '../../src-main/device/protocol/codec.ts'
import { FrameDecoder } from '../../src-main/device/protocol/frame-decoder.ts'
import type { MessageName } from '../../src-main/device/protocol/messages.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { smallInputs, smallPack } from '../support/small-pack.ts'

const flashBase = 0x10000000
const vectors = 0x10000100
const nanosPerCycle = 8
const image = readFileSync(new URL('../../resources/prebuilt/agent-rp2040.uf2', import.meta.url))

const { pack, plan } = smallPack()
const [input] = smallInputs(1)[0]!

class Pico {
  readonly #simulator = new Simulator()
  readonly chip = this.#simulator.rp2040
  readonly #uart = this.chip.uart[0]!
  readonly #decoder = new FrameDecoder({ maxPayload: 1024 })
  #sent: number[] = []
  #seq = 0
  /** Core cycles at each line end that was sent. */
  readonly lineEnds: number[] = []

  /** @param before a board whose flash this one has, as after a reset */
  constructor(before?: Pico) {
    const { chip } = this
    chip.loadBootrom(bootRom())
    if (before) chip.flash.set(before.chip.flash)
    else loadUf2(image, chip.flash, flashBase)
    this.#uart.onByte = (byte) => {
      this.#sent.push(byte)
      if (byte === 10) this.lineEnds.push(chip.core.cycles)
    }
    chip.onBreak = (call) => serveFlashCall(call, chip.core.registers, chip.flash, (at) => chip.readUint8(at))
    chip.core.VTOR = vectors
    chip.core.SP = chip.readUint32(vectors)
    chip.core.PC = chip.readUint32(vectors + 4) & ~1
    this.#work(1_000_000)
  }

  /** Until the agent sleeps, or for so many instructions. */
  #work(instructions: number) {
    const { core } = this.chip
    for (let i = 0; i < instructions && !core.waiting; i++)
      this.#simulator.clock.tick(core.executeInstruction() * nanosPerCycle)
    if (this.#sent.length > 1e6) throw new Error('the agent does not stop sending')
  }

  exchange(bytes: Uint8Array): Uint8Array {
    for (const byte of bytes) {
      this.#uart.feedByte(byte)
      this.#work(50)
    }
    this.#work(60_000_000)
    const sent = Uint8Array.from(this.#sent)
    this.#sent = []
    return sent
  }

  ask<M extends MessageName>(name: M, body: RequestBody<M>): ResponseBody<M> {
    const events = this.#decoder.push(this.exchange(encodeRequest(name, ++this.#seq, body)))
    const frame = events.flatMap((event) => (event.kind === 'frame' ? [event.frame] : []))[0]
    const answer = frame && decodeAnswer(name, frame)
    if (answer?.kind !== 'response') throw new Error(`${name}: ${JSON.stringify(answer)}`)
    return answer.body
  }

  deploy(slot: number) {
    this.ask('modelBegin', { slot, size: pack.length, crc: crc32(pack) })
    for (let at = 0; at < pack.length; at += 1000) {
      this.ask('modelChunk', { offset: at, data: pack.subarray(at, at + 1000) })
    }
    this.ask('modelCommit', { slot })
  }
}

test('hello tells of a Pico at 125 MHz with two flash slots that can be written', () => {
  const pico = new Pico()
  const hello = pico.ask('hello', { protocol: 1 })
  expect(hello).toMatchObject({ board: 'pico', core: 'cortex-m0plus', clockHz: 125_000_000, counter: 0, features: 0 })
  expect(pico.chip.clkSys).toBe(hello.clockHz)
  expect(hello.slots.map(({ kind, state, address }) => [kind, state, address])).toEqual([
    [0, 1, expect.any(Number)],
    [1, 1, 0x10080000],
    [1, 1, 0x10140000],
  ])
  expect(264 * 1024 - hello.poolBytes - hello.staticBytes - hello.stackBytes).toBeLessThan(300)
})

test('a model goes into flash, outlives a reset, and gives the outputs of the twin', async () => {
  using twin = await openTwin(pack)
  const [expected] = twin.run([input!])
  const blank = new Pico()
  blank.deploy(2)
  const pico = new Pico(blank)
  expect(pico.ask('modelInfo', {})).toMatchObject({ slot: 2, size: pack.length, crc: crc32(pack) })
  pico.ask('input', { index: 0, offset: 0, data: new Uint8Array(input!.buffer) })
  expect(pico.ask('run', {}).digest).toBe(crc32(new Uint8Array(expected!.buffer)))
  pico.ask('paint', {})
  pico.ask('run', {})
  const memory = pico.ask('memory', {})
  expect(memory.arenaHigh).toBeGreaterThan(plan.arenaBytes - 16)
  expect(memory.stackHigh).toBeLessThan(memory.stackBytes / 2)
})

test('counts are the core cycles of the runtime, over wraps of the 24-bit timer too', () => {
  const pico = new Pico()
  pico.deploy(0)
  const before = pico.chip.core.cycles
  const { cycles } = pico.ask('run', {})
  const whole = pico.chip.core.cycles - before
  expect(Number(cycles)).toBeLessThan(whole)
  expect(Number(cycles)).toBeGreaterThan(whole - 15_000)
  expect(
    pico.ask('bench', { warmup: 0, runs: 3 }).cycles.map(({ value }) => Math.abs(Number(value - cycles)) < 50),
  ).toEqual([...[true, true, true]])
  const runs = Math.ceil((2.2 * 2 ** 24) / Number(cycles))
  pico.lineEnds.length = 0
  const text = Buffer.from(pico.exchange(Buffer.from(`infer ${runs} 0%`))).toString()
  const laps = [...text.matchAll(/m-lap-us-(\d+)/g)].map((match) => Number(match[1]))
  // The laps are lines 4 and 5.
  const between = pico.lineEnds[4]! - pico.lineEnds[3]!
  expect(between).toBeGreaterThan(2 ** 25)
  expect(Math.abs((laps[1]! - laps[0]!) * 125 - between)).toBeLessThan(2_000)
}, 60_000)
