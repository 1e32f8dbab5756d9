// compress, deploy, validate, bench, infer: one file, no workspace.
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { sha256 } from '../../../base/hash.ts'
import { textOf } from '../../../base/note.ts'
import { runReport } from '../../../contract/report.ts'
import { resolveDevice } from '../../../services/devices.ts'
import { encodeFile } from '../../../services/encoding.ts'
import type { MeasureRequest } from '../../../services/packs.ts'
import type { ExpectedFile } from '../../../services/run/expected.ts'
import { outputsAsNpz } from '../../../services/run/npz-output.ts'
import type { RunEvents } from '../../../services/run/run-input.ts'
import {
  type CompressOptions,
  recipeText,
  wholeNumber,
  withDataOptions,
  withEncodingOption,
  withRecipeOption,
} from '../options.ts'
import { formatBytes, formatPercent } from '../output.ts'
import { encodingLines, packText, runText } from '../run-text.ts'
import { type CliSession, withSession } from '../session.ts'
import { writeOutput } from '../write-output.ts'

interface DeviceOptions extends CompressOptions {
  readonly device: string
  readonly deviceSamples?: number
  readonly warmup: number
  readonly runs: number
  readonly expect?: string
  readonly out: string
}

const withDevice = (command: Command) =>
  command.option('--device <device>', 'see "shoehorn devices"; host is ONNX Runtime on this computer', 'pico')

const withMeasuring = (command: Command) =>
  withDevice(command)
    .option('--device-samples <n>', 'samples that run on the device', wholeNumber(1))
    .option('--warmup <n>', 'inferences before the timed ones', wholeNumber(0), 1)
    .option('--runs <n>', 'timed inferences', wholeNumber(1), 10)

export function packCommands(program: Command) {
  const compress = program.command('compress <model>').description('Passes and packing only.')
  withEncodingOption(withRecipeOption(withDataOptions(compress)))
    .option('--out <file>', 'the pack; left out, beside the name of the model')
    .option('--device <device>', 'whose memories and core the encoding is chosen for')
    .option(
      '--lossless',
      'stores the weights of a model as it is, or of a pack, in the fewest bytes; no output changes',
    )
    .action(compressAction)

  withDevice(program.command('deploy <pack>').description('Puts a pack on a device.')).action(
    (path: string, options: DeviceOptions, command: Command) =>
      withSession(command, async (session) => {
        const done = await session.app.services.packs.deploy(path, resolveDevice(options.device), eventsOf(session))
        const where = `slot ${done.slot} (${done.slotKind})`
        session.output.result(done, () =>
          done.uploaded
            ? `${formatBytes(done.pack.bytes)} bytes are on ${done.name}, ${where}; arena ${formatBytes(done.arenaBytes)} bytes.`
            : `${done.name} holds this pack already, ${where}.`,
        )
      }),
  )

  const validate = program
    .command('validate <pack-or-model>')
    .description('Accuracy and bit-exactness on the device.')
    .option('--expect <file>', 'int8 outputs, one row a sample, that every output must equal')
  withEncodingOption(withRecipeOption(withDataOptions(withMeasuring(validate)))).action(validateAction)

  const bench = program.command('bench <pack-or-model>').description('Latency, per-operator profile, memory.')
  withEncodingOption(withRecipeOption(withDataOptions(withMeasuring(bench)))).action(
    (path: string, options: DeviceOptions, command: Command) =>
      withSession(command, async (session) => {
        const report = await session.app.services.packs.bench(await measureRequest(path, options), eventsOf(session))
        session.output.result(report, () => packText(report))
      }),
  )

  const infer = program.command('infer <pack-or-model>').description('Raw outputs of every sample, by tensor name.')
  withEncodingOption(withRecipeOption(withDataOptions(withDevice(infer))))
    .requiredOption('--out <file.npz>', 'where the outputs go')
    .action(inferAction)
}

interface PackingOptions extends CompressOptions {
  readonly out?: string
  readonly device?: string
  readonly lossless?: boolean
}

function compressAction(path: string, options: PackingOptions, command: Command) {
  return withSession(command, async (session) => {
    const device = options.device === undefined ? undefined : resolveDevice(options.device)
    const request = { ...options, path, device, recipe: await optionalRecipe(options) }
    const { packs } = session.app.services
    const out =
      options.out ??
      `${path
        .split(/[\\/]/)
        .at(-1)!
        .replace(/\.[^.]*$/, '')}.shoe`
    const packed = options.lossless
      ? await packs.lossless(request, eventsOf(session))
      : await packs.pack(request, eventsOf(session))
    if (!packed) return encodeWhole(path, out, session)
    const { pack, origin, encoding = [] } = packed
    await writeOutput(out, pack)
    const document = { path: out, bytes: pack.length, sha256: sha256(pack), origin, encoding }
    const text = () => [...encodingLines([...encoding]), `Wrote ${out}: ${formatBytes(pack.length)} bytes`].join('\n')
    session.output.result(document, text)
  })
}

/** A model that no microcontroller runs: its file, without loss. */
async function encodeWhole(path: string, out: string, { output, signal }: CliSession) {
  const progress = (done: number, total: number) => output.progress(`encode ${Math.floor((100 * done) / total)} %`)
  const done = await encodeFile({ path, out }, { signal, progress })
  const sizes = `${formatBytes(done.encodedBytes)} bytes instead of ${formatBytes(done.originalBytes)}`
  output.result(
    { path: out, bytes: done.encodedBytes, ...done },
    () => `Wrote ${out}: ${sizes}; no microcontroller runs this model, "shoehorn decode" gives its file back.`,
  )
}

function validateAction(path: string, options: DeviceOptions, command: Command) {
  return withSession(command, async (session) => {
    const { packs } = session.app.services
    const events = eventsOf(session)
    if (options.device === 'host') {
      const found = await packs.validateOnHost({ ...options, path }, events)
      const { original } = found.quality
      const text =
        original.task === 'classification'
          ? `top-1 ${formatPercent(original.top1)} of ${original.n} samples`
          : `${original.n} samples`
      return session.output.result(found, () => `${found.model.name} in ONNX Runtime: ${text}`)
    }
    const report = await packs.validate(await measureRequest(path, options), events)
    session.output.result(report, () => {
      const full = runReport.safeParse(report)
      const body = full.success ? runText(full.data) : packText(report)
      const { expected } = report as { expected?: { samples: number; equal: number } }
      return expected ? `${body}\nequal to the expected outputs: ${expected.equal} of ${expected.samples}` : body
    })
    const { expected } = report as { expected?: { samples: number; equal: number } }
    if (report.bitExact.equal < report.bitExact.samples || (expected && expected.equal < expected.samples))
      process.exitCode = 1
  })
}

function inferAction(path: string, options: DeviceOptions, command: Command) {
  return withSession(command, async (session) => {
    const device = options.device === 'host' ? 'host' : resolveDevice(options.device)
    const request = { ...options, path, device, recipe: await optionalRecipe(options) }
    const outputs = await session.app.services.packs.infer(request, eventsOf(session))
    await writeOutput(options.out, outputsAsNpz(outputs))
    const document = {
      path: options.out,
      device,
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, { shape, data }]) => [
          name,
          { shape, dtype: data instanceof Int8Array ? 'int8' : 'float32' },
        ]),
      ),
    }
    session.output.result(document, () => `Wrote ${options.out}: ${Object.keys(outputs).join(', ')}`)
  })
}

async function measureRequest(path: string, options: DeviceOptions): Promise<MeasureRequest> {
  if (options.device === 'host')
    throw new AppError('usage.invalid', { problem: 'host is no device; it can only validate and infer.' })
  const { expect, ...others } = options
  return {
    ...{ ...others, path, device: resolveDevice(options.device), recipe: await optionalRecipe(options) },
    ...(expect !== undefined && { expect: await expectedFile(expect) }),
  }
}

async function expectedFile(path: string): Promise<ExpectedFile> {
  const bytes = await readFile(path).catch((cause) => {
    throw new AppError('usage.missingFile', { path }, { cause })
  })
  return { name: path, bytes: new Uint8Array(bytes) }
}

function eventsOf({ output, signal }: CliSession): RunEvents {
  return {
    signal,
    progress: (stage, fraction, note) =>
      output.progress(`${stage.padEnd(9)} ${String(Math.round(fraction * 100)).padStart(3)} %  ${textOf(note)}`),
    log: (line) => output.note(line),
  }
}

const optionalRecipe = async ({ recipe }: CompressOptions) => (recipe === undefined ? undefined : recipeText(recipe))
