import type { FakeRoutes } from '../fake-state.ts'

export function fakeSystem(os: FakeRoutes) {
  return {
    info: os.system.info.handler(() => ({ version: '0.1.0', workspace: '~/Shoehorn', host: 'web' as const })),
  }
}
