// Every screen and dialog, by the way a test reaches it in a workspace that has a project with runs.
import type { User } from './user.ts'

export interface Screen {
  readonly name: string
  open(user: User): Promise<void>
  /** Of what was opened over the page. */
  close?(user: User): Promise<void>
}

const tabs = ['overview', 'model', 'data', 'compress', 'runs', 'device', 'report'] as const

const closeDialog = async (user: User) => {
  await user.page.keyboard.press('Escape')
  await user.page.locator('dialog[open]').waitFor({ state: 'detached' })
}

const projectAddress = (project: string, tab: string) => `#/projects/${project}${tab === 'overview' ? '' : `/${tab}`}`

export function screensOf(place: {
  readonly project: string
  readonly emptyProject: string
  readonly run: string
}): Screen[] {
  const at = (name: string, address: string): Screen => ({ name, open: (user) => user.go(address) })
  const dialog = (name: string, address: string, open: (user: User) => Promise<void>): Screen => ({
    name,
    async open(user) {
      await user.go(address)
      await open(user)
      await user.page.locator('dialog[open]').waitFor()
      await user.settle()
    },
    close: closeDialog,
  })
  const overview = projectAddress(place.project, 'overview')
  return [
    at('projects', '#/'),
    ...tabs.map((tab) => at(`project-${tab}`, projectAddress(place.project, tab))),
    ...tabs.map((tab) => at(`empty-project-${tab}`, projectAddress(place.emptyProject, tab))),
    {
      name: 'comparison',
      async open(user) {
        await user.go(projectAddress(place.project, 'runs'))
        await user.by('run-row').first().waitFor()
        for (const row of [0, 1]) await user.by('select-run').nth(row).check()
        await user.by('comparison').waitFor()
        await user.settle()
      },
    },
    at('run', `#/runs/${place.run}`),
    at('devices', '#/devices'),
    at('settings', '#/settings'),
    at('weights', '#/weights'),
    at('bin', '#/bin'),
    dialog('new-project', '#/', (user) => user.by('new-project').click()),
    dialog('budgets', overview, (user) => user.by('edit-budgets').click()),
    dialog('rename-project', overview, (user) => user.by('rename-project').click()),
    dialog('palette', overview, (user) => user.page.keyboard.press('Control+k')),
    dialog('keys', overview, (user) => user.page.keyboard.press('F1')),
  ]
}
