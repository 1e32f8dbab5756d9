import { nativeCodec } from './native.ts'

/** A mask of what is not zero, and those values in as many bits as they need. */
export const bitmap = nativeCodec('bitmap', () => true)
