// A Raspberry Pi Pico around rp2040js: flash that stays, a boot ROM of ours, UART0 as a byte stream, and the run loop.
import { RP2040 } from 'rp2040js'
import { bootRom, serveFlashCall } from './boot-rom.ts'
import { CycleClock } from './cycle-clock.ts'
import { type Block, type BlockState, memoryOf, mostInstructions, translate } from './thumb-blocks.ts'

const flashAddress = 0x1000_0000
const ramAddress = 0x2000_0000
const ramBytes = 264 * 1024
/** The Pico's own flash: 2 MiB. */
export const picoFlashBytes = 2 * 1024 * 1024
/** Behind the second-stage boot loader, which sets up what the emulator does not model. */
const vectorTable = flashAddress + 0x100
const uartData = 0

/** The chip with shorter ways to its RAM and flash: nearly all that a network's inner loops touch. */
class Chip extends RP2040 {
  override readUint32(address: number): number {
    const inRam = address - ramAddress
    if (inRam >= 0 && inRam <= ramBytes - 4 && (address & 3) === 0) return this.sramView.getUint32(inRam, true)
    return super.readUint32(address)
  }

  override readUint16(address: number): number {
    const inFlash = address - flashAddress
    if (inFlash >= 0 && inFlash < picoFlashBytes) return this.flash16[inFlash >>> 1]!
    return super.readUint16(address)
  }

  override readUint8(address: number): number {
    const inRam = address - ramAddress
    if (inRam >= 0 && inRam < ramBytes) return this.sram[inRam]!
    return super.readUint8(address)
  }

  override writeUint32(address: number, value: number) {
    const inRam = address - ramAddress
    if (inRam >= 0 && inRam <= ramBytes - 4 && (address & 3) === 0) this.sramView.setUint32(inRam, value, true)
    else super.writeUint32(address, value)
  }
}

/** Executions of an address before its block is translated: most code runs once. */
const hotCount = 8

class CodeCache {
  readonly state: BlockState
  readonly enabled: boolean
  readonly #blocks: (Block | null | undefined)[] = []
  readonly #visits = new Uint8Array(picoFlashBytes / 2)

  constructor(chip: Chip, enabled: boolean) {
    this.enabled = enabled
    this.state = {
      core: chip.core,
      ram: memoryOf(chip.sram),
      flash: memoryOf(chip.flash.subarray(0, picoFlashBytes)),
    }
  }

  /** The block that starts at `address`; null where there is none (yet). */
  at(address: number): Block | null {
    const index = (address - flashAddress) >>> 1
    if (index >= this.#visits.length || !this.enabled) return null
    const block = this.#blocks[index]
    if (block !== undefined) return block
    this.#visits[index]!++
    if (this.#visits[index]! < hotCount) return null
    const made = translate(this.state, address)
    this.#blocks[index] = made
    return made
  }

  /** Flash from `from` to `to` has changed, and with it blocks that reach into it. */
  forget(from: number, to: number) {
    if (to <= from) return
    const first = Math.max(0, (from >> 1) - mostInstructions * 2)
    for (let index = first; index < Math.min(to >> 1, this.#blocks.length); index++) {
      delete this.#blocks[index]
      this.#visits[index] = 0
    }
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

export class PicoBoard {
  readonly #onSent: (byte: number) => void
  readonly #flash: Uint8Array
  readonly #incoming: number[] = []
  #incomingAt = 0
  #chip: Chip
  #clock: CycleClock
  #code: CodeCache
  #resetWanted = false

  /**
   * @param flash the flash's contents; the board keeps them up to date
   * @param options.translated false leaves every instruction to rp2040js, which is slower and gives the same
   */
  constructor(flash: Uint8Array, onSent: (byte: number) => void, options: { readonly translated?: boolean } = {}) {
    this.#flash = flash
    this.#onSent = onSent
    const { chip, clock, code } = this.#powerUp(options.translated ?? true)
    this.#chip = chip
    this.#clock = clock
    this.#code = code
  }

  receive(bytes: Uint8Array) {
    for (const byte of bytes) this.#incoming.push(byte)
    this.#fillFifo()
  }

  /** Executes about `cycles`. False when the core sleeps and nothing can wake it but received bytes. */
  run(cycles: number): boolean {
    const endCycles = this.#chip.core.cycles + cycles
    while (this.#chip.core.cycles < endCycles) {
      if (this.#resetWanted) {
        this.#reset()
        return true
      }
      const { core } = this.#chip
      if (core.waiting && this.#incomingAt === this.#incoming.length) return false
      if (core.waiting && !this.#wake()) return false
      this.#burst(endCycles)
    }
    return true
  }

  /** Until `endCycles`, the next alarm, sleep or reset. */
  #burst(endCycles: number) {
    const { core } = this.#chip
    const clock = this.#clock
    while (!core.waiting && core.cycles < endCycles && core.cycles < clock.nextAlarmCycles && !this.#resetWanted) {
      const block = core.interruptsUpdated ? null : this.#code.at(core.PC)
      const single = block === null || block(this.#code.state, Math.min(endCycles, clock.nextAlarmCycles))
      if (single) core.executeInstruction()
    }
    if (core.cycles >= clock.nextAlarmCycles) clock.ringDue()
  }

  /** A sleeping core with bytes to receive: the UART wakes it, else the next alarm does. */
  #wake(): boolean {
    const { core } = this.#chip
    this.#fillFifo()
    while (core.waiting && this.#clock.skipToAlarm()) {
      if (core.interruptsUpdated && core.checkForInterrupts()) core.waiting = false
    }
    return !core.waiting
  }

  #fillFifo() {
    const uart = this.#chip.uart[0]
    if (uart === undefined || !uart.enabled) return
    while (this.#incomingAt < this.#incoming.length && (uart.flags & fifoFull) === 0) {
      uart.feedByte(this.#incoming[this.#incomingAt++]!)
    }
    if (this.#incomingAt === this.#incoming.length) {
      this.#incoming.length = 0
      this.#incomingAt = 0
    }
  }

  #reset() {
    this.#resetWanted = false
    const { chip, clock, code } = this.#powerUp(this.#code.enabled)
    this.#chip = chip
    this.#clock = clock
    this.#code = code
  }

  #powerUp(translated: boolean) {
    // The chip makes its timers, which ask for the time, before its core is there to be asked.
    let cycles = () => 0
    const clock = new CycleClock(() => cycles(), 125e6)
    const chip = new Chip(clock)
    cycles = () => chip.core.cycles
    chip.logger = silent
    chip.bootrom.set(bootRom())
    chip.flash.set(this.#flash)
    chip.core.VTOR = vectorTable
    chip.core.reset()
    chip.addClockListener((hz) => clock.changeFrequency(hz))
    const code = new CodeCache(chip, translated)
    chip.onBreak = (call) => {
      const flash = chip.flash.subarray(0, picoFlashBytes)
      const changed = serveFlashCall(call, chip.core.registers, flash, (at) => chip.readUint8(at))
      this.#flash.set(flash.subarray(changed.from, changed.to), changed.from)
      code.forget(changed.from, changed.to)
    }
    this.#connectUart(chip)
    this.#connectWatchdog(chip)
    return { chip, clock, code }
  }

  #connectUart(chip: Chip) {
    const uart = chip.uart[0]!
    uart.onByte = (byte) => this.#onSent(byte)
    // As on a line: the next byte comes when the chip has room for it.
    const read = uart.readUint32.bind(uart)
    uart.readUint32 = (offset) => {
      const value = read(offset)
      if (offset === uartData) this.#fillFifo()
      return value
    }
  }

  #connectWatchdog(chip: Chip) {
    const watchdog = chip.peripherals[watchdogPage]
    if (watchdog !== undefined && 'onWatchdogTrigger' in watchdog) {
      watchdog.onWatchdogTrigger = () => {
        this.#resetWanted = true
      }
    }
  }
}

/** UARTFR.RXFF */
const fifoFull = 1 << 6
/** How rp2040js keys its peripherals: the address without its lower 12 bits. */
const watchdogPage = 0x40058
