// Runs the command line as a user would, in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

export interface CliResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export function startCli(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['bin/shoehorn.js', ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export async function runCli(...args: readonly string[]): Promise<CliResult> {
  const child = startCli(args)
  let [stdout, stderr] = ['', '']
  child.stdout!.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr!.on('data', (chunk) => {
    stderr += chunk
  })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { status, stdout, stderr }
}

/** The document that --json printed; fails with everything the command said when there is none. */
export async function runJson(...args: readonly string[]): Promise<unknown> {
  const { status, stdout, stderr } = await runCli(...args, '--json')
  if (status !== 0) throw new Error(`exit ${status}\n${stdout}\n${stderr}`)
  return JSON.parse(stdout)
}
