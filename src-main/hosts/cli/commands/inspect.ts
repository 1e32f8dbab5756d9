// graph, histogram and diff: what the Model screen shows of a file.
import type { Command } from 'commander'
import type { ModelDifference, ModelGraph } from '../../../contract/model-graph.ts'
import { formatBytes, formatPercent, table } from '../output.ts'
import { withSession } from '../session.ts'
import { histogramCommand } from './histogram.ts'

export function inspectCommands(program: Command) {
  program
    .command('graph <model>')
    .description('Nodes and edges of a model, with shapes, attributes and constants.')
    .action((path: string, _options: unknown, command: Command) =>
      withSession(command, async ({ app, output }) => {
        const graph = await app.services.models.graphOfFile(path)
        output.result(graph, () => graphText(graph))
      }),
    )
  program
    .command('diff <a> <b>')
    .description('What differs between two models: nodes, attributes, shapes, and weights element by element.')
    .action((a: string, b: string, _options: unknown, command: Command) =>
      withSession(command, async ({ app, output }) => {
        const difference = await app.services.models.differenceOfFiles(a, b)
        output.result(difference, () => differenceText(difference))
      }),
    )
  histogramCommand(program)
}

function graphText({ nodes, edges }: ModelGraph): string {
  const rows = nodes.map((node, index) => [
    node.name,
    node.kind === 'node' ? node.op : node.kind,
    node.outputs[0]?.shape?.join('x') ?? '',
    edges
      .filter(({ from }) => from === index)
      .map(({ to }) => nodes[to]!.name)
      .join(' '),
  ])
  return table(['node', 'operator', 'output', 'goes to'], rows)
}

function differenceText(difference: ModelDifference): string {
  const { a, b, added, removed, changed, sameNodes, tensors, unmatched } = difference
  const differing = tensors.filter((tensor) => tensor.changed > 0)
  const lines = [
    `${sameNodes} nodes are the same; ${removed.length} only in ${a}, ${added.length} only in ${b}, ${changed.length} changed`,
    ...removed.map(({ name, op }) => `- ${op} ${name}`),
    ...added.map(({ name, op }) => `+ ${op} ${name}`),
    ...changed.map(
      ({ name, op, changes }) =>
        `~ ${op} ${name}: ${changes.map((each) => `${each.what} ${each.a} -> ${each.b}`).join('; ')}`,
    ),
    ...unmatched.map((each) => `? ${each.name}: ${each.a ?? 'none'} against ${each.b ?? 'none'}`),
    `${tensors.length - differing.length} of ${tensors.length} tensors are equal`,
  ]
  if (differing.length === 0) return lines.join('\n')
  const rows = differing.map((tensor) => [
    shortened(tensor.name),
    tensor.shape.join('x'),
    formatBytes(tensor.elements),
    formatPercent(tensor.changed / tensor.elements),
    tensor.sqnrDb?.toFixed(1) ?? 'same',
    tensor.maxAbs.toPrecision(3),
  ])
  return [...lines, '', table(['tensor', 'shape', 'elements', 'changed', 'SQNR dB', 'max abs'], rows)].join('\n')
}

/** Names made by fusing say what they end in. */
const shortened = (name: string) => (name.length > 60 ? `…${name.slice(-59)}` : name)
