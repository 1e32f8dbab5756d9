import { nativeCodec } from './native.ts'

/** Indices of equal width into the values that occur. */
export const codebook = nativeCodec('codebook', () => true)
