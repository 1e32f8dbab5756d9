// Zero padding moves into the Conv or pool that reads it, where that gives the same numbers.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumber, attrNumbers, attrString, type Node } from '../../ir/graph.ts'
import { GraphEdit } from '../edit.ts'
import { definePass } from '../pass.ts'
import { numbersOf, padsOf, sameQuantization, scalarOf, touchesQuantized } from './values.ts'

export const foldPad = definePass({
  name: 'fold-pad',
  title: 'Fold padding',
  description: 'Moves zero padding into the convolution or the pooling after it.',
  params: z.strictObject({}),
  needs: ['constants'],
  provides: [],
  async run(graph, _params, context) {
    const edit = new GraphEdit(graph)
    const folded = edit.nodes('Pad').reduce((sum, pad) => sum + foldIntoReaders(edit, pad), 0)
    if (folded === 0) return graph
    context.log(say`${folded} paddings moved into the layer after`)
    return edit.finish()
  },
})

function foldIntoReaders(edit: GraphEdit, pad: Node): number {
  const pads = spatialZeroPads(edit, pad)
  const [source, output] = [pad.inputs[0]!, pad.outputs[0]!]
  if (!pads || !sameQuantization(edit.value(source).quant, edit.value(output).quant)) return 0
  let folded = 0
  for (const reader of edit.readersOf(output)) {
    const merged = reader.inputs[0] === output ? withPads(edit, reader, pad, pads) : null
    if (!merged) continue
    edit.replace(reader, merged)
    folded++
  }
  if (edit.readersOf(output).length === 0 && !edit.isPinned(output)) edit.remove(pad)
  return folded
}

/** [begin..., end...] of the dimensions after the second; null when something else is padded, cut, or not by zero. */
function spatialZeroPads(edit: GraphEdit, pad: Node): readonly number[] | null {
  const all = numbersOf(edit, pad, 1, 'pads')
  const value = pad.inputs[2] ? scalarOf(edit, pad.inputs[2]) : attrNumber(pad, 'value', 0)
  if (!all || value !== 0 || pad.inputs[3] || attrString(pad, 'mode', 'constant') !== 'constant') return null
  const rank = all.length / 2
  const outside = [...all.slice(0, 2), ...all.slice(rank, rank + 2)]
  if (rank < 3 || outside.some((n) => n !== 0) || all.some((n) => n < 0)) return null
  return [...all.slice(2, rank), ...all.slice(rank + 2)]
}

function withPads(edit: GraphEdit, reader: Node, pad: Node, pads: readonly number[]): Node | null {
  const own = padsOf(reader, pads.length / 2)
  if (!own) return null
  const { auto_pad: _, ...attrs } = reader.attrs
  const sum = pads.map((n, i) => n + own[i]!)
  const inputs = [pad.inputs[0]!, ...reader.inputs.slice(1)]
  if (reader.op === 'Conv') return { ...reader, inputs, attrs: { ...attrs, pads: sum } }
  if (attrNumber(reader, 'ceil_mode', 0) !== 0 || touchesQuantized(edit, reader)) return null
  if (reader.op === 'AveragePool' && own.every((n) => n === 0 || attrNumber(reader, 'count_include_pad', 0) === 1))
    return { ...reader, inputs, attrs: { ...attrs, pads: sum, count_include_pad: 1 } }
  if (reader.op === 'MaxPool' && isNonNegative(edit, pad.inputs[0]!) && fitsWindow(reader, sum))
    return { ...reader, inputs, attrs: { ...attrs, pads: sum } }
  return null
}

/** A maximum over zeros and values >= 0 is the maximum over the values alone, if there is one in every window. */
const isNonNegative = (edit: GraphEdit, name: string) => {
  const maker = edit.producer(name)
  if (maker?.op === 'Clip') return (scalarOf(edit, maker.inputs[1]) ?? -1) >= 0
  return maker?.op === 'Relu' || maker?.op === 'Sigmoid' || maker?.op === 'Softmax'
}

function fitsWindow(pool: Node, pads: readonly number[]): boolean {
  const kernel = attrNumbers(pool, 'kernel_shape') ?? []
  return kernel.length * 2 === pads.length && pads.every((n, i) => n < kernel[i % kernel.length]!)
}
