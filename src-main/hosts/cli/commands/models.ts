import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { textOf } from '../../../base/note.ts'
import type { CostBasis } from '../../../contract/analysis.ts'
import { modelId } from '../../../contract/ids.ts'
import type { Analysis, WeightFacts } from '../../../contract/model.ts'
import { formatBytes, formatPercent, table } from '../output.ts'
import { withSession } from '../session.ts'
import { findSensitivity, type SensitivityOptions, sensitivityText, withSensitivityOptions } from './analysis.ts'

export function modelCommands(program: Command) {
  const analyze = program
    .command('analyze <model>')
    .description(
      'Layers, parameters, MACs, ranges, what each codec makes of the weights, and on which devices it would fit.',
    )
    .option('--dump <dir>', 'writes the weights as integers to DIR, an npz with one int8 array a tensor')
  withSensitivityOptions(analyze).action(analyzeAction)
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

type AnalyzeOptions = SensitivityOptions & { readonly dump?: string; readonly sensitivity?: boolean }

function analyzeAction(path: string, options: AnalyzeOptions, command: Command) {
  return withSession(command, async (session) => {
    const { app, output } = session
    if (options.sensitivity) {
      const found = await findSensitivity(session, path, options)
      return output.result(found, () => sensitivityText(found, options.measure))
    }
    const analysis = await app.services.models.analyzeFile(path)
    if (options.dump === undefined) return output.result(analysis, () => analysisText(analysis))
    const dumped = await dump(await app.services.models.dumpFile(path), options.dump)
    output.result({ ...analysis, dump: dumped }, () => `${analysisText(analysis)}\n\n${dumpText(dumped)}`)
  })
}

async function dump({ name, npz, tensors }: { name: string; npz: Uint8Array; tensors: number }, folder: string) {
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  await writeFile(path, npz)
  return { path, bytes: npz.length, tensors }
}

const dumpText = ({ path, tensors }: { path: string; tensors: number }) => `Wrote ${tensors} tensors of int8 to ${path}`

/** What each codec makes of the weights; the sum takes each tensor's best. */
function weightTable(weights: readonly WeightFacts[]): string {
  const names = weights[0]?.codecs.map(({ codec }) => codec) ?? []
  const total = (of: (row: WeightFacts) => number) => formatBytes(weights.reduce((sum, row) => sum + of(row), 0))
  const bytes = (row: WeightFacts, codec: string) => row.codecs.find((each) => each.codec === codec)?.bytes ?? null
  return table(
    ['weights', 'elements', 'entropy', 'zeros', 'distinct', 'best', 'bytes', ...names],
    [
      ...weights.map((row) => [
        row.node,
        formatBytes(row.elements),
        row.entropyBits.toFixed(3),
        formatPercent(row.sparsity),
        row.distinct,
        row.best,
        optional(bytes(row, row.best)),
        ...names.map((codec) => optional(bytes(row, codec))),
      ]),
      ['together', total((row) => row.elements), '', '', '', '', total((row) => bytes(row, row.best) ?? 0)],
    ],
  )
}

function analysisText(analysis: Analysis): string {
  const { model, layers, devices, warnings, weights } = analysis
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
      textOf(l.refusal ?? 'yes'),
    ]),
  )
  const deviceTable = table(
    ['device', 'flash', 'pack', 'code', 'RAM', 'arena, inputs', 'stack, static', 'latency ms', '', 'fits (int8)'],
    devices.map((d) => [
      d.name,
      optional(d.flashBytes),
      optional(d.flash?.packBytes ?? null),
      d.flash ? withKind(d.flash.codeBytes, d.flash.codeKind) : null,
      optional(d.ramBytes),
      optional(d.ram ? d.ram.arenaBytes + d.ram.inputBytes : null),
      d.ram ? withKind(d.ram.stackBytes + d.ram.staticBytes, d.ram.agentKind) : null,
      d.latencyMs === null ? null : d.latencyMs.toPrecision(3),
      d.latencyMs === null
        ? ''
        : `${d.latencyKind}${d.latencyKind === 'estimated' && d.cost ? `, ${errorText(d.cost)}` : ''}`,
      d.fits === null ? 'unknown' : d.fits ? 'yes' : textOf(d.problem ?? 'no'),
    ]),
  )
  const latencyNote =
    'Pack, arena and inputs: of a pack made with int8-minmax. Estimated latency: cost model; error on models that it has not seen, median and worst.'
  const coded = weights.length === 0 ? [] : ['', weightTable(weights)]
  return [head, ...warnings.map(textOf), '', layerTable, ...coded, '', deviceTable, latencyNote].join('\n')
}

const withKind = (bytes: number, kind: string) => `${formatBytes(bytes)} ${kind}`

/** Short: what an estimate may be off. */
const errorText = ({ isExact, medianPercent, worstPercent }: CostBasis) =>
  isExact ? `±${medianPercent.toFixed(1)} %, worst ${worstPercent.toFixed(1)} %` : 'error not known'

const optional = (bytes: number | null) => (bytes === null ? null : formatBytes(bytes))
