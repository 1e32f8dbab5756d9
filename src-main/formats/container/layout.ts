// Header and end of a container. Numbers are little-endian. CONTAINER.md says every bit.
import type { ModelFormat } from './span.ts'

/** "SWTS": weights only. A pack begins with "SHOE". */
export const magic = 0x53545753
/** One file, or a model with files beside it. */
export const versions = { single: 1, beside: 2 } as const
export const headerBytes = 20
/** In the order of their numbers. */
export const formats: readonly ModelFormat[] = ['onnx', 'tflite', 'npz']
/** Length and CRC-32 in front of every chunk, and of the table of files. */
export const chunkHeadBytes = 8
/** SHA-256 of each original, behind a chunk length of 0. */
export const hashBytes = 32
/** Of the table of files. */
export const maxTableBytes = 1 << 20
export const maxBesideFiles = 4096
