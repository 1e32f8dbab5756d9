// compress, deploy, validate, bench, infer: one file, no workspace.
import type { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { sha256 } from '../../../base/hash.ts'
import { runReport } from '../../../contract/report.ts'
import { resolveDevice } from '../../../services/devices.ts'
import type { MeasureRequest } from '../../../services/packs.ts'
import { outputsAsNpz } from '../../../services/run/npz-output.ts'
import type { RunEvents } from '../../../services/run/run-input.ts'
import { type CompressOptions, recipeText, wholeNumber, withDataOptions, withRecipeOption } from '../options.ts'
import { formatBytes, formatPercent } from '../output.ts'
import { packText, runText } from '../run-text.ts'
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
  withRecipeOption(withDataOptions(compress))
    .option('--out <file>', 'the pack; left out, beside the name of the model')
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
  withRecipeOption(withDataOptions(withMeasuring(validate))).action(validateAction)

  const bench = program.command('bench <pack-or-model>').description('Latency, per-operator profile, memory.')
  withRecipeOption(withDataOptions(withMeasuring(bench))).action(
    (path: string, options: DeviceOptions, command: Command) =>
      withSession(command, async (session) => {
        const report = await session.app.services.packs.bench(await measureRequest(path, options), eventsOf(session))
        session.output.result(report, () => packText(report))
      }),
  )

  const infer = program.command('infer <pack-or-model>').description('Raw outputs of every sample, by tensor name.')
  withRecipeOption(withDataOptions(withDevice(infer)))
    .requiredOption('--out <file.npz>', 'where the outputs go')
    .action(inferAction)
}

function compressAction(path: string, options: CompressOptions & { out?: string }, command: Command) {
  return withSession(command, async (session) => {
    const request = { ...options, path, recipe: await optionalRecipe(options) }
    const { pack, origin } = await session.app.services.packs.pack(request, eventsOf(session))
    const out =
      options.out ??
      `${path
        .split(/[\\/]/)
        .at(-1)!
        .replace(/\.[^.]*$/, '')}.shoe`
    await writeOutput(out, pack)
    const document = { path: out, bytes: pack.length, sha256: sha256(pack), origin }
    session.output.result(document, () => `Wrote ${out}: ${formatBytes(pack.length)} bytes`)
  })
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
  return { ...options, path, device: resolveDevice(options.device), recipe: await optionalRecipe(options) }
}

function eventsOf({ output, signal }: CliSession): RunEvents {
  return {
    signal,
    progress: (stage, fraction, note) =>
      output.progress(`${stage.padEnd(9)} ${String(Math.round(fraction * 100)).padStart(3)} %  ${note}`),
    log: (line) => output.note(line),
  }
}

const optionalRecipe = async ({ recipe }: CompressOptions) => (recipe === undefined ? undefined : recipeText(recipe))
