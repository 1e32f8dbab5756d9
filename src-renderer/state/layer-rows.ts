// The rows of the layer table in the order that is asked for, and which of them are on the screen.
import type { Activation } from '../../src-main/contract/activations.ts'
import type { Analysis } from '../../src-main/contract/model.ts'

export type Layer = Analysis['layers'][number]

export interface LayerRow extends Layer {
  /** In the network. */
  readonly index: number
  readonly cycles: number | null
  /** Of the cycles of all operators, 0 to 1. */
  readonly share: number | null
  /** Smallest and largest value of its output over samples. */
  readonly values: readonly [number, number] | null
  readonly sensitivityDb: number | null
}

export const layerColumns = [
  'index',
  'node',
  'op',
  'outputShape',
  'parameters',
  'weightBytes',
  'macs',
  'cycles',
  'share',
  'range',
  'values',
  'sensitivityDb',
] as const
export type LayerColumn = (typeof layerColumns)[number]

export interface LayerOrder {
  readonly by: LayerColumn
  readonly descending: boolean
}

/** What is known of layers besides the model itself, each by node. */
export interface LayerFigures {
  readonly cycles: ReadonlyMap<string, number> | null
  /** SQNR of the output when this layer alone is quantised, dB. */
  readonly sensitivity: ReadonlyMap<string, number> | null
  readonly activations: ReadonlyMap<string, Pick<Activation, 'before'>>
}

export function layerRows(layers: readonly Layer[], { cycles, sensitivity, activations }: LayerFigures): LayerRow[] {
  const total = [...(cycles?.values() ?? [])].reduce((sum, each) => sum + each, 0)
  return layers.map((layer, index) => {
    const own = cycles?.get(layer.node) ?? null
    const seen = activations.get(layer.node)?.before
    return {
      ...layer,
      index,
      cycles: own,
      share: own === null || total === 0 ? null : own / total,
      values: seen ? [seen.min, seen.max] : null,
      sensitivityDb: sensitivity?.get(layer.node) ?? null,
    }
  })
}

/** What is not known comes last in both directions. */
export function sortedRows(rows: readonly LayerRow[], { by, descending }: LayerOrder): LayerRow[] {
  return rows.toSorted((a, b) => {
    const [left, right] = [keyOf(a, by), keyOf(b, by)]
    if (left === null || right === null) return left === right ? a.index - b.index : left === null ? 1 : -1
    const order =
      typeof left === 'string' || typeof right === 'string' ? String(left).localeCompare(String(right)) : left - right
    return (descending ? -order : order) || a.index - b.index
  })
}

function keyOf(row: LayerRow, by: LayerColumn): number | string | null {
  if (by === 'range' || by === 'values') {
    const range = row[by]
    return range && Math.max(Math.abs(range[0]), Math.abs(range[1]))
  }
  if (by === 'outputShape') {
    if (!row.outputShape) return null
    return row.outputShape.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1)
  }
  return row[by]
}

/** A first click on a number shows the largest, on a name the first of the alphabet. */
export function nextOrder(order: LayerOrder, by: LayerColumn): LayerOrder {
  if (order.by === by) return { by, descending: !order.descending }
  return { by, descending: by !== 'index' && by !== 'node' && by !== 'op' }
}

export interface Window {
  readonly first: number
  readonly count: number
}

/** Rows to have on the page, some more than can be seen. */
export function visibleRows(total: number, rowHeight: number, scrollTop: number, height: number): Window {
  const extra = 8
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - extra)
  return { first, count: Math.max(0, Math.min(total - first, Math.ceil(height / rowHeight) + 2 * extra)) }
}
