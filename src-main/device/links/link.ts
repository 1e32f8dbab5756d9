// A way to a device: bytes both ways and nothing more. Opening may start an emulator, a process or a port; closing the
// stream ends it. One driver a file; drivers.ts lists them.

/** How figures read from the device were obtained. */
export type FigureKind = 'measured' | 'simulated'

export interface LinkStream {
  readonly kind: FigureKind
  /** Resolves when the bytes were taken, not when they arrived. Rejects once the stream is closed. */
  write(bytes: Uint8Array): Promise<void>
  /** One listener. Chunks are the listener's to keep. */
  onData(listener: (chunk: Uint8Array) => void): void
  /** Called once when the stream ends without close() being called, with the cause when one is known. */
  onClose(listener: (cause?: unknown) => void): void
  /** Ends the stream and whatever was started for it. May be called twice. */
  close(): Promise<void>
  /**
   * Puts bytes into the device's flash without the agent, and restarts it. Only where the agent cannot write flash
   * (QEMU); the stream goes on, and the next thing to say is hello.
   */
  readonly programFlash?: (address: number, bytes: Uint8Array, signal: AbortSignal) => Promise<void>
}

export interface Link {
  /** The id on the command line: twin, pico, qemu:netduinoplus2, serial:/dev/ttyACM0:115200. */
  readonly id: string
  /** For people: "Raspberry Pi Pico (emulated)". */
  readonly name: string
  readonly kind: FigureKind
  readonly emulated: boolean
  /** The core, where the agent cannot say it well itself. */
  readonly core?: string
  /** Instructions a second that an emulator reaches at the least, on a busy computer; null when the device's own clock decides. */
  readonly instructionsPerSecond: number | null
  /**
   * An emulator that counts executed instructions and no cycles: how many ticks of the device's counter each one is made to
   * last. Left out where the counter counts what it says.
   */
  readonly ticksPerInstruction?: number
  /** Bytes a second that the link carries at the least, for time limits. */
  readonly bytesPerSecond: number
  open(signal: AbortSignal): Promise<LinkStream>
}

export interface LinkDriver {
  /** The word before the first colon of a device id. */
  readonly scheme: string
  /** Throws AppError('usage.noDevice') when `rest` (what follows the colon, '' without one) names nothing. */
  link(rest: string, id: string): Link
}
