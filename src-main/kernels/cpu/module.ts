// resources/prebuilt/kernels.wasm: what is used of it and of the WebAssembly API, which the es2024 library does not declare.
import { readFileSync } from 'node:fs'

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
  readonly Memory: new (limits: {
    readonly initial: number
    readonly maximum: number
    readonly shared: true
  }) => SharedMemory
}

/** The kernels of resources/kernels/kernels.h. */
export const kernelNames = [
  'row_statistics',
  'histogram',
  'search_scales',
  'quantize',
  'dequantize',
  'kmeans',
  'top_mask',
  'nm_mask',
  'patches',
  'gram',
  'multiply',
  'factor',
  'solve',
  'gptq',
  'obs_prune',
  'optimize_rounding',
] as const
export type KernelName = (typeof kernelNames)[number]

type Run = (args: number, team: number, thread: number) => void
type Scratch = (args: number, threads: number) => number
export type Exports = { readonly [name in `${KernelName}_run`]: Run } & {
  readonly [name in `${KernelName}_scratch`]: Scratch
} & {
  readonly __stack_pointer: { value: number }
  readonly __heap_base: { readonly value: number }
}

export const pageBytes = 65536
export const mostPages = 65536

const wasmPath = new URL('../../../resources/prebuilt/kernels.wasm', import.meta.url)
let module: object | undefined

export function loadModule(): object {
  module ??= new WebAssembly.Module(readFileSync(wasmPath))
  return module
}

/** Reserves addresses for 4 GB; memory is taken as pages are first used. */
export const sharedMemory = (): SharedMemory =>
  new WebAssembly.Memory({ initial: 64, maximum: mostPages, shared: true })

export function instantiate(module: object, memory: SharedMemory): Exports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Exports
}
