// The desktop's part of the contract, over the port that the Electron host gives; empty elsewhere.
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { CommandId } from '../contract/commands.ts'
import type { DesktopEvent, MenuTitles } from '../contract/desktop.ts'

export interface DesktopPort {
  recentWorkspaces(): string[]
  events(signal: AbortSignal | undefined): AsyncIterable<DesktopEvent>
  setMenu(titles: MenuTitles): void
  setAvailable(commands: readonly CommandId[]): void
  /** @returns whether a workspace was opened */
  openWorkspace(path: string | null): Promise<boolean>
}

export function desktopService(port: DesktopPort | null) {
  const desktop = () => {
    if (!port) throw new AppError('usage.invalid', { problem: say`This is possible in the desktop application only.` })
    return port
  }
  return {
    info: () => ({ available: port !== null, recentWorkspaces: port?.recentWorkspaces() ?? [] }),
    async *watch(signal: AbortSignal | undefined): AsyncGenerator<DesktopEvent, void> {
      if (port) yield* port.events(signal)
    },
    setMenu: (titles: MenuTitles) => desktop().setMenu(titles),
    setAvailable: (commands: readonly CommandId[]) => desktop().setAvailable(commands),
    openWorkspace: async (path: string | null) => ({ opened: await desktop().openWorkspace(path) }),
  }
}
