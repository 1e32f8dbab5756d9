import { writeNpz } from '../../data/npz.ts'
import type { NamedOutputs } from './infer.ts'

export function outputsAsNpz(outputs: NamedOutputs): Uint8Array {
  const arrays = Object.entries(outputs).map(([name, { shape, data }]) => {
    const dtype = data instanceof Int8Array ? ('i8' as const) : ('f32' as const)
    return [name, { dtype, shape, data }] as const
  })
  return writeNpz(Object.fromEntries(arrays))
}
