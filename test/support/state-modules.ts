// State classes of the interface without a page. They use runes, so the interface's own compiler loads them.
import { createServer } from 'vite'

export async function openStateModules() {
  const server = await createServer({
    configFile: new URL('../../src-renderer/vite.config.ts', import.meta.url).pathname,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  })
  return {
    /** @param path below src-renderer, such as "state/inbox.svelte.ts" */
    load: (path: string) => server.ssrLoadModule(`/${path}`),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

export type StateModules = Awaited<ReturnType<typeof openStateModules>>

/** A host that answers by name of the procedure, and remembers what it was asked. */
export function recordingApi(answers: Record<string, (input: never) => unknown>) {
  const asked: string[] = []
  const ask = async (call: string, input: never) => {
    asked.push(call)
    if (!(call in answers)) throw new Error(`${call} has no answer`)
    return answers[call]!(input)
  }
  const family = (name: string) =>
    new Proxy({}, { get: (_, call) => (input: never) => ask(`${name}.${String(call)}`, input) })
  return { asked, api: new Proxy({}, { get: (_, name) => family(String(name)) }) as never }
}

/** Long enough for every promise that can go on to have gone on. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 5))
