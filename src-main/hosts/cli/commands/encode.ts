// encode and decode: weights alone, for storage and transfer; the file comes back bit for bit.
import type { Command } from 'commander'
import { Option } from 'commander'
import { type DecodingRequest, decodeFile, encodeFile } from '../../../services/encoding.ts'
import { formatBytes, type Output } from '../output.ts'
import { withSession } from '../session.ts'

interface EncodeOptions {
  readonly out: string
}

export function encodeCommands(program: Command) {
  program
    .command('encode <model-or-npz>')
    .description('Stores a model or an npz in fewer bytes, without changing one bit of it.')
    .requiredOption('--out <file.shoe>', 'the container')
    .action((path: string, { out }: EncodeOptions, command: Command) =>
      withSession(command, async ({ output, signal }) => {
        const startMs = performance.now()
        const done = await encodeFile({ path, out }, { signal, progress: progressOf(output, 'encode') })
        const ratio = done.originalBytes / done.encodedBytes
        const document = { path: out, ...done, ratio, durationMs: performance.now() - startMs }
        output.result(
          document,
          () =>
            `Wrote ${out}: ${formatBytes(done.encodedBytes)} bytes instead of ${formatBytes(done.originalBytes)}, ` +
            `${ratio.toFixed(3)} times smaller (${done.tensors} tensors, ${done.format}${withFiles(done.beside)}).`,
        )
      }),
    )

  program
    .command('decode <container>')
    .description('The file that encode was given, bit for bit.')
    .requiredOption('--out <file>', 'where it goes')
    .addOption(new Option('--as <kind>', 'npz: the tensors by name, instead of the file').choices(['npz']))
    .action((path: string, options: EncodeOptions & Pick<DecodingRequest, 'as'>, command: Command) =>
      withSession(command, async ({ output, signal }) => {
        const startMs = performance.now()
        const { out, as } = options
        const events = { signal, progress: progressOf(output, 'decode') }
        const done = await decodeFile({ path, out, ...(as ? { as } : {}) }, events)
        const document = { path: out, ...done, durationMs: performance.now() - startMs }
        const what = as ? `the tensors of the ${done.format} file` : `${formatBytes(done.originalBytes)} bytes`
        const files = as ? [] : done.beside.map(({ path: name, sha256 }) => `beside it ${name}, SHA-256 ${sha256}`)
        output.result(document, () => [`Wrote ${out}: ${what}, SHA-256 ${done.sha256}`, ...files].join('\n'))
      }),
    )
}

const withFiles = (beside: readonly unknown[]) =>
  beside.length === 0 ? '' : `, with ${beside.length} ${beside.length === 1 ? 'file' : 'files'} of weights beside it`

const progressOf = (output: Output, stage: string) => (done: number, total: number) =>
  output.progress(
    `${stage}  ${String(Math.floor((100 * done) / Math.max(1, total))).padStart(3)} %  ` +
      `${formatBytes(done)} of ${formatBytes(total)} bytes`,
  )
