// Peak memory and time of the command line on an ONNX file of 500 MB: analyze, and 4-bit groups to ONNX; weights in the
// file and beside it. `node test/bench/large-model.ts [--folder DIR] [--keep]`. Needs 1.5 GB of disk, Linux for the peak.
// Markdown on stdout.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { seededRandom } from '../../src-main/base/random.ts'
import { repository } from '../support/cli.ts'
import { widths, writeLargeModel } from './large-network.ts'

const { values } = parseArgs({ options: { folder: { type: 'string' }, keep: { type: 'boolean', default: false } } })

/** Said by the process and its threads when they end: the largest resident set, in kB (proc_pid_status(5), VmHWM). */
const sayPeak = `data:text/javascript,${encodeURIComponent(
  "import { readFileSync } from 'node:fs'; process.on('exit', () => " +
    "console.error('peak', /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]))",
)}`

interface Measured {
  readonly seconds: number
  readonly peakBytes: number
}

async function measure(...args: readonly string[]): Promise<Measured> {
  const start = performance.now()
  const child = spawn(process.execPath, ['--import', sayPeak, 'src-main/hosts/cli/main.ts', ...args, '--json'], {
    cwd: repository,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const peaks = [...stderr.matchAll(/^peak (\d+)$/gm)].map(([, kB]) => Number(kB) * 1024)
  if (status !== 0 || peaks.length === 0) throw new Error(`exit ${status}\n${stderr}`)
  return { seconds: (performance.now() - start) / 1000, peakBytes: Math.max(...peaks) }
}

const samples = 16

async function outputsOf(path: string): Promise<Float32Array> {
  const random = seededRandom(1)
  const data = Float32Array.from({ length: samples * widths[0] }, () => random.normal())
  const session = await InferenceSession.create(path)
  const { y } = await session.run({ x: new Tensor('float32', data, [samples, widths[0]]) })
  await session.release()
  return y!.data as Float32Array
}

function sqnrDb(expected: Float32Array, found: Float32Array): number {
  const energy = expected.reduce((sum, v) => sum + v * v, 0)
  const error = expected.reduce((sum, v, i) => sum + (v - found[i]!) ** 2, 0)
  return 10 * Math.log10(energy / error)
}

const bytesOf = async (path: string) => (await stat(path)).size
const mb = (bytes: number) => (bytes / 1e6).toFixed(0)

async function measureForm(folder: string, external: boolean) {
  const form = external ? 'weights beside the model' : 'weights in the model'
  const [model, out] = [join(folder, 'large.onnx'), join(folder, 'w4.onnx')]
  const written = await writeLargeModel(model, external)
  const fileBytes = written.model.bytes + (written.data?.bytes ?? 0)
  const workspace = ['--workspace', join(folder, 'workspace')]
  const row = (command: string, { seconds, peakBytes }: Measured) =>
    console.log(
      `| ${form} | \`${command}\` | ${mb(fileBytes)} | ${mb(peakBytes)} | ${(peakBytes / fileBytes).toFixed(2)} | ${seconds.toFixed(0)} |`,
    )
  row('analyze', await measure('analyze', model, ...workspace))
  row(
    'export --recipe w4-groups --as onnx',
    await measure('export', model, '--recipe', 'w4-groups', '--as', 'onnx', '--out', out, ...workspace),
  )
  const sqnr = sqnrDb(await outputsOf(model), await outputsOf(out))
  return `${form}: ${mb(fileBytes)} MB became ${mb(await bytesOf(out))} MB; in ONNX Runtime, SQNR of the output ${sqnr.toFixed(1)} dB over ${samples} samples.`
}

const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'shoehorn-large-')))
try {
  console.log('| model | command | file MB | peak MB | peak / file | s |\n|---|---|--:|--:|--:|--:|')
  const lines = [await measureForm(folder, false), await measureForm(folder, true)]
  console.log(`\n${lines.join('\n')}`)
} finally {
  if (!values.keep && values.folder === undefined) await rm(folder, { recursive: true, force: true })
}
