import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { Node } from './graph.ts'
import { readsOf } from './reads.ts'

/** Where the search stands with one node: its reads, and how many of them were looked at. */
interface Visit {
  readonly node: Node
  readonly reads: readonly string[]
  next: number
}

/**
 * The nodes in an order in which each reads only `known` values and what earlier nodes made; nodes that are in such an
 * order already keep it. Depth-first with a stack of its own, so that a long chain cannot exhaust the call stack.
 */
export function sortNodes(nodes: readonly Node[], known: ReadonlySet<string>, name: Note = say`The model`): Node[] {
  const makers = makersOf(nodes)
  const done = new Set<Node>()
  const open = new Set<Node>()
  const sorted: Node[] = []
  for (const root of nodes) {
    if (done.has(root)) continue
    const stack = [visit(root)]
    open.add(root)
    while (stack.length > 0) {
      const top = stack.at(-1)!
      const read = top.reads[top.next++]
      if (read === undefined) {
        stack.pop()
        open.delete(top.node)
        done.add(top.node)
        sorted.push(top.node)
        continue
      }
      if (known.has(read)) continue
      const maker = makers.get(read)
      if (!maker) throw new AppError('model.missingValue', { node: top.node.name, op: top.node.op, value: read })
      if (done.has(maker)) continue
      if (open.has(maker)) throw new AppError('model.cyclic', { name, nodes: cycleNames(stack, maker) })
      open.add(maker)
      stack.push(visit(maker))
    }
  }
  return sorted
}

const visit = (node: Node): Visit => ({ node, reads: readsOf(node), next: 0 })

function makersOf(nodes: readonly Node[]): Map<string, Node> {
  const makers = new Map<string, Node>()
  for (const node of nodes)
    for (const output of node.outputs) {
      if (!output) continue
      const first = makers.get(output)
      if (first) throw new AppError('model.duplicateValue', { value: output, first: first.name, second: node.name })
      makers.set(output, node)
    }
  return makers
}

/** At most eight names: a message is for reading. */
function cycleNames(stack: readonly Visit[], from: Node): Note {
  const names = stack.slice(stack.findIndex((v) => v.node === from)).map((v) => v.node.name)
  return names.length <= 8 ? names.join(', ') : say`${names.slice(0, 8).join(', ')} and ${names.length - 8} more`
}
