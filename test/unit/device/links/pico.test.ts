import { RP2040 } from 'rp2040js'
import { expect, test } from 'vitest'
import { bootRom, romFunctions, serveFlashCall } from '../../../../src-main/device/links/pico/boot-rom.ts'
import { CycleClock } from '../../../../src-main/device/links/pico/cycle-clock.ts'
import { loadUf2 } from '../../../../src-main/device/links/pico/uf2.ts'

/** Runs the ROM's lookup on the emulated core until it returns; gives r0. */
function lookUp(code: string): number {
  const chip = new RP2040()
  chip.bootrom.set(bootRom())
  const rom16 = (at: number) => chip.readUint16(at)
  const { core } = chip
  core.registers[0] = rom16(0x14)
  core.registers[1] = code.charCodeAt(0) | (code.charCodeAt(1) << 8)
  core.LR = 0x2000_0001
  core.PC = rom16(0x18) & ~1
  for (let i = 0; i < 200 && core.PC !== 0x2000_0000; i++) core.executeInstruction()
  expect(core.PC).toBe(0x2000_0000)
  return core.registers[0]!
}

test('the ROM finds its functions by their letters, and nothing else', () => {
  const rom = new DataView(bootRom().buffer)
  for (const { code, call } of Object.values(romFunctions)) {
    const address = lookUp(code)
    expect([address & 1, rom.getUint16(address & ~1, true), rom.getUint16((address & ~1) + 2, true)]).toEqual([
      ...[1, 0xbe00 | call, 0x4770],
    ])
  }
  expect(lookUp('ZZ')).toBe(0)
})

test('flash is erased to ones and programmed to zeros', () => {
  const flash = new Uint8Array(64).fill(0xf0)
  const erase = Uint32Array.of(16, 16, 0, 0)
  expect(serveFlashCall(romFunctions.flashRangeErase.call, erase, flash, () => 0)).toEqual({ from: 16, to: 32 })
  const program = Uint32Array.of(12, 1000, 8)
  serveFlashCall(romFunctions.flashRangeProgram.call, program, flash, (at) => at - 1000 + 0x81)
  expect([...flash.subarray(10, 22)]).toEqual([
    ...[0xf0, 0xf0, 0x80, 0x80, 0x80, 0x80, 0x85, 0x86, 0x87, 0x88, 0xff, 0xff],
  ])
  expect(() => serveFlashCall(romFunctions.flashRangeErase.call, Uint32Array.of(60, 8), flash, () => 0)).toThrow('past')
})

test('time follows the cycles, alarms ring at theirs', () => {
  let cycles = 0
  const clock = new CycleClock(() => cycles, 125e6)
  const rung: number[] = []
  const alarm = clock.createAlarm(() => rung.push(clock.nanos))
  alarm.schedule(800)
  expect(clock.nextAlarmCycles).toBe(100)
  cycles = 99
  clock.ringDue()
  cycles = 100
  clock.ringDue()
  expect([rung, clock.nextAlarmCycles]).toEqual([[800], Number.POSITIVE_INFINITY])
  clock.changeFrequency(250e6)
  cycles = 200
  expect(clock.nanos).toBe(800 + 400)
  alarm.schedule(1000)
  expect([clock.nextAlarmCycles, clock.skipToAlarm(), rung, clock.skipToAlarm()]).toEqual([
    ...[450, true, [800, 2200], false],
  ])
  alarm.schedule(10)
  alarm.cancel()
  expect(clock.nextAlarmCycles).toBe(Number.POSITIVE_INFINITY)
})

function block(address: number, data: number[]): Uint8Array {
  const bytes = new Uint8Array(512)
  const view = new DataView(bytes.buffer)
  const words = [0x0a324655, 0x9e5d5157, 0x2000, address, data.length, 0, 1, 0xe48bff56]
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true)
  bytes.set(data, 32)
  view.setUint32(508, 0x0ab16f30, true)
  return bytes
}

test('UF2 blocks go to their addresses; anything else is refused', () => {
  const flash = new Uint8Array(16)
  loadUf2(Uint8Array.of(...block(0x1004, [1, 2]), ...block(0x100a, [3])), flash, 0x1000)
  expect([...flash]).toEqual([0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0])
  expect(() => loadUf2(new Uint8Array(512), flash, 0x1000)).toThrow('no UF2 block at 0')
  expect(() => loadUf2(block(0x100f, [1, 2]), flash, 0x1000)).toThrow('outside')
  expect(() => loadUf2(block(0xfff, [1, 2]), flash, 0x1000)).toThrow('outside')
  expect(() => loadUf2(new Uint8Array(100), flash, 0x1000)).toThrow('no UF2')
})
