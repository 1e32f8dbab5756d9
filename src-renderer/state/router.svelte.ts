import { parseRoute, type Route, routeHref } from './route.ts'

export class Router {
  #within = $state<string | null>(null)
  #route = $state.raw<Route>(parseRoute(location.hash))

  get route() {
    return this.#route
  }
  /** The project that the screen belongs to; a run says so once it is loaded. */
  get project(): string | null {
    return this.#route.screen === 'project' ? this.#route.project : this.#within
  }

  /** The screen shown belongs to a project that the address does not name; returns leave(). */
  within(project: string): () => void {
    this.#within = project
    return () => {
      if (this.#within === project) this.#within = null
    }
  }

  /** Follows the address; returns stop(). */
  follow(): () => void {
    const read = () => {
      this.#route = parseRoute(location.hash)
    }
    read()
    window.addEventListener('hashchange', read)
    return () => window.removeEventListener('hashchange', read)
  }

  go(route: Route): void {
    location.hash = routeHref(route)
  }
}
