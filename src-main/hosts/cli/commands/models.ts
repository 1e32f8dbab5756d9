import type { Command } from 'commander'
import { modelId } from '../../../contract/ids.ts'
import type { Analysis } from '../../../contract/model.ts'
import { formatBytes, table } from '../output.ts'
import { withSession } from '../session.ts'

export function modelCommands(program: Command) {
  program
    .command('analyze <model>')
    .description('Layers, parameters, MACs, ranges, and on which devices it would fit.')
    .action((path: string, _options: unknown, command: Command) =>
      withSession(command, async ({ app, output }) => {
        const analysis = await app.services.models.analyzeFile(path)
        output.result(analysis, () => analysisText(analysis))
      }),
    )
  const models = program.command('models').description('The models of the workspace.')
  models.action((_options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const list = await api.models.list()
      output.result(list, () =>
        list.length === 0
          ? 'No models yet. Add one with "shoehorn models add FILE".'
          : table(
              ['model', 'format', 'bytes', 'parameters', 'MACs', 'id'],
              list.map((m) => [
                m.name,
                m.format,
                formatBytes(m.bytes),
                formatBytes(m.parameters),
                formatBytes(m.macs),
                m.id,
              ]),
            ),
      )
    }),
  )
  models.command('add <file>').action((path: string, _options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const model = await api.models.add({ source: { kind: 'path', path } })
      output.result(
        model,
        () => `Added ${model.name}: ${formatBytes(model.parameters)} parameters, ${formatBytes(model.macs)} MACs`,
      )
    }),
  )
  models.command('remove <id>').action((id: string, _options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      await api.models.remove({ id: modelId.parse(id) })
      output.result({ removed: id }, () => `Removed ${id}.`)
    }),
  )
}

function analysisText(analysis: Analysis): string {
  const { model, layers, devices, warnings } = analysis
  const head = `${model.name}: ${model.format}, ${formatBytes(model.bytes)} bytes, ${formatBytes(model.parameters)} parameters, ${formatBytes(model.macs)} MACs`
  const layerTable = table(
    ['layer', 'operator', 'output', 'parameters', 'bytes', 'MACs', 'range', 'on a microcontroller'],
    layers.map((l) => [
      l.node,
      l.op,
      l.outputShape?.join('x') ?? '?',
      formatBytes(l.parameters),
      formatBytes(l.weightBytes),
      formatBytes(l.macs),
      l.range ? `${l.range[0].toPrecision(3)} to ${l.range[1].toPrecision(3)}` : '',
      l.refusal ?? 'yes',
    ]),
  )
  const deviceTable = table(
    ['device', 'flash', 'RAM', 'latency ms', 'fits (estimated, int8)'],
    devices.map((d) => [
      d.name,
      optional(d.flashBytes),
      optional(d.ramBytes),
      d.latencyMs === null ? null : d.latencyMs.toPrecision(3),
      d.fits === null ? 'unknown' : d.fits ? 'yes' : (d.problem ?? 'no'),
    ]),
  )
  return [head, ...warnings, '', layerTable, '', deviceTable].join('\n')
}

const optional = (bytes: number | null) => (bytes === null ? null : formatBytes(bytes))
