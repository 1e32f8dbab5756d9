// A conversation with one device: greeting, deployment, running, measuring. Everything a device does goes through here,
// whether it is a board, an emulator or the twin.
import { bytesOf } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { crc32 } from '../base/crc32.ts'
import { AppError, Bug } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { Channel, type LogEntry, type RequestOptions, UnansweredError } from './channel.ts'
import type { Link } from './links/link.ts'
import { type PackShape, packShape } from './pack-shape.ts'
import type { RequestBody, ResponseBody } from './protocol/codec.ts'
import { type MessageName, protocolVersion } from './protocol/messages.ts'
import { deviceFailure, notTaken, otherAgent } from './refusal.ts'
import { slotImage } from './slot-image.ts'
import { chooseSlot, holdsModel, isFlash, isWritable } from './slots.ts'
import { all, digestOf, integersOf, joined, pieces } from './transfer.ts'
import { chunkSize, type UploadProgress, uploadBytes } from './upload.ts'

export type { LogEntry } from './channel.ts'
export type { UploadProgress } from './upload.ts'
export type Hello = ResponseBody<'hello'>
export type ModelInfo = ResponseBody<'modelInfo'>
export type MemoryInfo = ResponseBody<'memory'>

export interface SessionOptions {
  readonly clock: Clock
  /** Ends whatever is going on, at any point. */
  readonly signal: AbortSignal
  readonly log?: (entry: LogEntry) => void
}

export interface DeployOptions {
  /** Index into hello.slots; without it the best one is taken. */
  readonly slot?: number
  /** Of the pack, when the caller has it already. */
  readonly shape?: PackShape
  /** Uploads even when the device holds this pack already. */
  readonly force?: boolean
  readonly onProgress?: (progress: UploadProgress) => void
}

export interface Deployment {
  readonly slot: number
  readonly slotKind: 'ram' | 'flash'
  /** False when the device held the pack already. */
  readonly uploaded: boolean
  readonly arenaBytes: number
  readonly operators: number
}

/** Patience with each greeting: what is said before a board has started is lost, and a slow one still gets its time. */
const greetingsMs = [150, 300, 600, 1200, 2400, 4800]
/** Resends of what may be done twice. */
const attempts = 3
/** A flash sector takes up to 2 s to erase (STM32F4, 128 KiB sectors); beginning may erase several. */
const eraseMs = 20_000
const flashWriteMs = 3_000
/** Checking a CRC and opening a pack, on the slowest device. */
const commitMs = 15_000
/** Cycles a multiply-accumulate takes at the most, overhead of small layers included. */
const cyclesPerMac = 200
/** An inference whose work is not known. */
const unknownRunMs = 180_000
const mostBenchRuns = 32
/** A request that asks for several runs should be answered within this, so that cancelling is quick. */
const benchSliceMs = 4_000

export async function openSession(link: Link, options: SessionOptions): Promise<DeviceSession> {
  const stream = await link.open(options.signal)
  const firstSeq = options.clock.nowMs()
  const channel = new Channel(link, stream, { clock: options.clock, firstSeq, log: options.log })
  const session = new DeviceSession(link, channel, options)
  try {
    await session.greet()
    return session
  } catch (error) {
    await channel.close()
    throw error
  }
}

export class DeviceSession implements AsyncDisposable {
  readonly link: Link
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #inputs = new Map<number, Uint8Array>()
  #hello: Hello | null = null
  #shape: PackShape | null = null
  /** Wall time of the last inference alone, its answer included. */
  #lastRunMs: number | null = null

  constructor(link: Link, channel: Channel, options: SessionOptions) {
    this.link = link
    this.#channel = channel
    this.#clock = options.clock
    this.#signal = options.signal
  }

  get hello(): Hello {
    if (this.#hello === null) throw new Bug('a session is used before its greeting')
    return this.#hello
  }

  /** Wall milliseconds of the last inference; null before the first. */
  get lastRunMs() {
    return this.#lastRunMs
  }

  /** Says hello until it is answered. A board that resets when its port opens needs a while. */
  async greet(): Promise<Hello> {
    this.#channel.during = say`the handshake`
    const answer = await this.#firstAnswer()
    if (answer.protocol !== protocolVersion) {
      throw new AppError('device.protocol', {
        device: this.link.name,
        found: answer.protocol,
        expected: protocolVersion,
      })
    }
    this.#channel.window = answer.window
    this.#hello = { ...answer, core: this.link.core ?? answer.core }
    return this.#hello
  }

  async #firstAnswer(): Promise<Hello> {
    let waitedMs = 0
    for (const graceMs of greetingsMs) {
      try {
        return await this.#request('hello', { protocol: protocolVersion }, { graceMs, answerBytes: 256 })
      } catch (error) {
        if (!(error instanceof UnansweredError)) throw this.#failure('hello', error)
        waitedMs += error.waitedMs
      }
    }
    throw this.#failure('hello', new UnansweredError(waitedMs))
  }

  modelInfo(): Promise<ModelInfo> {
    return this.#ask('modelInfo', {}, { attempts })
  }

  async deploy(pack: Uint8Array, options: DeployOptions = {}): Promise<Deployment> {
    this.#channel.during = say`the upload`
    this.#shape = options.shape ?? packShape(pack)
    this.#lastRunMs = null
    this.#inputs.clear()
    const crc = crc32(pack)
    const held = await this.modelInfo()
    const wanted = options.slot ?? null
    if (!options.force && held.size === pack.length && held.crc === crc && (wanted === null || wanted === held.slot)) {
      options.onProgress?.({ sentBytes: pack.length, totalBytes: pack.length })
      const { arenaBytes, operators } = held
      return { slot: held.slot, slotKind: this.#slotKind(held.slot), uploaded: false, arenaBytes, operators }
    }
    const programmable = this.#channel.stream.programFlash !== undefined
    const target = { bytes: pack.length, device: this.link.name }
    const current = held.size > 0 ? held.slot : null
    const slot = wanted ?? chooseSlot(this.hello.slots, target, current, programmable)
    await this.#program(slot, pack)
    await this.#upload(slot, pack, crc, options.onProgress ?? (() => undefined))
    const committed = await this.#commit(slot, pack.length, crc)
    return { slot, slotKind: this.#slotKind(slot), uploaded: true, ...committed }
  }

  /** The whole of input `index`, in the model's integers. */
  async setInput(index: number, values: Int8Array): Promise<void> {
    this.#channel.during = say`sending the input`
    const bytes = this.#checkedInput(index, values)
    this.#inputs.set(index, bytes)
    await this.#repeat('input', () => this.#sendInput(index, bytes))
  }

  /** One inference on the inputs set. */
  async run(): Promise<ResponseBody<'run'>> {
    this.#channel.during = say`a run`
    return this.#repeat('run', async (again) => {
      // A run overwrites its inputs, so one whose answer was lost starts from them again.
      if (again) for (const [index, bytes] of this.#inputs) await this.#sendInput(index, bytes)
      const begunMs = this.#clock.monotonicMs()
      const answer = await this.#request('run', {}, { workMs: this.#runMs() })
      this.#lastRunMs = this.#clock.monotonicMs() - begunMs
      return answer
    })
  }

  /** The whole of output `index` of the last run. */
  async output(index: number): Promise<Int8Array> {
    this.#channel.during = say`reading the output`
    return this.#repeat('output', async () => integersOf(await this.#readOutput(index, {})))
  }

  /**
   * Inputs, run and outputs in one round trip. When any part of it was lost, all of it is done again; the digest that
   * the run gave says that the outputs read are those of this run.
   */
  async infer(inputs: readonly Int8Array[]): Promise<Int8Array[]> {
    this.#channel.during = say`an inference`
    const bytes = inputs.map((values, index) => this.#checkedInput(index, values))
    return this.#repeat('run', async () => {
      const begunMs = this.#clock.monotonicMs()
      const workMs = this.#runMs()
      const sent = bytes.flatMap((part, index) => this.#inputParts(index, part, {}))
      const run = this.#request('run', {}, { workMs })
      const read = this.#deployed.outputBytes.map((_, index) => this.#readOutput(index, { workMs }))
      await all([...sent, run, ...read])
      const outputs = await Promise.all(read)
      if (digestOf(outputs) !== (await run).digest) throw new UnansweredError(0)
      this.#lastRunMs = this.#clock.monotonicMs() - begunMs
      return outputs.map(integersOf)
    })
  }

  /** Counts of `runs` inferences after `warmup` uncounted ones, in the device's counter. */
  async bench(warmup: number, runs: number): Promise<number[]> {
    this.#channel.during = say`the benchmark`
    const counts: number[] = []
    let uncounted = warmup
    while (counts.length < runs) {
      const count = Math.min(runs - counts.length, this.#runsPerSlice())
      const begunMs = this.#clock.monotonicMs()
      const workMs = this.#runMs() * (count + uncounted)
      const { cycles } = await this.#ask('bench', { warmup: uncounted, runs: count }, { workMs, attempts })
      if (cycles.length !== count) throw this.#foreign(say`${cycles.length} counts for ${count} runs`)
      this.#lastRunMs = (this.#clock.monotonicMs() - begunMs) / (count + uncounted)
      counts.push(...cycles.map(({ value }) => Number(value)))
      uncounted = 0
    }
    return counts
  }

  /** Counts per operator of one inference. */
  async profile(): Promise<number[]> {
    this.#channel.during = say`the profile`
    const counts: number[] = []
    for (;;) {
      const workMs = counts.length === 0 ? this.#runMs() : 0
      const part = await this.#ask('profile', { first: counts.length }, { workMs, attempts, answerBytes: 300 })
      counts.push(...part.cycles.map(({ value }) => value))
      if (counts.length >= part.operators) return counts
      if (part.cycles.length === 0) throw this.#foreign(say`${counts.length} of ${part.operators} operators`)
    }
  }

  /** Paints the free memory, for the high-water marks of memory(). */
  async paint(): Promise<void> {
    await this.#ask('paint', {}, { attempts, workMs: eraseMs })
  }

  memory(): Promise<MemoryInfo> {
    return this.#ask('memory', {}, { attempts, workMs: eraseMs })
  }

  /** `length` bytes of an arena tensor as they stand after operator `op`, on the inputs set. */
  async inspect(op: number, tensor: number, offset: number, length: number): Promise<Uint8Array> {
    this.#channel.during = say`looking at a tensor`
    const options = { workMs: this.#runMs(), attempts }
    const parts: Uint8Array[] = []
    for (const part of pieces(length, this.hello.maxPayload)) {
      const body = { op, tensor, offset: offset + part.from, length: part.to - part.from }
      parts.push((await this.#ask('inspect', body, { ...options, answerBytes: body.length })).data)
    }
    return joined(length, parts)
  }

  /** Restarts the device and greets it again. */
  async reset(): Promise<Hello> {
    this.#channel.during = say`the reset`
    await this.#ask('reset', {}, { attempts })
    this.#inputs.clear()
    return this.greet()
  }

  async [Symbol.asyncDispose]() {
    await this.#channel.close()
  }

  close(): Promise<void> {
    return this[Symbol.asyncDispose]()
  }

  get #deployed(): PackShape {
    if (this.#shape === null) throw new Bug('nothing was deployed in this session')
    return this.#shape
  }

  #slotKind(slot: number): 'ram' | 'flash' {
    return isFlash(this.hello.slots[slot]) ? 'flash' : 'ram'
  }

  /** Fills a slot that only the link can write. */
  async #program(slot: number, pack: Uint8Array): Promise<void> {
    const target = this.hello.slots[slot]
    const program = this.#channel.stream.programFlash
    if (target === undefined || program === undefined || !isFlash(target) || isWritable(target)) return
    await program(target.address, slotImage(pack, 1), this.#signal)
    this.#channel.clear()
    await this.greet()
    this.#channel.during = say`the upload`
    if (!holdsModel(this.hello.slots[slot])) throw notTaken(this.link.name)
  }

  async #upload(slot: number, pack: Uint8Array, crc: number, onProgress: (progress: UploadProgress) => void) {
    const inFlash = this.#slotKind(slot) === 'flash'
    const begin = { slot, size: pack.length, crc }
    const target = {
      device: this.link.name,
      begin: async () => (await this.#ask('modelBegin', begin, { attempts, workMs: inFlash ? eraseMs : 1000 })).offset,
      chunk: async (offset: number, data: Uint8Array) =>
        (await this.#request('modelChunk', { offset, data }, { workMs: inFlash ? flashWriteMs : 0 })).received,
    }
    try {
      await uploadBytes(target, pack, chunkSize(this.hello), onProgress)
    } catch (error) {
      throw this.#failure('modelChunk', error)
    }
  }

  /** The answer may get lost after the device has done it; then the device already holds this model. */
  async #commit(slot: number, size: number, crc: number) {
    return this.#repeat('modelCommit', async (again) => {
      if (again) {
        const held = await this.modelInfo()
        if (held.slot === slot && held.size === size && held.crc === crc) return held
      }
      return this.#request('modelCommit', { slot }, { workMs: commitMs })
    }).then(({ arenaBytes, operators }) => ({ arenaBytes, operators }))
  }

  async #sendInput(index: number, bytes: Uint8Array): Promise<void> {
    await all(this.#inputParts(index, bytes, {}))
  }

  #inputParts(index: number, bytes: Uint8Array, options: Partial<RequestOptions>): Promise<unknown>[] {
    return pieces(bytes.length, this.#dataBytes()).map(async ({ from, to }) => {
      const data = bytes.subarray(from, to)
      const { received } = await this.#request('input', { index, offset: from, data }, options)
      if (received !== to && received !== to - from) throw this.#foreign(say`${received} of ${to - from} bytes taken`)
    })
  }

  async #readOutput(index: number, options: Partial<RequestOptions>): Promise<Uint8Array> {
    const bytes = this.#deployed.outputBytes[index]
    if (bytes === undefined) throw new Bug(`the model has no output ${index}`)
    const parts = pieces(bytes, this.hello.maxPayload).map(async ({ from, to }) => {
      const body = { index, offset: from, length: to - from }
      return (await this.#request('output', body, { ...options, answerBytes: to - from })).data
    })
    return joined(bytes, await all(parts))
  }

  #checkedInput(index: number, values: Int8Array): Uint8Array {
    const expected = this.#deployed.inputBytes[index]
    if (values.byteLength !== expected) throw new Bug(`input ${index} has ${values.byteLength} bytes, not ${expected}`)
    return bytesOf(values)
  }

  /** Bytes of data in one input frame. */
  #dataBytes() {
    return Math.min(this.hello.maxPayload - 5, Math.max(16, this.hello.window - 24))
  }

  /** The longest that one inference may take, generously. */
  #runMs(): number {
    if (this.#lastRunMs !== null) return 3_000 + this.#lastRunMs * 20
    if (this.#shape === null) return unknownRunMs
    const cyclesPerSecond = this.link.instructionsPerSecond ?? this.hello.clockHz
    return 10_000 + (this.#shape.macs * cyclesPerMac * 1000) / cyclesPerSecond
  }

  #runsPerSlice() {
    if (this.#lastRunMs === null) return 1
    return Math.max(1, Math.min(mostBenchRuns, Math.floor(benchSliceMs / Math.max(this.#lastRunMs, 1))))
  }

  /** For work that may only be done again as a whole. */
  async #repeat<T>(request: MessageName, work: (again: boolean) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(attempt > 1)
      } catch (error) {
        if (!(error instanceof UnansweredError) || attempt === attempts) throw this.#failure(request, error)
      }
    }
  }

  #request<M extends MessageName>(name: M, body: RequestBody<M>, options: Partial<RequestOptions>) {
    return this.#channel.request(name, body, { signal: this.#signal, ...options })
  }

  async #ask<M extends MessageName>(name: M, body: RequestBody<M>, options: Partial<RequestOptions>) {
    try {
      return await this.#request(name, body, options)
    } catch (error) {
      throw this.#failure(name, error)
    }
  }

  #failure(request: MessageName, error: unknown): unknown {
    return deviceFailure(this.link.name, request, error, this.#channel.damagedFrames)
  }

  #foreign(problem: Note): AppError {
    return otherAgent(this.link.name, this.#channel.during, problem)
  }
}
