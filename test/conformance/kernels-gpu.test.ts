// The case list on the GPU kernels. Without a GPU, the software Vulkan driver that comes with Chromium stands in for one: it
// shows that the kernels are right.
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { kernelCases } from '../../src-main/kernels/cases/kernel-cases.ts'
import { type GpuKernels, openGpuKernels } from '../../src-main/kernels/gpu/kernels.ts'

const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json'
if (!process.env.VK_ICD_FILENAMES && existsSync(softwareDriver)) process.env.VK_ICD_FILENAMES = softwareDriver

async function findKernels(): Promise<GpuKernels | null> {
  try {
    return await openGpuKernels()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'kernel.noGpu') throw error
    console.warn(`skipped: ${error.message} A graphics driver, or the package chromium, would enable the GPU kernels.`)
    return null
  }
}

const found = await findKernels()

test.runIf(process.env.CI === 'true')('with CI=true there is an adapter', () => {
  expect(found).not.toBeNull()
})

describe.skipIf(!found)(`gpu: ${found?.adapter.name}`, () => {
  let kernels: GpuKernels
  beforeAll(() => {
    kernels = found!
  })
  afterAll(() => found?.[Symbol.asyncDispose]())

  test.each(kernelCases)('$name', { timeout: 300_000 }, async (each) => {
    expect(await each.problems(kernels)).toEqual([])
  })
})
