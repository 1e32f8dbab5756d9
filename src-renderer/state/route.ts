export type ProjectTab = 'overview' | 'runs' | 'model'

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'devices' }
  | { readonly screen: 'settings' }
  | { readonly screen: 'weights' }
  | { readonly screen: 'project'; readonly project: string; readonly tab: ProjectTab }
  | { readonly screen: 'run'; readonly run: string }

const tabs: readonly ProjectTab[] = ['overview', 'runs', 'model']

/** What a fragment like `#/projects/p1/runs` shows; anything unknown is home. */
export function parseRoute(fragment: string): Route {
  const [screen, id, rest] = fragment.replace(/^#\/?/, '').split('/').map(decode)
  if (screen === 'devices') return { screen: 'devices' }
  if (screen === 'settings') return { screen: 'settings' }
  if (screen === 'weights') return { screen: 'weights' }
  if (screen === 'runs' && id) return { screen: 'run', run: id }
  if (screen === 'projects' && id) {
    return { screen: 'project', project: id, tab: tabs.find((tab) => tab === rest) ?? 'overview' }
  }
  return { screen: 'home' }
}

export function routeHref(route: Route): string {
  switch (route.screen) {
    case 'home':
      return '#/'
    case 'devices':
      return '#/devices'
    case 'settings':
      return '#/settings'
    case 'weights':
      return '#/weights'
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
