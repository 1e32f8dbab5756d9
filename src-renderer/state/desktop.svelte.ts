// The desktop around the page: native menus in our language, files opened from the system, recent workspaces. In a browser
// there is none of it.
import { type CommandId, commandIds } from '../../src-main/contract/commands.ts'
import type { Api } from '../../src-main/contract/contract.ts'
import type { MenuTitles } from '../../src-main/contract/desktop.ts'
import { t } from '../i18n/locale.ts'
import type { Commands } from './commands.svelte.ts'

export class Desktop {
  recentWorkspaces = $state.raw<readonly string[]>([])
  available = $state(false)
  /** Paths that were opened from the system, until a screen has taken them. */
  opened = $state.raw<readonly string[]>([])
  #api: Api
  #commands: Commands

  constructor(api: Api, commands: Commands) {
    this.#api = api
    this.#commands = commands
  }

  /** Listens until the returned function is called. */
  follow(): () => void {
    const controller = new AbortController()
    void this.#listen(controller.signal).catch(() => {
      // The connection was lost; whoever follows it calls again when it is back.
    })
    return () => controller.abort()
  }

  /** @param like only these; the others wait */
  takeOpened(like: RegExp = /./): readonly string[] {
    const paths = this.opened.filter((path) => like.test(path))
    if (paths.length > 0) this.opened = this.opened.filter((path) => !like.test(path))
    return paths
  }

  openWorkspace(path: string | null): Promise<{ opened: boolean }> {
    return this.#api.desktop.openWorkspace({ path })
  }

  /** The titles of the menus; to be called again when the language changes. */
  async sendTitles(): Promise<void> {
    if (this.available) await this.#api.desktop.setMenu(menuTitles())
  }

  /** Which items of the menus are not grey. */
  async sendAvailable(commands: CommandId[]): Promise<void> {
    if (this.available) await this.#api.desktop.setAvailable({ commands })
  }

  async #listen(signal: AbortSignal) {
    const { available, recentWorkspaces } = await this.#api.desktop.info(undefined, { signal })
    this.available = available
    this.recentWorkspaces = recentWorkspaces
    if (!available) return
    for await (const event of await this.#api.desktop.watch(undefined, { signal })) {
      if (event.kind === 'command') this.#commands.run(event.command)
      else this.opened = [...this.opened, ...event.paths]
    }
  }
}

function menuTitles(): MenuTitles {
  return {
    menus: {
      file: t('commands.menu.file'),
      edit: t('commands.menu.edit'),
      go: t('commands.menu.go'),
      run: t('commands.menu.run'),
      view: t('commands.menu.view'),
      help: t('commands.menu.help'),
    },
    commands: Object.fromEntries(commandIds.map((id) => [id, t(`commands.${id}`)])),
    openWorkspace: t('commands.openWorkspace'),
    recentWorkspaces: t('commands.recentWorkspaces'),
    dialogs: {
      closing: {
        message: t('commands.closing.message'),
        detail: t('commands.closing.detail'),
        close: t('commands.closing.close'),
        stay: t('commands.closing.stay'),
      },
      crashed: {
        message: t('commands.crashed.message'),
        detail: t('commands.crashed.detail'),
        reload: t('commands.crashed.reload'),
        close: t('commands.crashed.close'),
      },
      hanging: {
        message: t('commands.hanging.message'),
        detail: t('commands.hanging.detail'),
        wait: t('commands.hanging.wait'),
        reload: t('commands.crashed.reload'),
      },
    },
  }
}
