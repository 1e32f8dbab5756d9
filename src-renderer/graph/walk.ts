// Going through a graph without a mouse: along its edges, across a layer, and by what one looks for.
import type { ModelGraph } from '../../src-main/contract/model-graph.ts'
import type { Box, GraphLayout } from './geometry.ts'

export type Direction = 'up' | 'down' | 'left' | 'right'

const middle = (box: Box) => box.x + box.width / 2

/** Down and up follow edges, straight on first; left and right go to the neighbour beside. null: there is none. */
export function step(graph: ModelGraph, layout: GraphLayout, from: number, direction: Direction): number | null {
  const here = layout.boxes[from]
  if (!here) return null
  if (direction === 'down')
    return nearest(
      layout,
      here,
      graph.edges.filter((e) => e.from === from).map((e) => e.to),
    )
  if (direction === 'up')
    return nearest(
      layout,
      here,
      graph.edges.filter((e) => e.to === from).map((e) => e.from),
    )
  return beside(layout, from, direction === 'left' ? -1 : 1)
}

function nearest({ boxes }: GraphLayout, here: Box, among: readonly number[]): number | null {
  const away = (index: number) => Math.abs(middle(boxes[index]!) - middle(here))
  return among.length === 0 ? null : among.reduce((best, each) => (away(each) < away(best) ? each : best))
}

function beside({ boxes }: GraphLayout, from: number, sign: 1 | -1): number | null {
  const here = boxes[from]!
  let found: number | null = null
  for (const [index, box] of boxes.entries()) {
    const sameLayer = box.y < here.y + here.height && here.y < box.y + box.height
    const ahead = (middle(box) - middle(here)) * sign
    if (index === from || !sameLayer || ahead <= 0) continue
    if (found === null || ahead < (middle(boxes[found]!) - middle(here)) * sign) found = index
  }
  return found
}

/** Nodes whose name, operator or tensors have the text in them, in the order of the network. */
export function search(graph: ModelGraph, text: string): number[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  return graph.nodes.flatMap((node, index) => {
    const names = [node.name, node.op, ...[...node.outputs, ...node.constants].map(({ name }) => name)]
    return names.some((name) => name.toLowerCase().includes(wanted)) ? [index] : []
  })
}
