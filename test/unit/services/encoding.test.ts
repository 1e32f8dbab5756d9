// Encoding and decoding as jobs, through the contract and in a worker thread, as the interface asks for them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type App, createApp } from '../../../src-main/app.ts'
import { bytesOf } from '../../../src-main/base/bytes.ts'
import { sha256 } from '../../../src-main/base/hash.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import type { Api } from '../../../src-main/contract/contract.ts'
import type { EncodedResult, EncodingRequest } from '../../../src-main/contract/encoding.ts'
import type { JobId, UploadId } from '../../../src-main/contract/ids.ts'
import { readNpz } from '../../../src-main/data/npz.ts'
import { writeNpzFile } from '../../../src-main/formats/container/npz-write.ts'
import { makeExternalOnnx, makeLargeOnnx } from '../../bench/large-file.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/workspace.ts'

const workerUrl = new URL('../../../src-main/hosts/worker/main.ts', import.meta.url)
let folder: TemporaryFolder
let app: App
let api: Api

async function openApp() {
  app = await createApp({ workspace: folder.file('workspace'), workerUrl, host: 'electron', version: '0' })
  api = createRouterClient(app.router)
}
beforeEach(async () => {
  folder = temporaryFolder()
  await openApp()
})
afterEach(async () => {
  await app[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const fromPath = (path: string) => ({ kind: 'path' as const, path })

async function ended(job: JobId) {
  for await (const state of await api.jobs.watch({ id: job })) if (state.endedAt) return state
  throw new Error('the job did not end')
}

async function run(request: EncodingRequest): Promise<EncodedResult> {
  const { job } = await api.encoding.start(request)
  expect(await ended(job)).toMatchObject({ state: 'done', error: null })
  return await api.encoding.get({ job })
}

async function download({ job }: EncodedResult, file: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for (let offset = 0; ; offset += parts.at(-1)!.length) {
    const { data } = await api.encoding.read({ job, file, offset })
    if (data.size === 0) return Buffer.concat(parts)
    parts.push(new Uint8Array(await data.arrayBuffer()))
  }
}

async function upload(files: Readonly<Record<string, Uint8Array>>): Promise<UploadId> {
  const all = Object.entries(files)
  const { id } = await api.uploads.begin({ files: all.map(([path, data]) => ({ path, bytes: data.length })) })
  for (const [file, [, data]] of all.entries())
    await api.uploads.chunk({ id, file, offset: 0, data: new Blob([Uint8Array.from(data)]) })
  return id
}

const leftOver = () => readdirSync(folder.file('workspace/encodings'))
const uploadsLeft = () => readdirSync(folder.file('workspace/uploads'))

test('a model by path becomes a container, and that the model again', async () => {
  makeLargeOnnx(folder.file('net.onnx'), 3e6)
  const original = readFileSync(folder.file('net.onnx'))
  const encoded = await run({ kind: 'encode', source: fromPath(folder.file('net.onnx')) })
  const container = await download(encoded, 0)
  expect(encoded).toMatchObject({
    kind: 'encode',
    name: 'net.onnx',
    format: 'onnx',
    originalBytes: original.length,
    encodedBytes: container.length,
    sha256: sha256(original),
    files: [{ path: 'net.shoe', bytes: container.length }],
    tensors: [{ name: 'w0', dtype: 'f32', codings: ['f32'] }],
    moreTensors: 0,
  })
  const [tensor] = encoded.tensors
  expect(tensor!.encodedBytes).toBeLessThan(0.9 * tensor!.originalBytes)
  expect(tensor!.trials).toEqual([
    { name: 'raw', bytes: tensor!.originalBytes },
    { name: 'f32', bytes: tensor!.encodedBytes },
  ])

  const again = await run({ kind: 'decode', source: { kind: 'result', job: encoded.job } })
  expect(again.files).toEqual([{ path: 'net.onnx', bytes: original.length }])
  await api.encoding.remove({ job: again.job })

  writeFileSync(folder.file('moved.shoe'), container)
  const decoded = await run({ kind: 'decode', source: fromPath(folder.file('moved.shoe')) })
  expect(decoded).toMatchObject({ kind: 'decode', files: [{ path: 'moved.onnx', bytes: original.length }] })
  expect(sha256(await download(decoded, 0))).toBe(sha256(original))
  expect((await api.encoding.list()).map(({ job }) => job)).toEqual([decoded.job, encoded.job])

  await api.encoding.remove({ job: encoded.job })
  await expect(api.encoding.get({ job: encoded.job })).rejects.toMatchObject({ data: { code: 'store.notFound' } })
  expect(leftOver()).toEqual([decoded.job])
})

test('integers are listed under each codec, and the choice is the smallest', async () => {
  const random = seededRandom(5)
  const data = Int8Array.from({ length: 6000 }, () => (random.below(4) > 0 ? 0 : random.below(13) - 6))
  const parts: Uint8Array[] = []
  const read = (at: number, count: number) => bytesOf(data).subarray(at, at + count)
  const tensor = { name: 'w', dtype: 'i8' as const, shape: [60, 100], bytes: data.length, read }
  writeNpzFile([tensor], (part) => parts.push(Uint8Array.from(part)))
  writeFileSync(folder.file('w.npz'), Buffer.concat(parts))
  const { tensors } = await run({ kind: 'encode', source: fromPath(folder.file('w.npz')) })
  const trials = new Map(tensors[0]!.trials.map(({ name, bytes }) => [name, bytes]))
  const named = ['raw', 'byte', 'int8', 'int4', 'bitmap', 'relative', 'codebook', 'huffman', 'rans', 'arithmetic']
  expect([...trials.keys()]).toEqual(named)
  expect(trials.get('int4')).toBe(3000)
  expect(trials.get(tensors[0]!.codings[0]!)).toBe(Math.min(...trials.values()))
})

test('a model with files beside it comes by upload, and all come back; the upload is gone', async () => {
  const names = ['net.onnx', ...makeExternalOnnx(folder.file('net.onnx'), 3e5, 1 << 17)]
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(folder.file(name))]))
  const encoded = await run({ kind: 'encode', source: { kind: 'upload', upload: await upload(files) } })
  const container = { 'net.shoe': await download(encoded, 0) }
  const decoded = await run({ kind: 'decode', source: { kind: 'upload', upload: await upload(container) } })
  expect(decoded.files.map(({ path }) => path)).toEqual(names)
  for (const [i, name] of names.entries()) expect(sha256(await download(decoded, i))).toBe(sha256(files[name]!))

  const asNpz = { kind: 'decode', as: 'npz', source: { kind: 'upload', upload: await upload(container) } } as const
  const npz = await run(asNpz)
  expect(npz.files.map(({ path }) => path)).toEqual(['net.npz'])
  writeFileSync(folder.file('w.npz'), await download(npz, 0))
  expect([...(await readNpz(folder.file('w.npz'))).keys()]).toEqual(['w0', 'w1', 'w2'])
  await expect.poll(uploadsLeft).toEqual([])
})

test.each([
  ['encode', 'notes.txt', 'no network', 'model.noWeights'],
  ['decode', 'notes.shoe', 'no container', 'pack.container'],
] as const)('%s of %s fails with a sentence, and leaves nothing', async (kind, name, text, code) => {
  const source = { kind: 'upload', upload: await upload({ [name]: Buffer.from(text) }) } as const
  const { job } = await api.encoding.start({ kind, source })
  expect(await ended(job)).toMatchObject({ state: 'failed', error: { code } })
  await expect.poll(() => [leftOver(), uploadsLeft()]).toEqual([[], []])
})

test('a container that was cut short, or has one bit wrong, is refused', async () => {
  makeLargeOnnx(folder.file('net.onnx'), 3e5)
  const container = await download(await run({ kind: 'encode', source: fromPath(folder.file('net.onnx')) }), 0)
  const flipped = Uint8Array.from(container)
  flipped[container.length >> 1]! ^= 1
  for (const bytes of [container.subarray(0, container.length - 100), flipped]) {
    writeFileSync(folder.file('bad.shoe'), bytes)
    const { job } = await api.encoding.start({ kind: 'decode', source: fromPath(folder.file('bad.shoe')) })
    expect(await ended(job)).toMatchObject({ state: 'failed', error: { code: 'pack.container' } })
  }
})

test('cancelling ends the job and leaves nothing', async () => {
  makeLargeOnnx(folder.file('net.onnx'), 2e8)
  const { job } = await api.encoding.start({ kind: 'encode', source: fromPath(folder.file('net.onnx')) })
  expect(await api.encoding.open()).toEqual([job])
  for await (const { progress } of await api.jobs.watch({ id: job }))
    if (progress !== null && progress.fraction > 0) break
  await api.jobs.cancel({ id: job })
  expect(await ended(job)).toMatchObject({ state: 'cancelled', progress: { stage: 'compress' } })
  await expect.poll(leftOver).toEqual([])
  expect(await api.encoding.open()).toEqual([])
  await expect(api.encoding.get({ job })).rejects.toMatchObject({ data: { code: 'store.notFound' } })
})

test('results outlive the app, what a dead process left does not', async () => {
  makeLargeOnnx(folder.file('net.onnx'), 3e5)
  const encoded = await run({ kind: 'encode', source: fromPath(folder.file('net.onnx')) })
  await app[Symbol.asyncDispose]()
  mkdirSync(folder.file('workspace/encodings/0000/files'), { recursive: true })
  await openApp()
  expect(await api.encoding.list()).toEqual([encoded])
  expect(leftOver()).toEqual([encoded.job])
  expect(existsSync(join(folder.path, 'net.onnx'))).toBe(true)
})

/** A limit on the size of files is what a full disk looks like to a process; that of 4 MB leaves room for the database. */
test.skipIf(process.platform === 'win32')('a full disk fails the job and leaves nothing', async () => {
  makeLargeOnnx(folder.file('net.onnx'), 2e7)
  const appUrl = new URL('../../../src-main/app.ts', import.meta.url)
  const script = `
    const { createApp } = await import(${JSON.stringify(appUrl.href)})
    const workerUrl = new URL(${JSON.stringify(workerUrl.href)})
    await using app = await createApp({ workspace: 'other', workerUrl, host: 'electron', version: '0' })
    const { encoding, jobs } = app.services
    const job = await encoding.start({ kind: 'encode', source: { kind: 'path', path: 'net.onnx' } })
    let last
    for await (const state of jobs.watch(job)) last = state
    console.log(last.state, last.error?.code, last.error?.next)`
  // in a file, because what is given with -e cannot start threads
  writeFileSync(folder.file('limited.mjs'), script)
  const limited = spawnSync('sh', ['-c', 'ulimit -f 8192; exec "$0" limited.mjs', process.execPath], {
    cwd: folder.path,
    encoding: 'utf8',
  })
  expect(limited).toMatchObject({ stdout: expect.stringMatching(/^failed store\.full \S/), status: 0 })
  expect(readdirSync(folder.file('other/encodings'))).toEqual([])
})

test('nobody reads beside the results', async () => {
  for (const job of ['../../net', '..', '.'] as JobId[])
    await expect(api.encoding.read({ job, file: 0, offset: 0 })).rejects.toMatchObject({
      data: { code: 'store.notFound' },
    })
})
