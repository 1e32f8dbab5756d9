// Every wire message, once. See resources/agent/PROTOCOL.md for the rules of the conversation.
//
// A frame is COBS(type u8, seq u16, payload, CRC-32 of all before it) with a 0x00 before and after. type is id | 0x80 for
// a request and id | 0xC0 for its response, which repeats the request's seq; 0xFF is the error response. No type byte is
// printable ASCII, so that the MLPerf Tiny text protocol can share the stream.
import { type Fields, fixed, i8, list, rest, text, u8, u16, u32, u64 } from './fields.ts'

export const protocolVersion = 1

export const messages = {
  /** First on a link. The device forgets nothing; a session may say hello at any time. */
  hello: {
    id: 0x01,
    request: { protocol: u16 },
    response: {
      protocol: u16,
      /** Largest payload the device takes or sends, bytes. */
      maxPayload: u16,
      /** Bytes of frames that may be on their way to the device unanswered. */
      window: u16,
      clockHz: u32,
      /** What `cycles` counts: 0 core cycles, 1 ticks of a timer at clockHz. */
      counter: u8,
      /** Bits: 0 FPU, 1 DSP (SIMD within a register), 2 MVE, 3 hardware divide, 4 wasm SIMD. */
      features: u32,
      /** First 8 bytes of the SHA-256 of the agent's sources. */
      agentBuild: fixed(8),
      board: text(31),
      core: text(31),
      /** Flash taken by the agent and runtime: code and tables. */
      codeBytes: u32,
      /** Static RAM of agent and runtime without the pool. */
      staticBytes: u32,
      /** Bytes reserved for the stack. */
      stackBytes: u32,
      /** RAM for the arena and for a model held in RAM. */
      poolBytes: u32,
      /** Places a model can be stored. */
      slots: list(4, {
        /** 0 RAM (in the pool), 1 flash. */
        kind: u8,
        /** Bits: 0 the agent can write it, 1 it holds a valid model. */
        state: u8,
        address: u32,
        capacity: u32,
      }),
    },
  },
  /**
   * Starts or resumes an upload. `crc` is the CRC-32 of the whole pack; when the same size and crc were begun before and
   * not committed, `offset` says where to go on. A valid model in another slot stays valid until commit.
   */
  modelBegin: {
    id: 0x02,
    request: { slot: u8, size: u32, crc: u32 },
    response: { offset: u32 },
  },
  /** Chunks come in order; a chunk at another offset than expected is answered with what was received, and dropped. */
  modelChunk: {
    id: 0x03,
    request: { offset: u32, data: rest },
    response: { received: u32 },
  },
  /** Checks the CRC, opens the pack, makes it the current model. */
  modelCommit: { id: 0x04, request: { slot: u8 }, response: { arenaBytes: u32, operators: u16 } },
  /** The current model; size 0 when there is none. */
  modelInfo: {
    id: 0x05,
    request: {},
    response: { slot: u8, size: u32, crc: u32, arenaBytes: u32, operators: u16, inputs: u8, outputs: u8 },
  },
  input: { id: 0x06, request: { index: u8, offset: u32, data: rest }, response: { received: u32 } },
  /** Runs once. `digest` is the CRC-32 over all outputs in order. */
  run: { id: 0x07, request: {}, response: { cycles: u64, digest: u32 } },
  output: { id: 0x08, request: { index: u8, offset: u32, length: u16 }, response: { data: rest } },
  /** `warmup` runs, then `runs` (1 to 32) counted ones on the input as it stands (the device restores it for each run). */
  bench: {
    id: 0x09,
    request: { warmup: u16, runs: u8 },
    response: { cycles: list(32, { value: u64 }) },
  },
  /** When `first` is 0 runs once counting each operator; then gives the counts from operator `first` on. */
  profile: {
    id: 0x0a,
    request: { first: u16 },
    response: { operators: u16, cycles: list(64, { value: u32 }) },
  },
  /** High-water marks since the last `paint`, in bytes. */
  memory: {
    id: 0x0b,
    request: {},
    response: { arenaHigh: u32, stackHigh: u32, staticBytes: u32, poolBytes: u32, stackBytes: u32 },
  },
  /** Paints the unused stack and the arena for the next `memory`. */
  paint: { id: 0x0c, request: {}, response: {} },
  reset: { id: 0x0d, request: {}, response: {} },
  /** Bytes [offset, offset + length) of arena tensor `tensor` as they stand after operator `op` (stop-after, for finding the first difference). */
  inspect: {
    id: 0x0e,
    request: { op: u16, tensor: u16, offset: u32, length: u16 },
    response: { data: rest },
  },
} as const satisfies Record<string, MessageDeclaration>

export interface MessageDeclaration {
  readonly id: number
  readonly request: Fields
  readonly response: Fields
}

export type MessageName = keyof typeof messages

/** Sent instead of a response. `detail` is the runtime's negative status for modelCommit and run, else 0. */
export const errorResponse = {
  id: 0x3f,
  fields: { request: u8, code: u8, detail: i8, note: text(63) },
} as const

/** Codes of the error response. */
export const deviceErrors = {
  unknownRequest: 1,
  badPayload: 2,
  noModel: 3,
  tooLarge: 4,
  badSlot: 5,
  notWritable: 6,
  flashFailed: 7,
  crcMismatch: 8,
  /** shoe_open refused the pack; detail is its status. */
  badPack: 9,
  /** The arena does not fit the pool. */
  arena: 10,
  badRange: 11,
  runFailed: 12,
  notBegun: 13,
} as const
