import { dirname, relative, resolve, sep } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const root = import.meta.dirname
const mainFolder = resolve(root, 'out/main')

/** `new URL('./worker.ts', import.meta.url)`: a thread's entry, which becomes a chunk of its own. */
const threadEntry = /new URL\(\s*['"](\.{1,2}\/[^'"]+\.ts)['"],\s*import\.meta\.url,?\s*\)/g

/**
 * Modules find the files of `resources/` relative to themselves. In the bundle they no longer lie where they did, so
 * `import.meta.url` becomes the address their source would have, seen from out/main.
 */
const sourceAddresses: Plugin = {
  name: 'source-addresses',
  transform(code, id) {
    if (!id.startsWith(resolve(root, 'src-main') + sep) || !code.includes('import.meta.url')) return null
    const threads: string[] = []
    const marked = code.replace(threadEntry, (_whole, path: string) => {
      const entry = resolve(dirname(id), path)
      const fileName = `${relative(resolve(root, 'src-main'), entry).replaceAll(sep, '-').replace(/\.ts$/, '')}.js`
      this.emitFile({ type: 'chunk', id: entry, fileName })
      threads.push(fileName)
      return `THREAD_ENTRY_${threads.length - 1}_`
    })
    const source = relative(mainFolder, id).split(sep).join('/')
    return {
      code: marked
        .replaceAll('import.meta.url', `new URL(${JSON.stringify(source)}, import.meta.url).href`)
        .replace(
          /THREAD_ENTRY_(\d+)_/g,
          (_whole, at: string) => `new URL('./${threads[Number(at)]}', import.meta.url)`,
        ),
      map: null,
    }
  },
}

export default defineConfig({
  main: {
    plugins: [sourceAddresses],
    build: {
      outDir: mainFolder,
      rollupOptions: {
        input: {
          main: resolve(root, 'src-main/hosts/electron/main.ts'),
          worker: resolve(root, 'src-main/hosts/worker/main.ts'),
        },
        // All chunks in one folder: the addresses above are relative to it.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: resolve(root, 'out/preload'),
      rollupOptions: {
        input: { preload: resolve(root, 'src-main/hosts/electron/preload.ts') },
        // A sandboxed preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'src-renderer'),
    base: './',
    plugins: [svelte()],
    build: {
      outDir: resolve(root, 'out/renderer'),
      modulePreload: { polyfill: false },
      rollupOptions: { input: { index: resolve(root, 'src-renderer/index.html') } },
    },
  },
})
