// Known answers: the integers that another runtime gave for the same samples.
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { ExpectedOutputs } from '../../contract/pack.ts'

export interface ExpectedFile {
  readonly name: string
  /** int8, one row a sample, in the order of the data set; the model's first output. */
  readonly bytes: Uint8Array
}

/** @param bytes int8, one row a sample, in the order of the data set; the model's first output */
export function compareWithExpected(
  outputs: readonly (readonly Int8Array[])[],
  path: string,
  bytes: Uint8Array,
): ExpectedOutputs {
  const width = outputs[0]?.[0]?.length ?? 0
  if (bytes.length < outputs.length * width) {
    const problem = say`it has ${bytes.length} bytes, ${outputs.length} samples of ${width} need ${outputs.length * width}`
    throw new AppError('data.malformed', { path, problem })
  }
  const expected = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isEqual = (i: number) => outputs[i]![0]!.every((value, k) => value === expected[i * width + k])
  const different = outputs.flatMap((_, i) => (isEqual(i) ? [] : [i]))
  return { samples: outputs.length, equal: outputs.length - different.length, firstDifferent: different[0] ?? null }
}
