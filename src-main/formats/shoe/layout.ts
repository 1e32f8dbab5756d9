// Numbers of the .shoe format that writer and reader share. resources/runtime/SPEC.md is the description;
// resources/runtime/src/model.h holds the same for the device.
import type { PlanOp, StorageMode } from '../../targets/plan.ts'

export const magic = 0x454f4853
/** Version 2 has coded constants and scratch memory. A plan without either is written as version 1. */
export const version = 2
export const headerBytes = 88
export const sectionTableAt = 12
export const planHeaderBytes = 12
export const tensorBytes = 12
export const maxElements = 2 ** 30
export const maxRank = 6
export const perChannel = 0x80000000

export const sectionNames = ['META', 'PLAN', 'TENSORS', 'REQUANT', 'WEIGHTS', 'TABLES'] as const
export type SectionName = (typeof sectionNames)[number]

/** Operator codes. */
export const kinds = {
  conv2d: 1,
  depthwiseConv2d: 2,
  transposeConv2d: 3,
  fullyConnected: 4,
  averagePool2d: 5,
  maxPool2d: 6,
  add: 7,
  sub: 8,
  mul: 9,
  div: 10,
  table: 11,
  requantize: 12,
  prelu: 13,
  softmax: 14,
  mean: 15,
  concat: 16,
  slice: 17,
  pad: 18,
  transpose: 19,
  copy: 20,
  resizeNearest: 21,
  resizeBilinear: 22,
} as const satisfies Record<PlanOp['kind'], number>

/** Bits 5 to 7 of a tensor's first byte. */
export const storageCodes = { direct: 1, streamed: 2, resident: 3 } as const satisfies Record<StorageMode, number>

/** In the kind of an operator: one more tensor follows its inputs, its scratch memory. */
export const hasScratch = 0x80

/** Of a coded constant's block, without its optional fields. */
export const codedHeaderBytes = 8

export const padModes = ['constant', 'reflect', 'edge'] as const

export const resizeFlags = { alignCorners: 1, halfPixelCenters: 2 } as const
