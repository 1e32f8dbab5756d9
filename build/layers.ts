// Who may import whom (layers.json). Reads import statements as text: every relative import, static, dynamic or in a
// worker URL, must stay within what its layer allows, and 'electron' belongs to hosts/electron alone.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

type Rules = Record<string, readonly string[]>

/** @returns true when there is no violation; prints each one */
export function checkLayers(root: string): boolean {
  const { comment: _comment, ...rules } = JSON.parse(readFileSync(join(root, 'build/layers.json'), 'utf8')) as Rules
  const files = ['src-main', 'src-renderer'].flatMap((folder) => sources(join(root, folder)))
  const problems = files.flatMap((file) => violations(root, file, rules))
  for (const problem of problems) console.error(problem)
  return problems.length === 0
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

const importPattern = /(?:from\s+|import\s+|import\()\s*['"]([^'"]+)['"]/g

export function importsOf(text: string): string[] {
  return [...text.matchAll(importPattern)].map((match) => match[1]!)
}

const pureFolders = [
  'src-main/ir',
  'src-main/passes',
  'src-main/reports',
  'src-main/device/protocol',
  'src-main/contract',
]
const ioModules = /^node:(fs|net|child_process|http|https|dgram|worker_threads)/

function violations(root: string, file: string, rules: Rules): string[] {
  const from = relative(root, file).replaceAll('\\', '/')
  const layer = layerOf(from, rules)
  const said = (what: string) => `${from}: ${what}`
  return importsOf(readFileSync(file, 'utf8')).flatMap((target) => {
    if (target === 'electron' && !from.startsWith('src-main/hosts/electron/')) return [said('imports electron')]
    if (ioModules.test(target) && pureFolders.some((folder) => from.startsWith(`${folder}/`)))
      return [said(`does I/O through ${target}`)]
    if (!target.startsWith('.')) return []
    const to = normalize(join(dirname(from), target)).replaceAll('\\', '/')
    if (layer === null) return [said('belongs to no layer in build/layers.json')]
    return mayImport(layer, to, rules) ? [] : [said(`may not import ${to}`)]
  })
}

function layerOf(path: string, rules: Rules): string | null {
  return Object.keys(rules).find((layer) => path === layer || path.startsWith(`${layer}/`)) ?? null
}

function mayImport(layer: string, to: string, rules: Rules): boolean {
  const allowed = [
    layer,
    'src-main/base',
    ...rules[layer]!.map((name) => (name.startsWith('src-') ? name : `src-main/${name}`)),
  ]
  return allowed.some((folder) => to === folder || to.startsWith(`${folder}/`))
}
