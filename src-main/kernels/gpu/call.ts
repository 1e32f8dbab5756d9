// One kernel call on the GPU: buffers that go back to the pool when it ends, dispatches, and results read back.
import { AppError, Bug, isAbort } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { GpuDevice } from './device.ts'
import type { BufferKind, BufferPool } from './pool.ts'

/** A compute shader with one entry point called `main`: binding 0 is its parameters, the others are storage buffers. */
export interface Program {
  readonly name: string
  readonly wgsl: string
  /** Values of `override` constants. */
  readonly constants?: Readonly<Record<string, number>>
}

/** Parameters are 32-bit words in the order of the shader's struct. */
export type Param = { readonly f32: number } | number

export interface Gpu {
  readonly hold: GpuDevice
  readonly pool: BufferPool
  readonly pipelines: Map<string, GPUComputePipeline>
  /** Calls that begin after it is aborted fail with its reason. */
  readonly signal: AbortSignal | null
  /** Settles when the call before has ended. */
  turn: Promise<void>
}

export type Data = Float32Array | Int32Array | Uint32Array

export interface GpuCall {
  /** A buffer with a copy of `data`; padded to whole words. */
  input(data: Data | Uint8Array): GPUBuffer
  /** Uninitialised. */
  scratch(words: number): GPUBuffer
  /** Cleared when the commands so far have run. */
  zeros(words: number): GPUBuffer
  copy(from: GPUBuffer, to: GPUBuffer, words: number): void
  dispatch(
    program: Program,
    buffers: readonly GPUBuffer[],
    params: readonly Param[],
    groups: readonly [x: number, y?: number, z?: number],
  ): void
  /** Starts what was recorded, so that one submission does not run into the driver's time limit. */
  flush(): void
  /** Resolves when everything recorded has run; nothing is read back. */
  settled(): Promise<void>
  /** Gives a buffer back before the call ends; nothing recorded later may use it. */
  release(buffer: GPUBuffer): void
  readFloats(buffer: GPUBuffer, count: number): Promise<Float32Array>
  readInts(buffer: GPUBuffer, count: number): Promise<Int32Array>
  readUints(buffer: GPUBuffer, count: number): Promise<Uint32Array>
  readBytes(buffer: GPUBuffer, count: number): Promise<Uint8Array>
}

/** Runs `work` with a call and returns every buffer afterwards. Calls of one device take turns: error scopes are a stack. */
export async function withCall<T>(gpu: Gpu, work: (call: GpuCall) => Promise<T>): Promise<T> {
  const before = gpu.turn
  let done = () => {}
  gpu.turn = new Promise((resolve) => {
    done = resolve
  })
  await before
  const held = new Map<GPUBuffer, BufferKind>()
  try {
    gpu.signal?.throwIfAborted()
    assertAlive(gpu)
    const result = await guarded(gpu, () => work(recorder(gpu, held)))
    for (const [buffer, kind] of held) gpu.pool.give(kind, buffer)
    return result
  } catch (error) {
    // What failed may have left a buffer mapped, or one that was never made.
    for (const buffer of held.keys()) buffer.destroy()
    throw error
  } finally {
    done()
  }
}

/** Errors of the device reach whoever made them: a lost device and memory as AppError, the rest as Bug. */
async function guarded<T>(gpu: Gpu, work: () => Promise<T>): Promise<T> {
  const { device } = gpu.hold
  device.pushErrorScope('out-of-memory')
  device.pushErrorScope('validation')
  const settle = async () => {
    const [invalid, full] = await Promise.all([device.popErrorScope(), device.popErrorScope()]).catch(() => [
      null,
      null,
    ])
    assertAlive(gpu)
    return { invalid, full }
  }
  const judge = ({ invalid, full }: Awaited<ReturnType<typeof settle>>) => {
    if (full) throw new AppError('kernel.gpuMemory', { problem: say`its memory is full` })
    if (invalid) throw new Bug(`a GPU command is invalid: ${invalid.message}`)
  }
  const outcome = await work().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  const found = await settle()
  if ('error' in outcome && (outcome.error instanceof AppError || isAbort(outcome.error))) throw outcome.error
  judge(found)
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

function assertAlive({ hold }: Gpu) {
  if (hold.lost !== null) throw new AppError('kernel.gpuLost', { problem: hold.lost })
}

function recorder(gpu: Gpu, held: Map<GPUBuffer, BufferKind>): GpuCall {
  const { device } = gpu.hold
  const { queue } = device
  const take = (kind: BufferKind, bytes: number) => {
    const buffer = gpu.pool.take(kind, bytes)
    held.set(buffer, kind)
    return buffer
  }
  const params = paramPages(queue, () => take('params', paramPageBytes))
  let encoder = device.createCommandEncoder()
  let pass: GPUComputePassEncoder | null = null
  const commands = () => {
    pass?.end()
    pass = null
    return encoder
  }
  const flush = () => {
    const recorded = commands().finish()
    params.write()
    queue.submit([recorded])
    encoder = device.createCommandEncoder()
  }
  const settled = async () => {
    flush()
    await queue.onSubmittedWorkDone()
    gpu.signal?.throwIfAborted()
    assertAlive(gpu)
  }
  const read = async (buffer: GPUBuffer, bytes: number): Promise<ArrayBuffer> => {
    const words = Math.max(4, Math.ceil(bytes / 4) * 4)
    const staging = take('staging', words)
    commands().copyBufferToBuffer(buffer, 0, staging, 0, words)
    flush()
    await staging.mapAsync(mapModeRead, 0, words)
    const copy = staging.getMappedRange(0, words).slice(0, bytes)
    staging.unmap()
    return copy
  }
  return {
    input(data) {
      const bytes = Math.max(4, Math.ceil(data.byteLength / 4) * 4)
      const buffer = take('storage', bytes)
      if (data.byteLength > 0) writeData(queue, buffer, data, bytes)
      return buffer
    },
    scratch: (words) => take('storage', words * 4),
    zeros(words) {
      const buffer = take('storage', words * 4)
      commands().clearBuffer(buffer)
      return buffer
    },
    copy: (from, to, words) => commands().copyBufferToBuffer(from, 0, to, 0, words * 4),
    dispatch(program, buffers, words, [x, y = 1, z = 1]) {
      if (x * y * z === 0) return
      const pipeline = pipelineOf(gpu, program)
      const slot = words.length > 0 ? params.add(words) : null
      pass ??= encoder.beginComputePass()
      pass.setPipeline(pipeline)
      const entries: GPUBindGroupEntry[] = buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } }))
      if (slot) entries.push({ binding: 0, resource: slot })
      pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }))
      pass.dispatchWorkgroups(x, y, z)
    },
    flush,
    settled,
    release(buffer) {
      const kind = held.get(buffer)
      if (!kind) throw new Bug('a GPU buffer is released that the call does not hold')
      held.delete(buffer)
      gpu.pool.give(kind, buffer)
    },
    readFloats: async (buffer, count) => new Float32Array(await read(buffer, count * 4)),
    readInts: async (buffer, count) => new Int32Array(await read(buffer, count * 4)),
    readUints: async (buffer, count) => new Uint32Array(await read(buffer, count * 4)),
    readBytes: async (buffer, count) => new Uint8Array(await read(buffer, count)),
  }
}

/** GPUMapMode.READ of the specification. */
const mapModeRead = 1

function writeData(queue: GPUQueue, buffer: GPUBuffer, data: Data | Uint8Array, bytes: number) {
  const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (bytes === view.length) return queue.writeBuffer(buffer, 0, view)
  const padded = new Uint8Array(bytes)
  padded.set(view)
  queue.writeBuffer(buffer, 0, padded)
}

const paramSlotBytes = 256
const paramPageBytes = 64 * 1024

/** Parameters of the dispatches of one submission, 256 bytes each (the alignment that every device takes). */
function paramPages(queue: GPUQueue, takePage: () => GPUBuffer) {
  const pages: { readonly buffer: GPUBuffer; readonly words: DataView; used: number; written: number }[] = []
  return {
    add(params: readonly Param[]): GPUBufferBinding {
      let page = pages.at(-1)
      if (!page || page.used === paramPageBytes) {
        page = { buffer: takePage(), words: new DataView(new ArrayBuffer(paramPageBytes)), used: 0, written: 0 }
        pages.push(page)
      }
      const offset = page.used
      page.used += paramSlotBytes
      for (const [index, param] of params.entries()) {
        if (typeof param === 'number') page.words.setUint32(offset + 4 * index, param, true)
        else page.words.setFloat32(offset + 4 * index, param.f32, true)
      }
      return { buffer: page.buffer, offset, size: paramSlotBytes }
    },
    /** What is written here is there before the commands submitted next run. */
    write() {
      for (const page of pages) {
        const { buffer, words, written, used } = page
        if (used > written) queue.writeBuffer(buffer, written, words.buffer, written, used - written)
        page.written = used
      }
    },
  }
}

function pipelineOf({ hold, pipelines }: Gpu, { name, wgsl, constants }: Program): GPUComputePipeline {
  const key = `${name} ${JSON.stringify(constants ?? {})}`
  const known = pipelines.get(key)
  if (known) return known
  const shader = hold.device.createShaderModule({ code: wgsl, label: name })
  const compute = { module: shader, entryPoint: 'main', ...(constants ? { constants } : {}) }
  const pipeline = hold.device.createComputePipeline({ label: name, layout: 'auto', compute })
  pipelines.set(key, pipeline)
  return pipeline
}
