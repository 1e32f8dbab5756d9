// The emulated Raspberry Pi Pico: the same image that a real Pico takes, executed in this thread in slices, so that the
// event loop lives on between them. Works as well in a worker thread.
import { AppError } from '../../../base/errors.ts'
import type { Link, LinkDriver, LinkStream } from '../link.ts'
import { type LinkPorts, readPrebuilt } from '../ports.ts'
import type { PicoBoard } from './board.ts'
import { loadUf2 } from './uf2.ts'

/** Some milliseconds of work. */
const sliceCycles = 400_000
const flashAddress = 0x1000_0000

export const picoDriver = (ports: LinkPorts): LinkDriver => ({
  scheme: 'pico',
  link(rest, id) {
    if (rest !== '') throw new AppError('usage.noDevice', { device: id })
    // Flash outlives the board's power, so a pack deployed once is found again by the next session on this link.
    let flash: Uint8Array | null = null
    const link: Link = {
      id,
      name: 'Raspberry Pi Pico (emulated)',
      kind: 'simulated',
      emulated: true,
      instructionsPerSecond: 2e7,
      bytesPerSecond: 5000,
      async open(signal) {
        const image = await readPrebuilt(ports, link.name, 'agent-rp2040.uf2')
        // The emulator is large, and most starts of the application need none.
        const { PicoBoard, picoFlashBytes } = await import('./board.ts')
        signal.throwIfAborted()
        flash ??= new Uint8Array(picoFlashBytes).fill(0xff)
        loadUf2(image, flash, flashAddress)
        const memory = flash
        return new PicoStream((receive) => new PicoBoard(memory, receive))
      },
    }
    return link
  },
})

class PicoStream implements LinkStream {
  readonly kind = 'simulated'
  readonly #board: PicoBoard
  #sent: number[] = []
  #running = false
  #closed = false
  #onData: (chunk: Uint8Array) => void = () => undefined
  #onClose: (cause?: unknown) => void = () => undefined

  /** @param power makes the board, which gives each byte that it sends */
  constructor(power: (receive: (byte: number) => void) => PicoBoard) {
    this.#board = power((byte) => this.#sent.push(byte))
    this.#wake()
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw new Error('the emulated board is off')
    this.#board.receive(bytes)
    this.#wake()
  }

  onData(listener: (chunk: Uint8Array) => void) {
    this.#onData = listener
  }

  onClose(listener: (cause?: unknown) => void) {
    this.#onClose = listener
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #wake() {
    if (this.#running) return
    this.#running = true
    setImmediate(this.#slice)
  }

  readonly #slice = () => {
    if (this.#closed) return
    try {
      this.#running = this.#board.run(sliceCycles)
    } catch (cause) {
      this.#closed = true
      this.#onClose(cause)
      return
    }
    if (this.#sent.length > 0) this.#onData(Uint8Array.from(this.#sent.splice(0)))
    if (this.#running) setImmediate(this.#slice)
  }
}
