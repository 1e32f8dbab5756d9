// The agent compiled to WebAssembly, in this process: the same protocol, session and measuring as a board.
import { AppError, Bug } from '../../base/errors.ts'
import type { Link, LinkDriver, LinkStream } from './link.ts'
import { type LinkPorts, readPrebuilt } from './ports.ts'

/** RAM for arena and pack, well above any microcontroller's; bytes. */
const poolBytes = 64 * 1024 * 1024

/** What agent-twin.wasm exports; resources/agent/ports/twin/board.c says what each does. */
interface AgentExports {
  readonly memory: WebAssembly.Memory
  agent_init(poolBytes: number): number
  agent_buffer(): number
  agent_buffer_bytes(): number
  agent_receive(at: number, length: number): number
  agent_step(): number
  agent_transmit(at: number, length: number): number
}

export const twinDriver = (ports: LinkPorts): LinkDriver => ({
  scheme: 'twin',
  link(rest, id) {
    if (rest !== '') throw new AppError('usage.noDevice', { device: id })
    let agent: Promise<WasmAgent> | null = null
    const link: Link = {
      id,
      name: 'Twin',
      kind: 'measured',
      emulated: true,
      core: 'wasm32 on this computer',
      instructionsPerSecond: 2e8,
      bytesPerSecond: 1e6,
      // The same agent at every opening, as a board stays the same when its cable is pulled.
      async open(signal) {
        signal.throwIfAborted()
        agent ??= startAgent(ports)
        return agentStream(await agent, signal)
      },
    }
    return link
  },
})

export class WasmAgent {
  readonly #exports: AgentExports

  constructor(exports: AgentExports) {
    this.#exports = exports
    if (exports.agent_init(poolBytes) !== 0) throw new Bug('the twin has no memory')
  }

  /** Gives bytes to the agent, lets it work them off, and hands what it sends to `onSent`. */
  exchange(bytes: Uint8Array, onSent: (chunk: Uint8Array) => void) {
    const { memory, agent_buffer, agent_buffer_bytes, agent_receive, agent_step } = this.#exports
    let at = 0
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + agent_buffer_bytes())
      new Uint8Array(memory.buffer, agent_buffer(), part.length).set(part)
      at += agent_receive(agent_buffer(), part.length)
      while (agent_step() > 0) onSent(this.#transmitted())
    }
  }

  #transmitted(): Uint8Array {
    const { memory, agent_buffer, agent_buffer_bytes, agent_transmit } = this.#exports
    const count = agent_transmit(agent_buffer(), agent_buffer_bytes())
    return new Uint8Array(memory.buffer, agent_buffer(), count).slice()
  }
}

export async function startAgent(ports: LinkPorts): Promise<WasmAgent> {
  const bytes = await readPrebuilt(ports, 'twin', 'agent-twin.wasm')
  const { instance } = await WebAssembly.instantiate(bytes, { env: { now_ns: () => ports.nowNs() } })
  return new WasmAgent(instance.exports as unknown as AgentExports)
}

function agentStream(agent: WasmAgent, signal: AbortSignal): LinkStream {
  let closed = false
  let listener: (chunk: Uint8Array) => void = () => undefined
  const waiting: Uint8Array[] = []
  const work = () => {
    const bytes = waiting.shift()
    if (bytes !== undefined && !closed && !signal.aborted) agent.exchange(bytes, (chunk) => listener(chunk))
  }
  return {
    kind: 'measured',
    async write(bytes) {
      if (closed) throw new Error('the twin is closed')
      waiting.push(bytes)
      // A request may take long: the event loop gets its turn between two.
      setImmediate(work)
    },
    onData: (next) => {
      listener = next
    },
    onClose: () => undefined,
    async close() {
      closed = true
    },
  }
}
