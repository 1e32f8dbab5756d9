// What the desktop application remembers between starts, beside its workspaces: recent workspaces, place and size of the window.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const bounds = z.object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) })

const desktopState = z.object({
  recentWorkspaces: z.array(z.string().min(1)).catch([]),
  window: z.object({ bounds, maximized: z.boolean() }).nullable().catch(null),
})

export type Bounds = z.infer<typeof bounds>
export type DesktopState = z.infer<typeof desktopState>

const empty: DesktopState = { recentWorkspaces: [], window: null }
const mostRecent = 10

/** A file that is missing or damaged is as good as none: nothing in it is worth refusing to start. */
export function readDesktopState(path: string): DesktopState {
  try {
    return desktopState.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return empty
  }
}

export function writeDesktopState(path: string, state: DesktopState) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}

export function withWorkspace(state: DesktopState, workspace: string): DesktopState {
  const others = state.recentWorkspaces.filter((each) => each !== workspace)
  return { ...state, recentWorkspaces: [workspace, ...others].slice(0, mostRecent) }
}

/** The bounds when enough of the window would be on one of the screens to get hold of it; else null. */
export function visibleBounds(wanted: Bounds | undefined, screens: readonly Bounds[]): Bounds | null {
  const grip = 64
  const shows = (screen: Bounds) =>
    wanted !== undefined &&
    wanted.x + wanted.width >= screen.x + grip &&
    wanted.x <= screen.x + screen.width - grip &&
    wanted.y >= screen.y &&
    wanted.y <= screen.y + screen.height - grip
  return wanted && screens.some(shows) ? wanted : null
}
