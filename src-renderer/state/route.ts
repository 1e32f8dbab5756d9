export const projectTabs = ['overview', 'model', 'data', 'compress', 'runs', 'device', 'report'] as const
export type ProjectTab = (typeof projectTabs)[number]

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'bin' }
  | { readonly screen: 'devices' }
  | { readonly screen: 'settings' }
  | { readonly screen: 'weights' }
  | { readonly screen: 'project'; readonly project: string; readonly tab: ProjectTab }
  | { readonly screen: 'run'; readonly run: string }

/** What a fragment like `#/projects/p1/runs` shows; anything unknown is home. */
export function parseRoute(fragment: string): Route {
  const [screen, id, rest] = fragment.replace(/^#\/?/, '').split('/').map(decode)
  if (screen === 'devices' || screen === 'settings' || screen === 'weights' || screen === 'bin') return { screen }
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
    case 'bin':
      return `#/${route.screen}`
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
