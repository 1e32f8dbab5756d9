// A Raspberry Pi Pico around rp2040js: flash that stays, a boot ROM of ours, UART0 as a byte stream, and the run loop.
import { RP2040 } from 'rp2040js'
import { bootRom, serveFlashCall } from './boot-rom.ts'
import { CycleClock } from './cycle-clock.ts'

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

const silent = { debug() {}, info() {}, warn() {}, error() {} }

export class PicoBoard {
  readonly #onSent: (byte: number) => void
  readonly #flash: Uint8Array
  readonly #incoming: number[] = []
  #incomingAt = 0
  #chip: Chip
  #clock: CycleClock
  #resetWanted = false

  /** @param flash the flash's contents; the board keeps them up to date */
  constructor(flash: Uint8Array, onSent: (byte: number) => void) {
    this.#flash = flash
    this.#onSent = onSent
    ;[this.#chip, this.#clock] = this.#powerUp()
  }

  receive(bytes: Uint8Array) {
    for (const byte of bytes) this.#incoming.push(byte)
    this.#fillFifo()
  }

  /** Executes up to `count` instructions. False when the core sleeps and nothing can wake it but received bytes. */
  run(count: number): boolean {
    let left = count
    while (left > 0) {
      if (this.#resetWanted) this.#reset()
      const { core } = this.#chip
      if (core.waiting && this.#incomingAt === this.#incoming.length) return false
      if (core.waiting && !this.#wake()) return false
      left = this.#burst(left)
    }
    return true
  }

  /** Up to the next alarm, sleep or reset; gives the instructions left. */
  #burst(count: number): number {
    const { core } = this.#chip
    const clock = this.#clock
    let left = count
    while (left > 0 && !core.waiting && core.cycles < clock.nextAlarmCycles && !this.#resetWanted) {
      core.executeInstruction()
      left--
    }
    if (core.cycles >= clock.nextAlarmCycles) clock.ringDue()
    return left
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
    ;[this.#chip, this.#clock] = this.#powerUp()
  }

  #powerUp(): [Chip, CycleClock] {
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
    chip.onBreak = (call) => {
      const flash = chip.flash.subarray(0, picoFlashBytes)
      const changed = serveFlashCall(call, chip.core.registers, flash, (at) => chip.readUint8(at))
      this.#flash.set(flash.subarray(changed.from, changed.to), changed.from)
    }
    this.#connectUart(chip)
    this.#connectWatchdog(chip)
    return [chip, clock]
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
