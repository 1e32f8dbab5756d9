// `npm run check`: format and lint, types of the TypeScript and of the interface, layers. Runs all of them, then says
// which failed.
import { spawnSync } from 'node:child_process'
import { checkLayers } from './layers.ts'

interface Check {
  readonly name: string
  run(): boolean
}

const root = new URL('..', import.meta.url).pathname
const bin = (name: string) => `${root}node_modules/.bin/${name}`
const command = (name: string, ...args: string[]): Check => ({
  name: [name, ...args].join(' '),
  run: () => spawnSync(bin(name), args, { cwd: root, stdio: 'inherit' }).status === 0,
})

const checks: readonly Check[] = [
  command('biome', 'check', '--error-on-warnings', '.'),
  command('tsc', '-p', 'tsconfig.json'),
  command('svelte-check', '--tsconfig', 'src-renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human'),
  { name: 'layers', run: () => checkLayers(root) },
]

const failed = checks.filter((check) => {
  console.log(`check: ${check.name}`)
  return !check.run()
})
for (const check of failed) console.error(`check failed: ${check.name}`)
process.exit(failed.length === 0 ? 0 : 1)
