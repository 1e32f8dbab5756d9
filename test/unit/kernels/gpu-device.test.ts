// What happens at the edges of a device: lost, too small, aborted; and how work is cut to fit.
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { type Gpu, withCall } from '../../../src-main/kernels/gpu/call.ts'
import { openDevice } from '../../../src-main/kernels/gpu/device.ts'
import { createPool } from '../../../src-main/kernels/gpu/pool.ts'
import { batches, linearGroups, rowParts } from '../../../src-main/kernels/gpu/split.ts'

const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json'
if (!process.env.VK_ICD_FILENAMES && existsSync(softwareDriver)) process.env.VK_ICD_FILENAMES = softwareDriver

async function openGpu(signal: AbortSignal | null = null): Promise<Gpu> {
  const hold = await openDevice()
  return { hold, pool: createPool(hold.device), pipelines: new Map(), signal, turn: Promise.resolve() }
}

const hasGpu = await openDevice().then(
  (hold) => {
    hold[Symbol.dispose]()
    return true
  },
  (error: unknown) => {
    if (!(error instanceof AppError)) throw error
    console.warn(`skipped: ${error.message}`)
    return false
  },
)

describe.skipIf(!hasGpu)('a device', () => {
  let open: Gpu[] = []
  afterEach(() => {
    for (const { pool, hold } of open) {
      pool[Symbol.dispose]()
      hold[Symbol.dispose]()
    }
    open = []
  })
  async function gpu(signal?: AbortSignal): Promise<Gpu> {
    const opened = await openGpu(signal)
    open.push(opened)
    return opened
  }
  const echo = (own: Gpu, data: Float32Array) => withCall(own, (call) => call.readFloats(call.input(data), data.length))

  test('that is lost says so in every later call', async () => {
    const own = await gpu()
    expect(await echo(own, Float32Array.of(1, 2))).toEqual(Float32Array.of(1, 2))
    own.hold.device.destroy()
    await own.hold.device.lost
    await expect(echo(own, Float32Array.of(3))).rejects.toMatchObject({ code: 'kernel.gpuLost' })
  })

  test('refuses a buffer beyond its limit, and goes on working', async () => {
    const own = await gpu()
    const tooLarge = withCall(own, async (call) => call.scratch(own.pool.limitBytes / 4 + 1))
    await expect(tooLarge).rejects.toMatchObject({ code: 'kernel.gpuMemory' })
    expect(await echo(own, Float32Array.of(4))).toEqual(Float32Array.of(4))
  })

  test('calls at the same time do not mix', async () => {
    const own = await gpu()
    const inputs = Array.from({ length: 8 }, (_, i) => new Float32Array(300).fill(i))
    expect(await Promise.all(inputs.map((data) => echo(own, data)))).toEqual(inputs)
  })

  test('a call after the signal is aborted fails with its reason', async () => {
    const controller = new AbortController()
    const own = await gpu(controller.signal)
    controller.abort(new AppError('job.cancelled'))
    await expect(echo(own, Float32Array.of(1))).rejects.toMatchObject({ code: 'job.cancelled' })
  })

  test('a shader that does not compile is a bug, and not a wrong result', async () => {
    const own = await gpu()
    const broken = withCall(own, async (call) => {
      const to = call.scratch(4)
      call.dispatch({ name: 'broken', wgsl: 'fn main() { nonsense }' }, [to], [], [1])
      return call.readFloats(to, 4)
    })
    await expect(broken).rejects.toMatchObject({ name: 'Bug' })
  })
})

test('a matrix is cut between rows', () => {
  const data = Float32Array.from({ length: 15 }, (_, i) => i)
  const parts = [...rowParts({ rows: 5, columns: 3, data }, 4 * 3 * 2 + 8)]
  expect(parts.map(({ first, matrix }) => [first, matrix.rows, [...matrix.data]])).toEqual([
    [0, 2, [0, 1, 2, 3, 4, 5]],
    [2, 2, [6, 7, 8, 9, 10, 11]],
    [4, 1, [12, 13, 14]],
  ])
})

test('more workgroups than a dimension has become rows of them', () => {
  expect([linearGroups(0), linearGroups(65535), linearGroups(65536), linearGroups(1_000_000)]).toEqual([
    [0, 1],
    [65535, 1],
    [32768, 2],
    [62500, 16],
  ])
  expect([...batches(140_000)]).toEqual([
    { first: 0, count: 65535 },
    { first: 65535, count: 65535 },
    { first: 131070, count: 8930 },
  ])
})
