import { nativeCodec } from './native.ts'

/** Canonical Huffman codes of at most 12 bits. */
export const huffman = nativeCodec('huffman', () => true)
