// One list of cases over all kernels: the reference against what must hold of each result, the others against it as well.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kernelCases } from '../../src-main/kernels/cases/kernel-cases.ts'
import type { BackendName, Kernels } from '../../src-main/kernels/kernels.ts'
import { openKernels } from '../../src-main/kernels/open.ts'

const backends: readonly { readonly name: string; readonly backend: BackendName; readonly threads?: number }[] = [
  { name: 'reference', backend: 'reference' },
  { name: 'cpu, 1 thread', backend: 'cpu', threads: 1 },
  { name: 'cpu, 3 threads', backend: 'cpu', threads: 3 },
]

describe.each(backends)('$name', ({ backend, threads }) => {
  let kernels: Kernels
  beforeAll(async () => {
    kernels = await openKernels(backend, { threads })
  })
  afterAll(() => kernels[Symbol.asyncDispose]())

  test.each(kernelCases)('$name', async (each) => {
    expect(await each.problems(kernels)).toEqual([])
  })
})
