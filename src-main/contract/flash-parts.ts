// What flash is for, in the words that the interface and the documents share.
import { type Note, say } from '../base/note.ts'
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
  readonly title: Note
  readonly bytes: number
  readonly note?: Note
}

export interface FlashPart extends Part {
  readonly id: FlashPartId
}

const part = (id: FlashPartId, title: Note, bytes: number, note?: Note): FlashPart => ({
  id,
  title,
  bytes,
  ...(note !== undefined && { note }),
})

/** What flash is for. The code apart where the image is one of ours; older reports have no codec tables of their own. */
export function flashParts({ flash }: Pick<RunReport, 'flash'>): FlashPart[] {
  const { code, codecTablesBytes } = flash
  return [
    part('weights', say`Weights`, flash.weightsBytes),
    ...(codecTablesBytes === undefined ? [] : [part('codecTables', say`Codec tables`, codecTablesBytes)]),
    part('requantisation', say`Biases and requantisation`, flash.requantBytes),
    part('functionTables', say`Tables of functions`, flash.tablesBytes),
    part('plan', say`Plan`, flash.planBytes),
    part('description', say`Description`, flash.metaBytes),
    ...(code
      ? [
          part('kernels', say`Kernels`, code.kernelsBytes),
          part('decoders', say`Decoders`, code.decodersBytes),
          part('protocol', say`Protocol`, code.protocolBytes),
          part('board', say`Board`, code.boardBytes, say`start-up, drivers, compiler library`),
        ]
      : [part('code', say`Runtime and agent code`, flash.codeBytes)]),
  ]
}
