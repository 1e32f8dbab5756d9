import { parseRoute, type Route, routeHref } from './route.ts'

export class Router {
  #route = $state.raw<Route>(parseRoute(location.hash))

  get route() {
    return this.#route
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
