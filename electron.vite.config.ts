import { relative, resolve, sep } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const root = import.meta.dirname
const mainFolder = resolve(root, 'out/main')

/**
 * Modules find the files of `resources/` relative to themselves. In the bundle they no longer lie where they did, so
 * `import.meta.url` becomes the address their source would have, seen from out/main.
 */
const sourceAddresses: Plugin = {
  name: 'source-addresses',
  transform(code, id) {
    if (!id.startsWith(resolve(root, 'src-main') + sep) || !code.includes('import.meta.url')) return null
    const source = relative(mainFolder, id).split(sep).join('/')
    return {
      code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(source)}, import.meta.url).href`),
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
