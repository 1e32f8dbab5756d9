// run and compare: the one-click loop and what it left.
import type { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { runId } from '../../../contract/ids.ts'
import type { Disagreements } from '../../../contract/run.ts'
import { resolveDevice } from '../../../services/devices.ts'
import { startAndFollow } from '../follow.ts'
import {
  type CompressOptions,
  recipeText,
  wholeNumber,
  withDataOptions,
  withEncodingOption,
  withRecipeOption,
} from '../options.ts'
import { formatPercent, table } from '../output.ts'
import { comparisonText, runText } from '../run-text.ts'
import { withSession } from '../session.ts'
import { findProject } from './projects.ts'
import { reportCommand } from './report.ts'

interface RunOptions extends CompressOptions {
  readonly device?: string
  readonly project?: string
  readonly deviceSamples?: number
  readonly warmup: number
  readonly runs: number
}

export function runCommands(program: Command) {
  const run = program
    .command('run <model>')
    .description('One click: compress to the budgets, deploy, measure on the device, store, report.')
    .option('--device <device>', 'see "shoehorn devices"; left out, the project\'s device, else pico')
    .option('--project <name-or-id>', 'the project that the run belongs to')
    .option(
      '--device-samples <n>',
      'samples that run on the device; left out, as many as two minutes allow',
      wholeNumber(1),
    )
    .option('--warmup <n>', 'inferences before the timed ones', wholeNumber(0), 1)
    .option('--runs <n>', 'timed inferences', wholeNumber(1), 10)
  withEncodingOption(withRecipeOption(withDataOptions(run))).action(runAction)
  program
    .command('compare <runs...>')
    .description('Two to five runs side by side.')
    .option('--samples <n>', 'and the first samples that they give different answers for', wholeNumber(1))
    .action(compareAction)
  program
    .command('annotate <run>')
    .description('Writes tags and a note beside a run; what is left out stays.')
    .option('--tags <names>', 'with commas between; they replace those it has')
    .option('--note <text>')
    .action((id: string, options: { tags?: string; note?: string }, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const tags = options.tags
          ?.split(',')
          .map((tag) => tag.trim())
          .filter(Boolean)
        const run = await api.runs.annotate({ id: runId.parse(id), tags, note: options.note })
        output.result(
          run,
          () => `${run.modelName}, ${run.recipeName}: ${run.tags.join(', ') || 'no tags'}\n${run.note}`,
        )
      }),
    )
  reportCommand(program)
}

function compareAction(given: string[], options: { samples?: number }, command: Command) {
  return withSession(command, async ({ api, output }) => {
    const ids = given.map((id) => runId.parse(id))
    const runs = await api.runs.compare({ ids })
    if (options.samples === undefined) return output.result(runs, () => comparisonText(runs))
    const count = Math.min(options.samples, mostSamples)
    const disagreements = await api.runs.disagreements({ ids, first: 0, count })
    output.result({ runs, disagreements }, () => `${comparisonText(runs)}\n\n${disagreementText(disagreements)}`)
  })
}

/** What one answer of the contract holds at the most. */
const mostSamples = 64

function disagreementText({ obstacle, total, compared, right, samples }: Disagreements): string {
  if (obstacle) return `Single samples cannot be compared: ${obstacleTexts[obstacle]}.`
  const rows = samples.map(({ index, truth, original, answers }) => [index, truth, original, ...answers])
  const head = ['sample', 'truth', 'original', ...(samples[0]?.answers ?? []).map((_, i) => `run ${i + 1}`)]
  const shares =
    right && compared > 0 ? ` Right there: ${right.map((count) => formatPercent(count / compared)).join(', ')}.` : ''
  const summary = `Different answers for ${total} of ${compared} samples.${shares}`
  return rows.length === 0 ? summary : `${summary}\n${table(head, rows)}`
}

const obstacleTexts: Record<NonNullable<Disagreements['obstacle']>, string> = {
  data: 'the runs were measured on different data',
  predictions: 'a run of an older version keeps no answers',
  classes: 'the outputs are no classes',
}

function runAction(model: string, options: RunOptions, command: Command) {
  return withSession(command, async (session) => {
    const { api, output } = session
    const project = options.project === undefined ? null : await findProject(api, options.project)
    const { data } = options
    if (data === undefined) throw new AppError('usage.invalid', { problem: 'run needs --data: what is measured on.' })
    const added = await api.models.add({ source: { kind: 'path', path: model }, project: project?.id })
    const dataSet = await api.data.add({
      source: { kind: 'path', path: data },
      preprocess: options.preprocess,
      project: project?.id,
    })
    const calibration =
      options.calibration === undefined
        ? undefined
        : (await api.data.add({ source: { kind: 'path', path: options.calibration }, preprocess: options.preprocess }))
            .id
    const report = await startAndFollow(session, {
      project: project?.id ?? null,
      model: added.id,
      data: dataSet.id,
      calibration,
      limit: options.limit,
      calibrationLimit: options.calibrationLimit,
      device: resolveDevice(options.device ?? project?.device ?? 'pico'),
      recipe: await recipeText(options.recipe ?? project?.recipe ?? 'int8'),
      encoding: options.encoding,
      seed: options.seed,
      deviceSamples: options.deviceSamples,
      warmup: options.warmup,
      runs: options.runs,
    })
    output.result(report, () => runText(report))
  })
}
