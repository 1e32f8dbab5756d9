// One job of encoding or decoding, as plain data that crosses a thread border, and its execution.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { say } from '../base/note.ts'
import { type ByteSource, fileSource } from '../base/source.ts'
import type { EncodedResult, EncodingKind } from '../contract/encoding.ts'
import { readHead } from '../formats/container/decode.ts'
import { decodeFile, encodeFile } from './encoding.ts'
import type { RunEvents } from './run/run-input.ts'

export interface EncodingTask {
  readonly task: EncodingKind
  readonly path: string
  /** Of the file, as the user calls it. */
  readonly name: string
  /** Where what comes out is put; made when missing. */
  readonly folder: string
  readonly as: 'npz' | null
}

export type EncodingOutput = Omit<EncodedResult, 'job' | 'endedAt'>

/** A screen shows no more, and the record is read whole. */
const mostTensors = 2000
const stem = (name: string) => name.replace(/\.[^.]*$/, '') || name

export async function executeEncoding(
  task: EncodingTask,
  { clock, events }: { readonly clock: Clock; readonly events: RunEvents },
): Promise<EncodingOutput> {
  mkdirSync(task.folder, { recursive: true })
  const startMs = clock.nowMs()
  const progress = (done: number, total: number) =>
    events.progress(task.task === 'encode' ? 'compress' : 'import', done / Math.max(1, total), noteOf(done, total))
  const through = { signal: events.signal, progress }
  const output = task.task === 'encode' ? await encodeTask(task, through) : await decodeTask(task, through)
  return { ...output, durationMs: clock.nowMs() - startMs }
}

type Through = Parameters<typeof encodeFile>[1]

async function encodeTask({ path, name, folder }: EncodingTask, through: Through) {
  const out = `${stem(name)}.shoe`
  const { byTensor, format, originalBytes, encodedBytes, sha256 } = await encodeFile(
    { path, out: join(folder, out) },
    through,
  )
  const largest = byTensor.toSorted((a, b) => b.originalBytes - a.originalBytes)
  return {
    kind: 'encode' as const,
    name,
    format,
    originalBytes,
    encodedBytes,
    sha256,
    tensors: largest.slice(0, mostTensors).map((tensor) => ({
      ...tensor,
      shape: [...tensor.shape],
      codings: [...tensor.codings],
      trials: [...tensor.trials],
    })),
    moreTensors: Math.max(0, largest.length - mostTensors),
    files: [{ path: out, bytes: encodedBytes }],
  }
}

async function decodeTask({ path, name, folder, as }: EncodingTask, through: Through) {
  const { format, beside } = withSource(path, readHead)
  const kind = as ?? format
  // files beside a model keep their names, which the model knows; its own is free
  const taken = new Set(as ? [] : beside.map((file) => file.path))
  let out = `${stem(name)}.${kind}`
  while (taken.has(out)) out = `model-${out}`
  const done = await decodeFile({ path, out: join(folder, out), ...(as ? { as } : {}) }, through)
  const paths = [out, ...taken]
  return {
    kind: 'decode' as const,
    name,
    format,
    originalBytes: done.originalBytes,
    encodedBytes: done.encodedBytes,
    sha256: done.sha256,
    tensors: [],
    moreTensors: 0,
    files: paths.map((file) => ({ path: file, bytes: withSource(join(folder, file), ({ size }) => size) })),
  }
}

function withSource<T>(path: string, use: (source: ByteSource) => T): T {
  const source = fileSource(path)
  try {
    return use(source)
  } finally {
    source.close()
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)
const noteOf = (done: number, total: number) => say`${megabytes(done)} of ${megabytes(total)} MB`
