// The agent's WebAssembly module with its line in the test's hands: bytes in, bytes out, synchronously.
import { readFileSync } from 'node:fs'
import { crc32 } from '../../src-main/base/crc32.ts'
import {
  decodeAnswer,
  encodeRequest,
  type RequestBody,
  type ResponseBody,
} from '../../src-main/device/protocol/codec.ts'
import { FrameDecoder } from '../../src-main/device/protocol/frame-decoder.ts'
import type { MessageName } from '../../src-main/device/protocol/messages.ts'

declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object, imports: object): Promise<{ readonly exports: object }>
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  agent_init(poolBytes: number): number
  agent_buffer(): number
  agent_buffer_bytes(): number
  agent_receive(at: number, length: number): number
  agent_step(): number
  agent_transmit(at: number, length: number): number
}

const image = new URL('../../resources/prebuilt/agent-twin.wasm', import.meta.url)

/** What the agent said instead of a response: its error's name, with the detail where there is one. */
export interface Refused {
  readonly error: string
  readonly detail: number
}

export class AgentWire {
  readonly #exports: Exports
  readonly #decoder = new FrameDecoder({ maxPayload: 1024 })
  readonly bootText: string
  #seq = 0

  constructor(exports: Exports, poolBytes: number) {
    this.#exports = exports
    if (exports.agent_init(poolBytes) !== 0) throw new Error('the agent has no memory')
    this.bootText = this.text('')
  }

  /** Bytes onto the line; what came back. */
  raw(bytes: Uint8Array): Uint8Array {
    const { memory, agent_buffer, agent_buffer_bytes, agent_receive, agent_step, agent_transmit } = this.#exports
    const answers: Uint8Array[] = []
    for (let at = 0; at < bytes.length || at === 0; ) {
      const part = bytes.subarray(at, at + agent_buffer_bytes())
      new Uint8Array(memory.buffer).set(part, agent_buffer())
      at += part.length === 0 ? 1 : agent_receive(agent_buffer(), part.length)
      while (agent_step() > 0) {
        const count = agent_transmit(agent_buffer(), agent_buffer_bytes())
        answers.push(new Uint8Array(memory.buffer, agent_buffer(), count).slice())
      }
    }
    return Buffer.concat(answers)
  }

  /** The agent's memory, for what no request shows. */
  peek(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, address, length).slice()
  }

  text(command: string): string {
    return Buffer.from(this.raw(Buffer.from(command, 'latin1'))).toString('latin1')
  }

  /** One request and its answer. */
  ask<M extends MessageName>(name: M, body: RequestBody<M>): ResponseBody<M> | Refused {
    this.#seq = (this.#seq + 1) & 0xffff
    // The greeting after a reset is text, which is no frame.
    const events = this.#decoder.push(this.raw(encodeRequest(name, this.#seq, body))).filter((e) => e.kind === 'frame')
    const event = events.at(-1)
    if (events.length !== 1 || event === undefined) throw new Error(`${name}: ${events.length} answers`)
    if (event.frame.seq !== this.#seq) throw new Error(`${name}: the answer to ${event.frame.seq}`)
    const answer = decodeAnswer(name, event.frame)
    if (answer.kind === 'malformed') throw new Error(answer.problem)
    return answer.kind === 'response' ? answer.body : { error: answer.refusal.error, detail: answer.refusal.detail }
  }

  /** For requests that must be answered as asked. */
  must<M extends MessageName>(name: M, body: RequestBody<M>): ResponseBody<M> {
    const answer = this.ask(name, body)
    if (typeof answer === 'object' && 'error' in answer) throw new Error(`${name}: ${JSON.stringify(answer)}`)
    return answer as ResponseBody<M>
  }

  /** Sends the pack in chunks from where the agent wants to go on. */
  upload(slot: number, pack: Uint8Array, chunkBytes = 700) {
    const { offset } = this.must('modelBegin', { slot, size: pack.length, crc: crc32(pack) })
    for (let at = offset; at < pack.length; at += chunkBytes) {
      this.must('modelChunk', { offset: at, data: pack.subarray(at, at + chunkBytes) })
    }
    return offset
  }
}

export async function agentWire(poolBytes = 1 << 20): Promise<AgentWire> {
  let now = 0n
  const instance = await WebAssembly.instantiate(await WebAssembly.compile(readFileSync(image)), {
    env: {
      now_ns: () => {
        now += 1000n
        return now
      },
    },
  })
  return new AgentWire(instance.exports as Exports, poolBytes)
}
