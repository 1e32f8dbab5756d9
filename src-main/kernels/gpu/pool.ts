// Buffers by size class, so that a pass over a network allocates a handful instead of thousands. What was released is cleared
// by whoever needs zeros.
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'

/** Values of the WebGPU specification's GPUBufferUsage, which Node has no global for. */
export const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 } as const

const storageUsage = usage.storage | usage.copySource | usage.copyTarget
const stagingUsage = usage.mapRead | usage.copyTarget
const paramsUsage = usage.uniform | usage.copyTarget

export type BufferKind = 'storage' | 'staging' | 'params'
const usageOf: Record<BufferKind, number> = { storage: storageUsage, staging: stagingUsage, params: paramsUsage }

/** Unused buffers kept; beyond it the ones released last are destroyed. */
const idleLimitBytes = 512 * 2 ** 20
const smallestBytes = 256

export interface BufferPool extends Disposable {
  /** At least `bytes` long; holds anything. */
  take(kind: BufferKind, bytes: number): GPUBuffer
  give(kind: BufferKind, buffer: GPUBuffer): void
  /** Largest buffer that a kernel may bind. */
  readonly limitBytes: number
}

export function createPool(device: GPUDevice): BufferPool {
  const limitBytes = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize)
  const idle = new Map<string, GPUBuffer[]>()
  let idleBytes = 0
  const shelf = (kind: BufferKind, bytes: number) => {
    const key = `${kind} ${bytes}`
    const found = idle.get(key) ?? []
    idle.set(key, found)
    return found
  }
  return {
    limitBytes,
    take(kind, bytes) {
      const size = sizeClass(bytes, limitBytes)
      const kept = shelf(kind, size).pop()
      if (kept) idleBytes -= size
      return kept ?? device.createBuffer({ size, usage: usageOf[kind] })
    },
    give(kind, buffer) {
      if (idleBytes + buffer.size > idleLimitBytes) return buffer.destroy()
      idleBytes += buffer.size
      shelf(kind, buffer.size).push(buffer)
    },
    [Symbol.dispose]() {
      for (const buffers of idle.values()) for (const buffer of buffers) buffer.destroy()
      idle.clear()
    },
  }
}

/** Four classes between powers of two, so that at most a quarter is wasted. */
function sizeClass(bytes: number, limitBytes: number): number {
  if (bytes > limitBytes)
    throw new AppError('kernel.gpuMemory', {
      problem: say`a buffer of ${bytes} bytes is needed and ${limitBytes} are the most`,
    })
  const step = Math.max(smallestBytes, 2 ** Math.floor(Math.log2(Math.max(1, bytes))) / 4)
  return Math.min(Math.ceil(Math.max(1, bytes) / step) * step, Math.floor(limitBytes / 4) * 4)
}
