import type { FakeRoutes } from '../fake-state.ts'

export function fakeDesktop(os: FakeRoutes) {
  return {
    info: os.desktop.info.handler(() => ({ available: false, recentWorkspaces: [] })),
    watch: os.desktop.watch.handler(async function* () {}),
    setMenu: os.desktop.setMenu.handler(() => {}),
    setAvailable: os.desktop.setAvailable.handler(() => {}),
    openWorkspace: os.desktop.openWorkspace.handler(() => ({ opened: false })),
  }
}
