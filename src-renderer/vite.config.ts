import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../out/web',
    emptyOutDir: true,
    target: 'es2022',
    // A preload polyfill would be an inline script, which the content security policy forbids.
    modulePreload: { polyfill: false },
  },
})
