// Encoding and decoding as jobs: what every host but the command line starts, watches, cancels and fetches the result of.
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { EncodedResult, EncodingKind, EncodingRequest } from '../contract/encoding.ts'
import type { JobId } from '../contract/ids.ts'
import { isOpen } from '../contract/job.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { openEncodingResults } from './encoding-results.ts'
import type { EncodingOutput, EncodingTask } from './encoding-task.ts'
import { type LocalInput, openInput } from './file-input.ts'
import type { Uploads } from './uploads.ts'

export function encodingService(context: ServiceContext, uploads: Uploads) {
  const { store, jobs, clock } = context
  const results = openEncodingResults(join(store.workspace, 'encodings'), (id) => {
    const job = store.jobs.get(id)
    return job !== null && isOpen(job)
  })

  const open = new Set<JobId>()

  function enqueue({ kind, as }: EncodingRequest, path: string): JobId {
    const name = basename(path)
    const id = jobs.enqueue({
      title: kind === 'encode' ? say`Encoding ${name}` : say`Decoding ${name}`,
      projectId: null,
      request: { kind, path, as },
      input: async (): Promise<EncodingTask> => ({
        task: kind,
        path,
        name,
        folder: results.filesOf(id),
        as: as ?? null,
      }),
      finish: async (output) => ({
        runId: null,
        commit: () => results.keep({ ...(output as EncodingOutput), job: id, endedAt: isoNow(clock) }),
      }),
    })
    return id
  }

  /** Uploads go when the job has ended, however; what came out stays only if it is whole. */
  async function tidyAfter(job: JobId, input: LocalInput) {
    open.add(job)
    for await (const { state } of jobs.watch(job))
      if (state === 'failed' || state === 'cancelled' || state === 'interrupted') results.discard(job)
    open.delete(job)
    await input[Symbol.asyncDispose]()
  }

  async function inputOf({ source }: EncodingRequest): Promise<LocalInput> {
    if (source.kind !== 'result') return openInput(context, uploads, source)
    const path = results.pathOf(source.job, 0)
    return { path, name: basename(path), async [Symbol.asyncDispose]() {} }
  }

  return {
    async start(request: EncodingRequest): Promise<JobId> {
      const input = await inputOf(request)
      try {
        const job = enqueue(request, fileMeant(input.path, request.kind))
        // what cannot be removed now goes at the next start
        tidyAfter(job, input).catch(() => undefined)
        return job
      } catch (error) {
        await input[Symbol.asyncDispose]()
        throw error
      }
    },
    open: (): JobId[] => [...open],
    list: (): EncodedResult[] => results.list(),
    get: (job: JobId): EncodedResult => results.find(job),
    read: (job: JobId, file: number, offset: number) => results.read(job, file, offset),
    remove: (job: JobId) => results.remove(job),
  }
}

const endings: Readonly<Record<EncodingKind, RegExp>> = { encode: /\.(onnx|tflite|npz)$/i, decode: /\.shoe$/i }

/** Several files dropped together are a model and what lies beside it. */
function fileMeant(path: string, kind: EncodingKind): string {
  if (!statSync(path).isDirectory()) return path
  const found = readdirSync(path).filter((name) => endings[kind].test(name))
  if (found.length === 1) return join(path, found[0]!)
  const [name, wanted] = [basename(path), kind === 'encode' ? say`model or npz` : say`container`]
  const problem = found.length === 0 ? say`${name} holds no ${wanted}.` : say`${name} holds more than one ${wanted}.`
  throw new AppError('usage.invalid', { problem })
}
