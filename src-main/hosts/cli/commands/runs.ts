// run and compare: the one-click loop and what it left.
import type { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { runId } from '../../../contract/ids.ts'
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
    .action((ids: string[], _options: unknown, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const runs = await api.runs.compare({ ids: ids.map((id) => runId.parse(id)) })
        output.result(runs, () => comparisonText(runs))
      }),
    )
  reportCommand(program)
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
