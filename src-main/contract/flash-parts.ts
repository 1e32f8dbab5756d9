// What flash is for, in the words that the interface and the documents share.
import type { RunReport } from './report.ts'

export interface Part {
  readonly title: string
  readonly bytes: number
  readonly note?: string
}

/** What flash is for. The code apart where the image is one of ours; older reports have no codec tables of their own. */
export function flashParts({ flash }: Pick<RunReport, 'flash'>): Part[] {
  const { code, codecTablesBytes } = flash
  return [
    { title: 'Weights', bytes: flash.weightsBytes },
    ...(codecTablesBytes === undefined ? [] : [{ title: 'Codec tables', bytes: codecTablesBytes }]),
    { title: 'Biases and requantisation', bytes: flash.requantBytes },
    { title: 'Tables of functions', bytes: flash.tablesBytes },
    { title: 'Plan', bytes: flash.planBytes },
    { title: 'Description', bytes: flash.metaBytes },
    ...(code
      ? [
          { title: 'Kernels', bytes: code.kernelsBytes },
          { title: 'Decoders', bytes: code.decodersBytes },
          { title: 'Protocol', bytes: code.protocolBytes },
          { title: 'Board', bytes: code.boardBytes, note: 'start-up, drivers, compiler library' },
        ]
      : [{ title: 'Runtime and agent code', bytes: flash.codeBytes }]),
  ]
}
