import { nativeCodec } from './native.ts'
import { within } from './range.ts'

/** Two bits an element. */
export const ternary = nativeCodec('ternary', (tensor) => within(tensor, -1, 1))
