// What every command works with: the app on a workspace, the in-memory client, the output, and Ctrl-C.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import { createRouterClient } from '@orpc/server'
import type { Command } from 'commander'
import { type App, createApp } from '../../app.ts'
import { AppError, isAbort } from '../../base/errors.ts'
import type { Api } from '../../contract/contract.ts'
import { type ErrorInfo, errorInfo, toErrorInfo } from '../../contract/error.ts'
import { type Output, terminalOutput } from './output.ts'
import { version } from './version.ts'

export interface CliSession {
  readonly app: App
  readonly api: Api
  readonly output: Output
  readonly signal: AbortSignal
}

export const workerUrl = new URL('../worker/main.ts', import.meta.url)

/** Runs a command on the workspace; closes everything whatever happens. */
export async function withSession(command: Command, action: (session: CliSession) => Promise<void>) {
  const { workspace, json } = command.optsWithGlobals<{ workspace?: string; json?: boolean }>()
  await using app = await openApp(workspace ?? defaultWorkspace(), 'cli')
  const controller = new AbortController()
  const interrupt = () => controller.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    await action({
      app,
      api: createRouterClient(app.router),
      output: terminalOutput(json === true),
      signal: controller.signal,
    })
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

export function openApp(workspace: string, host: 'cli' | 'web'): Promise<App> {
  return createApp({ workspace, host, workerUrl, version })
}

export function defaultWorkspace(): string {
  if (process.platform === 'win32') return join(process.env.APPDATA ?? homedir(), 'Shoehorn')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Shoehorn')
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'shoehorn')
}

/** A failure as the user is told it, whether it came through the contract or not. */
export function failureOf(error: unknown): ErrorInfo {
  if (error instanceof ORPCError) {
    const info = errorInfo.safeParse(error.data)
    if (info.success) return info.data
    if (error.code === 'BAD_REQUEST')
      return {
        code: 'usage.invalid',
        message: badRequest(error),
        next: 'Run the command with --help to see what it takes.',
        data: {},
      }
  }
  return isAbort(error) ? toErrorInfo(new AppError('job.cancelled')) : toErrorInfo(error)
}

function badRequest(error: ORPCError<string, unknown>): string {
  const { data } = error
  if (typeof data === 'object' && data && 'issues' in data && Array.isArray(data.issues))
    return data.issues
      .map((issue: { message?: unknown; path?: unknown }) => `${String(issue.path ?? '')}: ${String(issue.message)}`)
      .join('; ')
  return error.message
}
