// A device in memory that speaks the protocol through our own codec: for tests of the session where no agent is needed,
// and where faults must be exact. Its "runtime": output[i] = input[i % inputs] ^ pack[i % pack.length], in a few counts.
import { crc32 } from '../../src-main/base/crc32.ts'
import type { Link, LinkStream } from '../../src-main/device/links/link.ts'
import type { PackShape } from '../../src-main/device/pack-shape.ts'
import {
  decodeRequest,
  encodeRefusal,
  encodeResponse,
  type ResponseBody,
} from '../../src-main/device/protocol/codec.ts'
import type { Frame } from '../../src-main/device/protocol/frame.ts'
import { FrameDecoder } from '../../src-main/device/protocol/frame-decoder.ts'
import { deviceErrors, type MessageName, messages } from '../../src-main/device/protocol/messages.ts'

export interface FakeOptions {
  readonly maxPayload?: number
  readonly window?: number
  readonly inputBytes?: number
  readonly outputBytes?: number
  readonly protocol?: number
  readonly operators?: number
  readonly slots?: ResponseBody<'hello'>['slots']
}

interface Held {
  readonly slot: number
  readonly pack: Uint8Array
}

interface Upload {
  readonly slot: number
  readonly crc: number
  readonly bytes: Uint8Array
  received: number
}

class Refuse extends Error {
  readonly code: number
  constructor(code: keyof typeof deviceErrors) {
    super(code)
    this.code = deviceErrors[code]
  }
}

export const fakeShape: PackShape = { inputBytes: [300], outputBytes: [200], macs: 1000, operators: 70 }

export const fakeOutput = (pack: Uint8Array, input: Uint8Array | Int8Array, bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, i) => input[i % input.length]! ^ pack[i % pack.length]!)

/** Lives as long as the object: what was uploaded stays through a broken link, as on a board. */
export class FakeDevice {
  readonly options: Required<FakeOptions>
  readonly requests: MessageName[] = []
  held: Held | null = null
  #upload: Upload | null = null
  #input: Uint8Array
  #output: Uint8Array
  #decoder: FrameDecoder

  constructor(options: FakeOptions = {}) {
    this.options = {
      maxPayload: 128,
      window: 512,
      inputBytes: 300,
      outputBytes: 200,
      protocol: 1,
      operators: 70,
      slots: [
        { kind: 0, state: 1, address: 0x20000000, capacity: 4096 },
        { kind: 1, state: 1, address: 0x10100000, capacity: 65536 },
        { kind: 1, state: 1, address: 0x10200000, capacity: 65536 },
      ],
      ...options,
    }
    this.#input = new Uint8Array(this.options.inputBytes)
    this.#output = new Uint8Array(this.options.outputBytes)
    this.#decoder = new FrameDecoder({ maxPayload: this.options.maxPayload })
  }

  /** Bytes from the host in, bytes to the host out. */
  receive(chunk: Uint8Array): Uint8Array[] {
    return this.#decoder
      .push(chunk)
      .flatMap((event) => (event.kind === 'frame' ? (this.#answer(event.frame) ?? []) : []))
  }

  #answer(frame: Frame): Uint8Array | null {
    const request = decodeRequest(frame)
    if (request === null) return null
    this.requests.push(request.name)
    try {
      return this.#dispatch(frame.seq, request)
    } catch (error) {
      if (!(error instanceof Refuse)) throw error
      return encodeRefusal(frame.seq, { request: messages[request.name].id, code: error.code, detail: 0, note: '' })
    }
  }

  #dispatch(seq: number, request: NonNullable<ReturnType<typeof decodeRequest>>): Uint8Array {
    switch (request.name) {
      case 'hello':
        return encodeResponse('hello', seq, this.#hello())
      case 'modelBegin':
        return encodeResponse('modelBegin', seq, { offset: this.#begin(bodyOf(request.body)) })
      case 'modelChunk':
        return encodeResponse('modelChunk', seq, { received: this.#chunk(bodyOf(request.body)) })
      case 'modelCommit':
        return encodeResponse('modelCommit', seq, this.#commit(bodyOf(request.body)))
      case 'modelInfo':
        return encodeResponse('modelInfo', seq, this.#info())
      case 'input':
        return encodeResponse('input', seq, { received: this.#take(bodyOf(request.body)) })
      case 'run':
        return encodeResponse('run', seq, this.#run())
      case 'output': {
        const { offset, length } = bodyOf(request.body)
        this.#model()
        if (offset + length > this.#output.length) throw new Refuse('badRange')
        return encodeResponse('output', seq, { data: this.#output.slice(offset, offset + length) })
      }
      case 'bench':
        this.#model()
        return encodeResponse('bench', seq, {
          cycles: Array.from({ length: bodyOf(request.body).runs }, (_, i) => ({ value: BigInt(1000 + (i % 3)) })),
        })
      case 'profile': {
        const { first } = bodyOf(request.body)
        const { operators } = this.options
        const count = Math.min(64, operators - first)
        return encodeResponse('profile', seq, {
          operators,
          cycles: Array.from({ length: count }, (_, i) => ({ value: first + i })),
        })
      }
      case 'memory':
        return encodeResponse('memory', seq, {
          arenaHigh: 500,
          stackHigh: 300,
          staticBytes: 100,
          poolBytes: 4096,
          stackBytes: 2048,
        })
      case 'paint':
        return encodeResponse('paint', seq, {})
      case 'reset':
        this.#upload = null
        return encodeResponse('reset', seq, {})
      case 'inspect': {
        const { op, offset, length } = bodyOf(request.body)
        return encodeResponse('inspect', seq, { data: new Uint8Array(length).fill(op + (offset % 100)) })
      }
    }
  }

  #hello(): ResponseBody<'hello'> {
    return {
      protocol: this.options.protocol,
      maxPayload: this.options.maxPayload,
      window: this.options.window,
      clockHz: 1_000_000,
      counter: 0,
      features: 0,
      agentBuild: new Uint8Array(8),
      board: 'Fake',
      core: 'none',
      codeBytes: 1,
      staticBytes: 100,
      stackBytes: 2048,
      poolBytes: 4096,
      slots: this.options.slots,
    }
  }

  #begin({ slot, size, crc }: { slot: number; size: number; crc: number }): number {
    const target = this.options.slots[slot]
    if (target === undefined) throw new Refuse('badSlot')
    if ((target.state & 1) === 0) throw new Refuse('notWritable')
    if (size > target.capacity) throw new Refuse('tooLarge')
    const same = this.#upload?.slot === slot && this.#upload.crc === crc && this.#upload.bytes.length === size
    if (!same) this.#upload = { slot, crc, bytes: new Uint8Array(size), received: 0 }
    return this.#upload?.received ?? 0
  }

  #chunk({ offset, data }: { offset: number; data: Uint8Array }): number {
    const upload = this.#upload
    if (upload === null) throw new Refuse('notBegun')
    if (offset === upload.received) {
      if (offset + data.length > upload.bytes.length) throw new Refuse('badRange')
      upload.bytes.set(data, offset)
      upload.received += data.length
    }
    return upload.received
  }

  #commit({ slot }: { slot: number }) {
    const upload = this.#upload
    if (upload?.slot !== slot) throw new Refuse('notBegun')
    if (upload.received !== upload.bytes.length || crc32(upload.bytes) !== upload.crc) throw new Refuse('crcMismatch')
    this.held = { slot, pack: upload.bytes }
    this.#upload = null
    return { arenaBytes: 512, operators: this.options.operators }
  }

  #info(): ResponseBody<'modelInfo'> {
    if (this.held === null) {
      return { slot: 0, size: 0, crc: 0, arenaBytes: 0, operators: 0, inputs: 0, outputs: 0 }
    }
    const { slot, pack } = this.held
    return {
      slot,
      size: pack.length,
      crc: crc32(pack),
      arenaBytes: 512,
      operators: this.options.operators,
      inputs: 1,
      outputs: 1,
    }
  }

  #take({ index, offset, data }: { index: number; offset: number; data: Uint8Array }): number {
    this.#model()
    if (index !== 0 || offset + data.length > this.#input.length) throw new Refuse('badRange')
    this.#input.set(data, offset)
    return data.length
  }

  /** Overwrites its input, as an arena plan does. */
  #run() {
    this.#output = fakeOutput(this.#model().pack, this.#input, this.options.outputBytes)
    this.#input.fill(0x55)
    return { cycles: 1000n, digest: crc32(this.#output) }
  }

  #model(): Held {
    if (this.held === null) throw new Refuse('noModel')
    return this.held
  }
}

function bodyOf<T>(decoded: { readonly ok: true; readonly body: T } | { readonly ok: false }): T {
  if (!decoded.ok) throw new Refuse('badPayload')
  return decoded.body
}

/** The device on a link in memory; the device lives on when the stream is closed. */
export function fakeLink(device: FakeDevice): Link {
  return {
    id: 'fake',
    name: 'Fake board',
    kind: 'simulated',
    emulated: true,
    instructionsPerSecond: 1e6,
    bytesPerSecond: 1e6,
    async open(): Promise<LinkStream> {
      let closed = false
      let listener: (chunk: Uint8Array) => void = () => undefined
      return {
        kind: 'simulated',
        async write(bytes) {
          if (closed) throw new Error('the stream is closed')
          const answers = device.receive(bytes.slice())
          queueMicrotask(() => {
            if (!closed) for (const answer of answers) listener(answer)
          })
        },
        onData: (next) => {
          listener = next
        },
        onClose: () => undefined,
        close: async () => {
          closed = true
        },
      }
    },
  }
}
