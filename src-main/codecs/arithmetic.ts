import { nativeCodec } from './native.ts'

/** Adaptive binary arithmetic coding; the table holds the parameters that the encoder found best for the tensor. */
export const arithmetic = nativeCodec('arithmetic', () => true)
