// Masks of the largest scores.
import type { Matrix } from '../kernels.ts'
import { type Gpu, type GpuCall, type Program, withCall } from './call.ts'
import { linearGroups, rowParts } from './split.ts'
import * as wgsl from './wgsl/select.ts'

const selectCountProgram: Program = { name: 'selectCount', wgsl: wgsl.selectCount }
const selectDigitProgram: Program = { name: 'selectDigit', wgsl: wgsl.selectDigit }
const countEqualProgram: Program = { name: 'countEqual', wgsl: wgsl.countEqual }
const prefixSumProgram: Program = { name: 'prefixSum', wgsl: wgsl.prefixSum }
const writeTopMaskProgram: Program = { name: 'writeTopMask', wgsl: wgsl.writeTopMask }
const nmMaskProgram: Program = { name: 'nmMask', wgsl: wgsl.nmMask }

/** Elements of a workgroup in the shader that writes the mask. */
const maskSpan = 1024
const countSpan = 8192

export function topMask(gpu: Gpu, scores: Float32Array, keep: number): Promise<Uint8Array> {
  return withCall(gpu, (call) =>
    call.readBytes(recordTopMask(call, call.input(scores), scores.length, keep), scores.length),
  )
}

/** @returns a byte for each score */
export function recordTopMask(call: GpuCall, scores: GPUBuffer, count: number, keep: number): GPUBuffer {
  // The key chosen so far, and how many are still to be kept among those that share it.
  const state = call.input(Uint32Array.of(0, Math.max(0, Math.min(keep, count))))
  const counts = call.zeros(256)
  for (const shift of [24, 16, 8, 0]) {
    const groups = linearGroups(Math.ceil(count / countSpan))
    call.dispatch(selectCountProgram, [scores, state, counts], [count, shift, countSpan], groups)
    call.dispatch(selectDigitProgram, [state, counts], [], [1])
  }
  const blocks = Math.ceil(count / maskSpan)
  const equal = call.scratch(blocks)
  const mask = call.scratch(Math.ceil(count / 4))
  call.dispatch(countEqualProgram, [scores, state, equal], [count, maskSpan, blocks], linearGroups(blocks))
  call.dispatch(prefixSumProgram, [equal], [blocks], [1])
  call.dispatch(writeTopMaskProgram, [scores, state, equal, mask], [count, blocks], linearGroups(blocks))
  return mask
}

export async function nmMask(gpu: Gpu, scores: Matrix, n: number, m: number): Promise<Uint8Array> {
  const mask = new Uint8Array(scores.data.length)
  for (const { first, matrix } of rowParts(scores, gpu.pool.limitBytes)) {
    const count = matrix.data.length
    const bytes = await withCall(gpu, (call) =>
      call.readBytes(recordNmMask(call, call.input(matrix.data), matrix.rows, matrix.columns, n, m), count),
    )
    mask.set(bytes, first * scores.columns)
  }
  return mask
}

export function recordNmMask(call: GpuCall, scores: GPUBuffer, rows: number, columns: number, n: number, m: number) {
  const count = rows * columns
  const mask = call.scratch(Math.ceil(count / 4))
  const groups = linearGroups(Math.ceil(count / maskSpan))
  call.dispatch(nmMaskProgram, [scores, mask], [count, columns, n, m], groups)
  return mask
}
