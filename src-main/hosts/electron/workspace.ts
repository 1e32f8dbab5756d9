import { defaultWorkspace } from '../cli/session.ts'

/** The same folder as the command line's, unless SHOEHORN_WORKSPACE names another. */
export function workspaceFolder(): string {
  return process.env.SHOEHORN_WORKSPACE ?? defaultWorkspace()
}
