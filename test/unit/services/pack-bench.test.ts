// A pack by itself: added, measured on the twin over data of the workspace, its outputs and its library fetched.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../../src-main/app.ts'
import type { Api } from '../../../src-main/contract/contract.ts'
import { deviceId, packId } from '../../../src-main/contract/ids.ts'
import type { PackFacts, PackResult } from '../../../src-main/contract/pack.ts'
import { readNpz, writeNpz } from '../../../src-main/data/npz.ts'
import { encodeFile } from '../../../src-main/services/encoding.ts'
import { repository } from '../../support/cli.ts'
import { smallPack } from '../../support/small-pack.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const samples = 6
const twin = deviceId.parse('twin')

describe('packs of the workspace', () => {
  const folder = temporaryFolder()
  let app: App
  let api: Api
  let pack: PackFacts

  beforeAll(async () => {
    app = await createApp({
      workspace: folder.file('workspace'),
      host: 'electron',
      workerUrl: new URL('../../../src-main/hosts/worker/main.ts', import.meta.url),
      version: '0.0.0-test',
    })
    api = createRouterClient(app.router)
    writeFileSync(folder.file('small.shoe'), smallPack().pack)
    writeFileSync(
      folder.file('set.npz'),
      writeNpz({
        x: {
          dtype: 'f32',
          shape: [samples, 1, 8, 8],
          data: Float32Array.from({ length: samples * 64 }, (_, i) => (i % 19) / 4),
        },
        y: { dtype: 'u8', shape: [samples], data: Uint8Array.from({ length: samples }, (_, i) => i % 10) },
      }),
    )
    pack = await api.packs.add({ source: { kind: 'path', path: folder.file('small.shoe') } })
  })
  afterAll(async () => {
    await app[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  async function work(request: Omit<Parameters<Api['packs']['start']>[0], 'pack' | 'device'>) {
    const { job } = await api.packs.start({ pack: pack.id, device: twin, ...request })
    for await (const each of await api.jobs.watch({ id: job })) if (each.error) throw new Error(each.error.message)
    return (await api.packs.results({ id: pack.id })).find((result) => result.job === job)!
  }

  async function outputsOf({ job }: Pick<PackResult, 'job'>) {
    const npz = await api.packs.outputs({ id: pack.id, job })
    writeFileSync(folder.file('outputs.npz'), new Uint8Array(await npz.data.arrayBuffer()))
    const found = await readNpz(folder.file('outputs.npz'))
    expect([...found.keys()]).toEqual(['y'])
    return found.get('y')!
  }

  test('says what it is, and is kept once', async () => {
    expect(pack).toMatchObject({
      ...{ name: 'small.shoe', modelName: 'small', operators: 3, codecs: [] },
      kinds: ['conv2d', 'fullyConnected', 'table'],
      inputs: [{ name: 'x', shape: [1, 1, 8, 8] }],
    })
    const again = await api.packs.add({ source: { kind: 'path', path: folder.file('small.shoe') } })
    expect(again).toEqual(pack)
    expect(await api.packs.list()).toEqual([pack])
  })

  test('is put on the device', async () => {
    const { deployment, measures, deviceName } = await work({ task: 'deploy' })
    expect({ deployment, measures, deviceName }).toMatchObject({ deployment: { uploaded: true }, measures: null })
  })

  test('is measured without data', async () => {
    const { measures } = await work({ task: 'bench', runs: 3 })
    expect(measures).toMatchObject({
      ...{ latency: { n: 3 }, quality: { device: null, twin: null }, bitExact: { samples: 1, equal: 1 } },
      flash: { packBytes: pack.bytes },
    })
    expect(measures!.operators.map(({ name }) => name)).toEqual(['conv', 'act', 'fc'])
  })

  test('is validated over data, and gives its outputs', async () => {
    const data = await api.data.add({ source: { kind: 'path', path: folder.file('set.npz') } })
    const { measures, dataName } = await work({ task: 'validate', data: data.id })
    expect(dataName).toBe('set.npz')
    expect(measures).toMatchObject({ bitExact: { samples, equal: samples }, quality: { device: { n: samples } } })

    const { data: all } = await outputsOf(await work({ task: 'infer', data: data.id }))
    const rows = Int8Array.from(all, Number)
    writeFileSync(folder.file('expected.bin'), rows)
    const request = {
      task: 'validate',
      data: data.id,
      expect: { kind: 'path', path: folder.file('expected.bin') },
    } as const
    expect((await work(request)).measures!.expected).toEqual({ samples, equal: samples, firstDifferent: null })
    rows[23]! ^= 1
    writeFileSync(folder.file('expected.bin'), rows)
    expect((await work(request)).measures!.expected).toEqual({ samples, equal: samples - 1, firstDifferent: 2 })

    const { job, outputs } = await work({ task: 'infer', data: data.id, limit: 4 })
    expect(outputs!.tensors).toEqual([{ name: 'y', shape: [4, 10], dtype: 'int8' }])
    expect((await outputsOf({ job })).data.length).toBe(40)
  })

  test('is stored for another goal as the command line does it, and back again', async () => {
    const events = { signal: new AbortController().signal, progress: () => {}, log: () => {} }
    const sample = (name: string) => join(repository, 'resources/samples', name)
    const request = { path: sample('gestures.onnx'), data: sample('gestures-test.npz'), limit: 64 }
    const { pack: plain } = await app.services.packs.pack({ ...request, encoding: 'int8' }, events)
    writeFileSync(folder.file('gestures.shoe'), plain)
    const before = await api.packs.add({ source: { kind: 'path', path: folder.file('gestures.shoe') } })
    const made = await api.packs.repack({ id: before.id, encoding: 'smallest' })
    const alone = await app.services.packs.lossless({ path: folder.file('gestures.shoe') }, events)
    const { data } = await api.packs.file({ id: made.id })
    expect(new Uint8Array(await data.arrayBuffer())).toEqual(new Uint8Array(alone!.pack))
    expect(made.name).toBe('gestures-smallest.shoe')
    expect(made.bytes).toBeLessThan(before.bytes)
    expect(await api.packs.repack({ id: made.id, encoding: 'int8' })).toEqual(before)
    for (const { id } of [made, before]) await api.packs.remove({ id })
  })

  test('is itself again when its weights are too few to code', async () => {
    expect(await api.packs.repack({ id: pack.id, encoding: 'smallest' })).toEqual(pack)
  })

  test('what cannot start says so at once', async () => {
    await expect(work({ task: 'validate' })).rejects.toThrow('validate needs data')
    await expect(api.packs.get({ id: packId.parse('0'.repeat(64)) })).rejects.toThrow('There is no pack')
    await expect(api.packs.outputs({ id: pack.id, job: '../pack' as never })).rejects.toThrow('There is no result')
  })

  test('a container of weights is told apart', async () => {
    const out = folder.file('weights.shoe')
    await encodeFile(
      { path: folder.file('set.npz'), out },
      { signal: new AbortController().signal, progress: () => {} },
    )
    await expect(api.packs.add({ source: { kind: 'path', path: out } })).rejects.toMatchObject({
      data: { code: 'pack.weightsOnly' },
    })
  })

  test('what is no pack is refused, a folder too', async () => {
    mkdirSync(folder.file('folder'))
    writeFileSync(folder.file('empty.shoe'), '')
    const codeOf = (name: string) =>
      api.packs.add({ source: { kind: 'path', path: folder.file(name) } }).catch(({ data }) => data.code)
    expect([await codeOf('folder'), await codeOf('set.npz'), await codeOf('empty.shoe')]).toEqual([
      'usage.invalid',
      'pack.malformed',
      'pack.malformed',
    ])
  })

  test('the kernels of this machine are checked as a job, and found right', { timeout: 120_000 }, async () => {
    const { job } = await api.kernels.test()
    for await (const each of await api.jobs.watch({ id: job })) if (each.error) throw new Error(each.error.message)
    const rows = await api.kernels.tested({ job })
    expect(rows.map(({ backend }) => backend)).toEqual(expect.arrayContaining(['reference', 'cpu']))
    expect(rows.filter(({ failed }) => failed > 0)).toEqual([])
  })

  test('becomes a library, a file, and goes', async () => {
    const library = await api.packs.library({ id: pack.id, as: 'c' })
    expect(library.fileName).toMatch(/-c\.zip$/)
    const file = await api.packs.file({ id: pack.id })
    expect([file.fileName, file.data.size]).toEqual(['small.shoe', pack.bytes])
    await api.packs.remove({ id: pack.id })
    expect(await api.packs.list()).toEqual([])
  })
})
