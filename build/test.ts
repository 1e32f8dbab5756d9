// `npm test`: says what this machine cannot run and which package would enable it, runs everything else, and ends with a
// plain closing line. With CI=true a missing tool is a failure.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Tool {
  readonly name: string
  readonly debianPackage: string
  readonly enables: string
  present(): boolean
}

const runs =
  (command: string, ...args: string[]) =>
  () =>
    spawnSync(command, args, { stdio: 'ignore' }).status === 0

const tools: readonly Tool[] = [
  {
    name: 'qemu-system-arm',
    debianPackage: 'qemu-system-arm',
    enables: 'the agents on emulated Cortex-M boards',
    present: runs('qemu-system-arm', '--version'),
  },
  {
    name: 'arm-none-eabi-gcc',
    debianPackage: 'gcc-arm-none-eabi libnewlib-arm-none-eabi',
    enables: 'rebuilding the agents and comparing them',
    present: runs('arm-none-eabi-gcc', '--version'),
  },
  {
    name: 'clang and wasm-ld',
    debianPackage: 'clang lld',
    enables: 'rebuilding the twin and comparing it',
    present: () => runs('clang', '--version')() && runs('wasm-ld', '--version')(),
  },
  {
    name: 'libFuzzer',
    debianPackage: 'libclang-rt-14-dev',
    enables: 'fuzzing the C under sanitizers',
    present: fuzzerPresent,
  },
  {
    name: 'gcc',
    debianPackage: 'gcc libc6-dev',
    enables: 'the C tests under sanitizers',
    present: runs('gcc', '--version'),
  },
  {
    name: 'chromium',
    debianPackage: 'chromium',
    enables: 'the scenario in a real browser',
    present: () => existsSync('/usr/bin/chromium'),
  },
]

function fuzzerPresent(): boolean {
  const made = spawnSync('clang', ['-fsanitize=fuzzer', '-x', 'c', '-', '-o', '/dev/null'], {
    input:
      '#include <stddef.h>\n#include <stdint.h>\nint LLVMFuzzerTestOneInput(const uint8_t*d,size_t n){(void)d;(void)n;return 0;}',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  return made.status === 0
}

interface Summary {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numFailedTestSuites: number
}

function main(): number {
  const root = new URL('..', import.meta.url).pathname
  const missing = tools.filter((tool) => !tool.present())
  for (const tool of missing)
    console.log(`not on this machine: ${tool.name}; the package ${tool.debianPackage} would enable ${tool.enables}`)
  if (!existsSync(join(root, '..', 'shared', 'models')))
    console.log('not on this machine: ../shared; tests on the reference models and data sets are left out')
  const ci = process.env.CI === 'true'
  const steps = [npm(root, 'check'), npm(root, 'build')]
  const folder = mkdtempSync(join(tmpdir(), 'shoehorn-test-'))
  const output = join(folder, 'summary.json')
  const vitest = join(root, 'node_modules', '.bin', 'vitest')
  const args = ['run', ...process.argv.slice(2), '--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
  const status = spawnSync(vitest, args, { cwd: root, stdio: 'inherit' }).status
  const summary: Summary = existsSync(output)
    ? JSON.parse(readFileSync(output, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numFailedTestSuites: 1 }
  rmSync(folder, { recursive: true })
  const skipped = summary.numPendingTests
  const brokenFiles = status !== 0 && summary.numFailedTests === 0 ? 1 : 0
  const unmet = ci ? missing.length : 0
  const failed = summary.numFailedTests + brokenFiles + steps.filter((ok) => !ok).length + unmet
  const passed = summary.numPassedTests + steps.filter((ok) => ok).length
  if (unmet) console.error(`with CI=true nothing may be missing: ${missing.map((tool) => tool.name).join(', ')}`)
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
  return failed === 0 ? 0 : 1
}

/** @returns whether the script passed */
function npm(root: string, script: string): boolean {
  const ok = spawnSync('npm', ['run', '--silent', script], { cwd: root, stdio: 'inherit' }).status === 0
  if (!ok) console.error(`failed: npm run ${script}`)
  return ok
}

process.exit(main())
