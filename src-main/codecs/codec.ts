// What a codec is: one lossless way to store a tensor of small integers. CODECS.md in resources/runtime says every bit.

/** In the order of the ids (resources/runtime/src/codec.h). */
export const codecNames = [
  'int8',
  'int4',
  'ternary',
  'binary',
  'bitmap',
  'relative',
  'codebook',
  'huffman',
  'rans',
  'arithmetic',
] as const
export type CodecName = (typeof codecNames)[number]

/** A weight tensor [rows, ...] held as int8, row-major. */
export interface IntTensor {
  readonly data: Int8Array
  /** Output channels. */
  readonly rows: number
  /** Elements of one output channel. */
  readonly rowElements: number
  /** Innermost dimension (input channels in OHWI; rowElements for dense layers); divides rowElements. */
  readonly inner: number
}

export interface Coded {
  readonly codec: CodecName
  readonly payload: Uint8Array
  /** What the decoder is told besides; may be the same for several tensors. Empty for codecs that have none. */
  readonly table: Uint8Array
  readonly rows: number
  readonly rowElements: number
  readonly inner: number
}

export interface Codec {
  readonly name: CodecName
  /** As in codec.h. */
  readonly id: number
  /** true, or why the tensor cannot be stored so, as a sentence. */
  accepts(tensor: IntTensor): true | string
  /** The same bytes for the same tensor, always. */
  encode(tensor: IntTensor): Coded
  /** @throws AppError pack.coded when payload or table are damaged, as far as that can be seen */
  decode(coded: Coded): Int8Array
  /** RAM that the decoder needs on a 32-bit device, bytes. */
  stateBytes(coded: Coded): number
}
