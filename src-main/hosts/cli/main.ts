// The command line: a client of the same contract as the interface, in memory.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { AppError, isAbort } from '../../base/errors.ts'
import type { ErrorInfo } from '../../contract/error.ts'
import { analysisCommands } from './commands/analysis.ts'
import { dataCommands } from './commands/data.ts'
import { demoCommand } from './commands/demo.ts'
import { deviceCommands } from './commands/devices.ts'
import { encodeCommands } from './commands/encode.ts'
import { exportCommand } from './commands/export.ts'
import { inspectCommands } from './commands/inspect.ts'
import { kernelCommands } from './commands/kernels.ts'
import { modelCommands } from './commands/models.ts'
import { packCommands } from './commands/packs.ts'
import { projectCommands } from './commands/projects.ts'
import { runCommands } from './commands/runs.ts'
import { serveCommand } from './commands/serve.ts'
import { terminalOutput } from './output.ts'
import { failureOf } from './session.ts'
import { version } from './version.ts'

export function createProgram(): Command {
  const program = new Command('shoehorn')
    .description('Fits a trained neural network into a device, and measures it there.')
    .version(version)
    .addOption(new Option('--workspace <dir>', 'folder of the workspace').env('SHOEHORN_WORKSPACE'))
    .option('--json', 'one JSON document on stdout, progress on stderr')
    .exitOverride()
    .showSuggestionAfterError()
  for (const add of [
    modelCommands,
    inspectCommands,
    runCommands,
    analysisCommands,
    packCommands,
    encodeCommands,
    exportCommand,
    deviceCommands,
    kernelCommands,
    projectCommands,
    dataCommands,
    serveCommand,
    demoCommand,
  ])
    add(program)
  for (const command of program.commands) globalOptionsAnywhere(command)
  return program
}

/** --json and --workspace may stand after the command's name too. */
function globalOptionsAnywhere(command: Command) {
  command.option('--json', 'one JSON document on stdout').option('--workspace <dir>', 'folder of the workspace')
  for (const inner of command.commands) globalOptionsAnywhere(inner)
}

async function main(args: readonly string[]): Promise<number> {
  const program = createProgram()
  const output = terminalOutput(args.includes('--json'))
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return commanderStatus(error)
    const info = failureOf(error)
    output.failed(info)
    if (info.code === 'bug' && process.env.SHOEHORN_DEBUG) console.error(error)
    return exitStatus(error, info)
  }
}

/** Commander has written its own message already. */
function commanderStatus(error: CommanderError): number {
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version' || error.code === 'commander.help')
    return 0
  return error instanceof InvalidArgumentError || error.exitCode !== 0 ? 2 : 0
}

function exitStatus(error: unknown, info: ErrorInfo): number {
  if (error instanceof AppError) return error.exitCode
  if (isAbort(error)) return 130
  return info.code === 'bug' ? 1 : AppError.exitCodeOf(info.code)
}

process.exitCode = await main(process.argv.slice(2))
