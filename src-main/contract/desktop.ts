// What only the desktop application has: native menus, files opened from outside, several workspaces.
import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { commandIds } from './commands.ts'
import { appErrors } from './error.ts'

/** What the desktop asks of the page. */
export const desktopEvent = z.discriminatedUnion('kind', [
  /** A menu item was chosen. */
  z.object({ kind: z.literal('command'), command: z.enum(commandIds) }),
  /** Files were opened from the system: associations, the command line, a second start. */
  z.object({ kind: z.literal('open'), paths: z.array(z.string().min(1)).min(1).max(1000) }),
])
export type DesktopEvent = z.infer<typeof desktopEvent>

const line = z.string().max(400)

export const menuTitles = z.object({
  menus: z.object({
    file: z.string().max(80),
    edit: z.string().max(80),
    go: z.string().max(80),
    run: z.string().max(80),
    view: z.string().max(80),
    help: z.string().max(80),
  }),
  commands: z.partialRecord(z.enum(commandIds), z.string().max(80)),
  openWorkspace: z.string().max(80),
  recentWorkspaces: z.string().max(80),
  /** What the desktop says by itself, when no page can. */
  dialogs: z.object({
    /** Before a window with work under way closes. */
    closing: z.object({ message: line, detail: line, close: line, stay: line }),
    /** When the page has died. */
    crashed: z.object({ message: line, detail: line, reload: line, close: line }),
    /** When it does not answer. */
    hanging: z.object({ message: line, detail: line, wait: line, reload: line }),
  }),
})
export type MenuTitles = z.infer<typeof menuTitles>

const base = oc.errors(appErrors)

export const desktopContract = {
  /** Everything is empty where there is no desktop. */
  info: base.output(z.object({ available: z.boolean(), recentWorkspaces: z.array(z.string()) })),
  /** Ends at once where there is no desktop. */
  watch: base.output(eventIterator(desktopEvent)),
  /** The menus in the language of the page. */
  setMenu: base.input(menuTitles),
  /** Which commands can be called now; the menu items of the others are grey. */
  setAvailable: base.input(z.object({ commands: z.array(z.enum(commandIds)) })),
  /** Opens a workspace in a window of its own; null asks for a folder. False when nothing was chosen. */
  openWorkspace: base.input(z.object({ path: z.string().min(1).nullable() })).output(z.object({ opened: z.boolean() })),
}
