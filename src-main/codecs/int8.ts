import { nativeCodec } from './native.ts'

/** One byte an element. */
export const int8 = nativeCodec('int8', () => true)
