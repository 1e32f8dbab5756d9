// The native menus, from the table of commands and the titles that the page gives in its language.
import { basename } from 'node:path'
import { Menu, type MenuItem, type MenuItemConstructorOptions } from 'electron'
import { type CommandId, type CommandInfo, commands } from '../../contract/commands.ts'
import type { MenuTitles } from '../../contract/desktop.ts'

export interface MenuActions {
  run(command: CommandId): void
  openWorkspace(path: string | null): void
}

type MenuName = NonNullable<CommandInfo['menu']>

/** Items of commands that nothing on the screen does now are grey. */
export function showAvailable(available: ReadonlySet<CommandId>) {
  const menu = Menu.getApplicationMenu()
  for (const { id, menu: own } of commands) {
    const item: MenuItem | null = own === null ? null : (menu?.getMenuItemById(id) ?? null)
    if (item) item.enabled = available.has(id)
  }
}

export function setApplicationMenu(titles: MenuTitles, recent: readonly string[], actions: MenuActions) {
  const items = (menu: MenuName): MenuItemConstructorOptions[] =>
    commands.flatMap(({ id, keys, menu: own }) => {
      const label = titles.commands[id]
      if (own !== menu || label === undefined) return []
      return [{ id, label, click: () => actions.run(id), ...(keys && { accelerator: acceleratorOf(keys) }) }]
    })
  const { menus } = titles
  const mac: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : []
  const quit: MenuItemConstructorOptions = process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' }
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...mac,
      {
        label: menus.file,
        submenu: [
          ...items('file'),
          { type: 'separator' },
          {
            label: titles.openWorkspace,
            accelerator: 'CommandOrControl+Shift+O',
            click: () => actions.openWorkspace(null),
          },
          {
            label: titles.recentWorkspaces,
            enabled: recent.length > 0,
            submenu: recent.map((path) => recentItem(path, actions)),
          },
          { type: 'separator' },
          quit,
        ],
      },
      { label: menus.edit, role: 'editMenu' },
      { label: menus.go, submenu: items('go') },
      { label: menus.run, submenu: items('run') },
      {
        label: menus.view,
        submenu: [
          ...items('view'),
          { type: 'separator' },
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { role: 'togglefullscreen' },
        ],
      },
      { role: 'windowMenu' },
      { label: menus.help, role: 'help', submenu: [...items('help'), { type: 'separator' }, { role: 'about' }] },
    ]),
  )
}

const recentItem = (path: string, actions: MenuActions): MenuItemConstructorOptions => ({
  label: `${basename(path)} (${path})`,
  click: () => actions.openWorkspace(path),
})

/** `Mod+N` as Electron writes it. */
const acceleratorOf = (keys: string) => keys.replace('Mod', 'CommandOrControl').replace('Enter', 'Return')
