// The C code of the float codec as WebAssembly, in process. It works on static buffers: elements here, a stream there.
import { readFileSync } from 'node:fs'

// What is used of the WebAssembly API, which the es2024 library does not declare.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}

/** Exports of resources/runtime/host/float_wasm.c. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  float_elements(): number
  float_stream(): number
  float_capacity(): number
  float_encode_elements(kind: number, count: number, cols: number, limit: number): number
  float_decode_elements(bytes: number, capacity: number): number
  float_device_decode(bytes: number, count: number, width: number, step: number): number
}

export interface FloatNative {
  /** Where elements are put and found; as long as the largest chunk. */
  readonly elements: Uint8Array
  readonly stream: Uint8Array
  readonly exports: Exports
}

const wasmPath = new URL('../../../resources/prebuilt/float.wasm', import.meta.url)
let native: FloatNative | undefined

/** One instance a thread. Its memory never grows, so the views stay valid. */
export function floatNative(): FloatNative {
  native ??= instantiate()
  return native
}

function instantiate(): FloatNative {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasmPath)))
  const exports = instance.exports as Exports
  const { buffer } = exports.memory
  const capacity = exports.float_capacity()
  return {
    elements: new Uint8Array(buffer, exports.float_elements(), capacity),
    stream: new Uint8Array(buffer, exports.float_stream(), capacity),
    exports,
  }
}
