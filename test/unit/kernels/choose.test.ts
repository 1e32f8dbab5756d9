import { expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import {
  type Calibration,
  type CalibrationPoint,
  readCalibration,
  thisMachine,
  writeCalibration,
} from '../../../src-main/kernels/calibration.ts'
import { autoKernels, gpuFrom, thresholdsOf } from '../../../src-main/kernels/choose.ts'
import type { Kernels, Matrix } from '../../../src-main/kernels/kernels.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { kernelNames } from '../../../src-main/kernels/work.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const hardware = { name: 'a GPU', vendor: 'someone', software: false }

/** Two sizes of work 100 and 1000. */
const points = (cpu: readonly [number, number], gpu: readonly [number, number | null]): CalibrationPoint[] => [
  { label: 'small', work: 100, cpuMs: cpu[0], gpuMs: gpu[0] },
  { label: 'large', work: 1000, cpuMs: cpu[1], gpuMs: gpu[1] },
]

test.each([
  { name: 'the GPU costs more to begin with and less for each unit', cpu: [1, 10], gpu: [3.1, 4], from: 300 / 0.9 },
  { name: 'the GPU is slower at every size', cpu: [1, 10], gpu: [4, 20], from: Infinity },
  { name: 'the GPU is faster at every size that was measured', cpu: [1, 10], gpu: [0.5, 2], from: 40 },
  { name: 'the GPU begins cheaper too', cpu: [2, 11], gpu: [0.5, 2], from: 0 },
  { name: 'a size was given up', cpu: [1, 10], gpu: [4, null], from: Infinity },
] as const)('$name', ({ cpu, gpu, from }) => {
  expect(gpuFrom(points(cpu, gpu), hardware)).toBeCloseTo(from)
})

test('a software adapter and a missing one are never chosen', () => {
  const better = points([1, 10], [0.5, 2])
  expect([gpuFrom(better, { ...hardware, software: true }), gpuFrom(better, null)]).toEqual([Infinity, Infinity])
})

const calibrated = (of: Partial<Record<string, CalibrationPoint[]>>): Calibration => ({
  version: 1,
  measuredAt: '2026-11-22T08:00:00.000Z',
  machine: thisMachine(),
  adapter: hardware,
  problem: null,
  durationMs: 1,
  kernels: Object.fromEntries(kernelNames.map((name) => [name, of[name] ?? []])) as Calibration['kernels'],
})

test('a calibration is read back on the machine that made it, and only there', () => {
  using folder = temporaryFolder()
  const made = calibrated({ gram: points([1, 10], [3.1, 4]) })
  const path = folder.file('cache/kernels.json')
  writeCalibration(path, made)
  expect(readCalibration(path, thisMachine())).toEqual(made)
  expect(readCalibration(path, { cpu: 'another', threads: 3 })).toBeNull()
  expect(readCalibration(folder.file('none.json'), thisMachine())).toBeNull()
  expect([...thresholdsOf(made)].map(([name, from]) => [name, Math.round(from)])).toEqual([['gram', 333]])
})

const matrix = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
})

/** The reference under another name, which says when it was disposed of. */
function named(backend: 'cpu' | 'gpu', gram: Kernels['gram'] = referenceKernels.gram) {
  const state = { disposed: 0, grams: 0 }
  const kernels: Kernels = {
    ...referenceKernels,
    backend,
    gram(x, sum) {
      state.grams++
      return gram(x, sum)
    },
    async [Symbol.asyncDispose]() {
      state.disposed++
    },
  }
  return { kernels, state }
}

const thresholds = new Map([['gram', 1000]] as const)

test('each call goes where its size sends it, and both backends are closed', async () => {
  const [cpu, gpu] = [named('cpu'), named('gpu')]
  let opened = 0
  {
    const openGpu = async () => {
      opened++
      return gpu.kernels
    }
    await using auto = autoKernels({ cpu: cpu.kernels, openGpu, thresholds })
    const small = matrix(2, 3)
    expect(await auto.gram(small, null)).toEqual(await referenceKernels.gram(small, null))
    expect(opened).toBe(0)
    await auto.gram(matrix(20, 10), null)
    await auto.gram(matrix(30, 10), null)
    await auto.multiply(matrix(30, 30), matrix(30, 30))
    expect(auto.choices()).toEqual([
      { kernel: 'gram', backend: 'cpu', calls: 1, work: 9 },
      { kernel: 'gram', backend: 'gpu', calls: 2, work: 2500 },
      { kernel: 'multiply', backend: 'cpu', calls: 1, work: 27000 },
    ])
  }
  expect([opened, cpu.state, gpu.state]).toEqual([1, { disposed: 1, grams: 1 }, { disposed: 1, grams: 2 }])
})

test.each([
  { code: 'kernel.gpuLost', askedAgain: 1 },
  { code: 'kernel.gpuMemory', askedAgain: 2 },
] as const)('what fails with $code is done by the CPU', async ({ code, askedAgain }) => {
  const gpu = named('gpu', async () => {
    throw new AppError(code, { problem: 'a test' })
  })
  const cpu = named('cpu')
  await using auto = autoKernels({ cpu: cpu.kernels, openGpu: async () => gpu.kernels, thresholds })
  const x = matrix(20, 10)
  expect(await auto.gram(x, null)).toEqual(await referenceKernels.gram(x, null))
  await auto.gram(x, null)
  expect([gpu.state.grams, cpu.state.grams]).toEqual([askedAgain, 2])
})

test('a failure that is not of the GPU is passed on', async () => {
  const gpu = named('gpu', async () => {
    throw new AppError('kernel.notPositive', { what: 'group 0', pivot: 3 })
  })
  await using auto = autoKernels({ cpu: named('cpu').kernels, openGpu: async () => gpu.kernels, thresholds })
  await expect(auto.gram(matrix(20, 10), null)).rejects.toMatchObject({ code: 'kernel.notPositive' })
})
