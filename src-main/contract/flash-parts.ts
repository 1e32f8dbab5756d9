// What flash is for, in the words that the interface and the documents share.
import type { RunReport } from './report.ts'

export type FlashPartId =
  | 'weights'
  | 'codecTables'
  | 'requantisation'
  | 'functionTables'
  | 'plan'
  | 'description'
  | 'kernels'
  | 'decoders'
  | 'protocol'
  | 'board'
  | 'code'

export interface Part {
  readonly title: string
  readonly bytes: number
  readonly note?: string
}

export interface FlashPart extends Part {
  readonly id: FlashPartId
}

const part = (id: FlashPartId, title: string, bytes: number, note?: string): FlashPart => ({
  id,
  title,
  bytes,
  ...(note !== undefined && { note }),
})

/** What flash is for. The code apart where the image is one of ours; older reports have no codec tables of their own. */
export function flashParts({ flash }: Pick<RunReport, 'flash'>): FlashPart[] {
  const { code, codecTablesBytes } = flash
  return [
    part('weights', 'Weights', flash.weightsBytes),
    ...(codecTablesBytes === undefined ? [] : [part('codecTables', 'Codec tables', codecTablesBytes)]),
    part('requantisation', 'Biases and requantisation', flash.requantBytes),
    part('functionTables', 'Tables of functions', flash.tablesBytes),
    part('plan', 'Plan', flash.planBytes),
    part('description', 'Description', flash.metaBytes),
    ...(code
      ? [
          part('kernels', 'Kernels', code.kernelsBytes),
          part('decoders', 'Decoders', code.decodersBytes),
          part('protocol', 'Protocol', code.protocolBytes),
          part('board', 'Board', code.boardBytes, 'start-up, drivers, compiler library'),
        ]
      : [part('code', 'Runtime and agent code', flash.codeBytes)]),
  ]
}
