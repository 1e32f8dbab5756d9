import { nativeCodec } from './native.ts'
import { within } from './range.ts'

/** Two's complement nibbles. */
export const int4 = nativeCodec('int4', (tensor) => within(tensor, -8, 7))
