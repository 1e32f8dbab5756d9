#!/usr/bin/env node
// Starts the command line on the Node that the project brings when the one that runs this is too old for it.
import { spawnSync } from 'node:child_process'
import { createRequire, enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const entry = new URL('../src-main/hosts/cli/main.ts', import.meta.url)
if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Sources need no second stripping and parsing: half of a start.
  enableCompileCache()
  await import(entry.href)
} else {
  const node = createRequire(import.meta.url).resolve('node/bin/node')
  const { status, signal } = spawnSync(node, [fileURLToPath(entry), ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exit(signal ? 1 : (status ?? 1))
}
