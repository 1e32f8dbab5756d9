// The built interface under its own scheme: a real origin with a content security policy, which file:// would not have.
import { join, normalize, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app, net, protocol } from 'electron'

const scheme = 'app'
const host = 'shoehorn'

// Styles may be inline because a report opened as a blob inherits this policy and carries its own style sheet.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Set by `electron-vite dev`, where the page comes from Vite's server. What is installed takes its page from nowhere else. */
const devServer = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL

/** Must run before the application is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

export function pageUrl(): string {
  return devServer ?? `${scheme}://${host}/index.html`
}

export function pageOrigin(): string {
  return devServer ? new URL(devServer).origin : `${scheme}://${host}`
}

/** Node's own `origin` is "null" for schemes that it does not know. */
export function isPage(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && `${url.protocol}//${url.host}` === pageOrigin()
}

export function servePage(folder: string): void {
  protocol.handle(scheme, async (request) => {
    const file = assetPath(folder, request.url)
    if (file === null) return new Response(null, { status: 404 })
    const found = await net.fetch(pathToFileURL(file).href).catch(() => null)
    if (!found?.ok) return new Response(null, { status: 404 })
    const headers = new Headers(found.headers)
    headers.set('content-security-policy', policy)
    headers.set('x-content-type-options', 'nosniff')
    return new Response(found.body, { headers })
  })
}

/** The file in the folder, or null for another host and for anything that leads out of the folder. */
function assetPath(folder: string, address: string): string | null {
  const url = new URL(address)
  const path = decoded(url.pathname)
  if (url.host !== host || path === null || path.includes('\0')) return null
  const file = normalize(join(folder, path))
  return file.startsWith(folder + sep) ? file : null
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}
