// export: a pack as a C library for an application's own build, or a model's compressed graph as ONNX.
import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { type LibraryFormat, libraryFormat } from '../../../contract/export.ts'
import type { LibraryExported } from '../../../services/export.ts'
import { isPack } from '../../../services/packs.ts'
import { type CompressOptions, recipeText, withDataOptions, withRecipeOption } from '../options.ts'
import { formatBytes } from '../output.ts'
import { type CliSession, withSession } from '../session.ts'

interface ExportOptions extends CompressOptions {
  readonly as: LibraryFormat | 'onnx'
  readonly out: string
  readonly name?: string
}

export function exportCommand(program: Command) {
  const command = program
    .command('export <pack-or-model>')
    .description('A pack as a C library with only the runtime it needs, or a compressed model as ONNX.')
    .addOption(
      new Option('--as <format>', 'onnx needs the model, the others a pack').choices([
        ...libraryFormat.options,
        'onnx',
      ]),
    )
    .requiredOption('--out <path>', 'an empty or new folder, a .zip, or for onnx a file')
    .option('--name <name>', "prefix of the library's functions; left out, the model's name")
  withRecipeOption(withDataOptions(command)).action(exportAction)
}

function exportAction(path: string, options: ExportOptions, command: Command) {
  return withSession(command, async (session) => {
    if (!(await stat(path).catch(() => null))?.isFile()) throw new AppError('usage.missingFile', { path })
    if (options.as === undefined) throw new AppError('usage.invalid', { problem: 'export needs --as.' })
    if (options.as === 'onnx') return exportGraph(path, options, session)
    if (!(await isPack(path))) {
      const problem = `${path} is no pack; "shoehorn compress" makes one.`
      throw new AppError('usage.invalid', { problem })
    }
    const { as, out, name } = options
    const request = { path, as, out, ...(name === undefined ? {} : { name }) }
    const done = await session.app.services.export.toFile(request, session.signal)
    session.output.result(done, () => libraryText(done))
  })
}

function libraryText({ name, path, files, operators, codecs, arenaBytes, sizes }: LibraryExported): string {
  const coded = codecs.length === 0 ? 'plain int8 weights' : `weights in ${codecs.join(', ')}`
  const lines = [
    `Wrote ${path}: library ${name}, ${files.length} files.`,
    `Operators: ${operators.join(', ')}; ${coded}; arena ${formatBytes(arenaBytes)} bytes.`,
  ]
  if (sizes === null) lines.push('Flash: not measured, arm-none-eabi-gcc is not installed.')
  for (const { core, codeBytes, packBytes, flashBytes } of sizes ?? [])
    lines.push(
      `Flash on ${core}, measured: ${formatBytes(flashBytes)} bytes = code ${formatBytes(codeBytes)} + pack ${formatBytes(packBytes)}`,
    )
  return lines.join('\n')
}

async function exportGraph(path: string, options: ExportOptions, { app, output, signal }: CliSession) {
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
