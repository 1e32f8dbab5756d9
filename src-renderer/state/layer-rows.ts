// The rows of the layer table in the order that is asked for, and which of them are on the screen.
import type { Analysis } from '../../src-main/contract/model.ts'

export type Layer = Analysis['layers'][number]

export interface LayerRow extends Layer {
  /** In the network. */
  readonly index: number
  readonly cycles: number | null
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
  'range',
  'sensitivityDb',
] as const
export type LayerColumn = (typeof layerColumns)[number]

export interface LayerOrder {
  readonly by: LayerColumn
  readonly descending: boolean
}

export function layerRows(
  layers: readonly Layer[],
  cycles: ReadonlyMap<string, number> | null,
  sensitivity: ReadonlyMap<string, number> | null,
): LayerRow[] {
  return layers.map((layer, index) => ({
    ...layer,
    index,
    cycles: cycles?.get(layer.node) ?? null,
    sensitivityDb: sensitivity?.get(layer.node) ?? null,
  }))
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
  if (by === 'range') return row.range && Math.max(Math.abs(row.range[0]), Math.abs(row.range[1]))
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
