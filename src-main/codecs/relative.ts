import { nativeCodec } from './native.ts'

/** The distance to each nonzero value, and the value. */
export const relative = nativeCodec('relative', () => true)
