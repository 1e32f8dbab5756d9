import { nativeCodec } from './native.ts'
import { distinctValues } from './range.ts'

/** One bit an element; the table holds the two values. */
export const binary = nativeCodec('binary', (tensor) => {
  const values = distinctValues(tensor).length
  return values <= 2 || `It has ${values} distinct values; only two can be stored.`
})
