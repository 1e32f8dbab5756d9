import { packId } from '../../src-main/contract/ids.ts'

export const projectTabs = ['overview', 'model', 'data', 'compress', 'runs', 'device', 'report'] as const
export type ProjectTab = (typeof projectTabs)[number]

/** Screens without anything in the address but their name. */
const plainScreens = ['devices', 'settings', 'weights', 'library', 'jobs', 'bin'] as const

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'bin' }
  | { readonly screen: 'devices' }
  | { readonly screen: 'settings' }
  | { readonly screen: 'weights' }
  | { readonly screen: 'library' }
  | { readonly screen: 'jobs' }
  | { readonly screen: 'packs'; readonly pack: string | null }
  | { readonly screen: 'project'; readonly project: string; readonly tab: ProjectTab }
  | { readonly screen: 'run'; readonly run: string }

/** What a fragment like `#/projects/p1/runs` shows; anything unknown is home. */
export function parseRoute(fragment: string): Route {
  const [screen, id, rest] = fragment.replace(/^#\/?/, '').split('/').map(decode)
  const plain = plainScreens.find((each) => each === screen)
  if (plain) return { screen: plain }
  if (screen === 'packs') return { screen, pack: packId.safeParse(id).success ? id! : null }
  if (screen === 'runs' && id) return { screen: 'run', run: id }
  if (screen === 'projects' && id) {
    return { screen: 'project', project: id, tab: projectTabs.find((tab) => tab === rest) ?? 'overview' }
  }
  return { screen: 'home' }
}

export function routeHref(route: Route): string {
  switch (route.screen) {
    case 'home':
      return '#/'
    case 'devices':
    case 'settings':
    case 'weights':
    case 'library':
    case 'jobs':
    case 'bin':
      return `#/${route.screen}`
    case 'packs':
      return route.pack === null ? '#/packs' : `#/packs/${encodeURIComponent(route.pack)}`
    case 'run':
      return `#/runs/${encodeURIComponent(route.run)}`
    case 'project':
      return `#/projects/${encodeURIComponent(route.project)}${route.tab === 'overview' ? '' : `/${route.tab}`}`
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
