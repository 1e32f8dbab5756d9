// export: a model's compressed graph as ONNX.
import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { isPack } from '../../../services/packs.ts'
import { type CompressOptions, recipeText, withDataOptions, withRecipeOption } from '../options.ts'
import { formatBytes } from '../output.ts'
import { type CliSession, withSession } from '../session.ts'

interface ExportOptions extends CompressOptions {
  readonly as: 'onnx'
  readonly out: string
}

export function exportCommand(program: Command) {
  const command = program
    .command('export <model>')
    .description('A compressed model as ONNX, for other tools.')
    .addOption(new Option('--as <format>', 'what is written').choices(['onnx']).default('onnx'))
    .requiredOption('--out <path>', 'the file')
  withRecipeOption(withDataOptions(command)).action((path: string, options: ExportOptions, command: Command) =>
    withSession(command, (session) => exportGraph(path, options, session)),
  )
}

async function exportGraph(path: string, options: ExportOptions, { app, output, signal }: CliSession) {
  if (!(await stat(path).catch(() => null))?.isFile()) throw new AppError('usage.missingFile', { path })
  if (await isPack(path))
    throw new AppError('usage.invalid', { problem: 'A pack has no graph; --as onnx takes the model and the recipe.' })
  const recipe = options.recipe === undefined ? {} : { recipe: await recipeText(options.recipe) }
  const events = {
    signal,
    progress: (stage: string, fraction: number, note: string) =>
      output.progress(`${stage.padEnd(9)} ${String(Math.round(fraction * 100)).padStart(3)} %  ${note}`),
    log: (line: string) => output.note(line),
  }
  const done = await app.services.export.onnx({ ...options, ...recipe, path }, events)
  const beside = done.data ? ` and ${done.data.path}: ${formatBytes(done.data.bytes)} bytes` : ''
  output.result(
    done,
    () =>
      `Wrote ${done.path}: ${formatBytes(done.bytes)} bytes${beside}, ${done.nodes} operators, ${done.quantizedValues} quantised values.`,
  )
}
