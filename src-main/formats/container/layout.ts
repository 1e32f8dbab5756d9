// Header and end of a container. Numbers are little-endian. CONTAINER.md says every bit.
import type { ModelFormat } from './span.ts'

/** "SWTS": weights only. A pack begins with "SHOE". */
export const magic = 0x53545753
export const version = 1
export const headerBytes = 20
/** In the order of their numbers. */
export const formats: readonly ModelFormat[] = ['onnx', 'tflite', 'npz']
/** Length and CRC-32 in front of every chunk. */
export const chunkHeadBytes = 8
/** SHA-256 of the original, behind a chunk length of 0. */
export const hashBytes = 32
