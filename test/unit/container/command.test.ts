// encode and decode as a user runs them.
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bytesOf } from '../../../src-main/base/bytes.ts'
import { sha256 } from '../../../src-main/base/hash.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { readNpz } from '../../../src-main/data/npz.ts'
import { decodeFile, encodeFile } from '../../../src-main/services/encoding.ts'
import { makeLargeOnnx, runMeasured } from '../../bench/large-file.ts'
import { repository, runCli, runJson } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const quiet = () => ({ signal: new AbortController().signal, progress: () => undefined })

test('a model comes back bit for bit, and as npz by name', async () => {
  using folder = temporaryFolder()
  const [model, packed, back, npz] = ['m.onnx', 'm.shoe', 'b.onnx', 'b.npz'].map((name) => folder.file(name)) as [
    string,
    string,
    string,
    string,
  ]
  const workspace = ['--workspace', folder.file('workspace')]
  makeLargeOnnx(model, 3e5)
  const original = readFileSync(model)
  const encoded = await runJson('encode', model, '--out', packed, ...workspace)
  expect(encoded).toMatchObject({
    path: packed,
    format: 'onnx',
    tensors: 1,
    originalBytes: original.length,
    encodedBytes: readFileSync(packed).length,
    sha256: sha256(original),
  })
  await runJson('decode', packed, '--out', back, ...workspace)
  expect(sha256(readFileSync(back))).toBe(sha256(original))
  await runJson('decode', packed, '--out', npz, '--as', 'npz', ...workspace)
  const weights = (await readNpz(npz)).get('w0')!
  expect(weights).toMatchObject({ dtype: 'f32', shape: [73, 1024] })
  if (weights.dtype !== 'text') expect(original.includes(Buffer.from(bytesOf(weights.data)))).toBe(true)
})

test('what is no container, damaged, or not there, is refused in a sentence, and leaves nothing behind', async () => {
  using folder = temporaryFolder()
  const [model, packed, out] = ['m.onnx', 'm.shoe', 'out.onnx'].map((name) => folder.file(name)) as [
    string,
    string,
    string,
  ]
  makeLargeOnnx(model, 3e5)
  await encodeFile({ path: model, out: packed }, quiet())
  const bytes = readFileSync(packed)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(packed, bytes)
  const cases = [
    [packed, 'pack.container'],
    [model, 'pack.container'],
    [folder.file('absent'), 'usage.missingFile'],
  ] as const
  for (const [path, code] of cases) await expect(decodeFile({ path, out }, quiet())).rejects.toMatchObject({ code })
  await expect(encodeFile({ path: model, out: model }, quiet())).rejects.toMatchObject({ code: 'usage.invalid' })
  await expect(encodeFile({ path: folder.path, out }, quiet())).rejects.toMatchObject({ code: 'usage.invalid' })
  await expect(encodeFile({ path: model, out: folder.file('no/out') }, quiet())).rejects.toMatchObject({
    code: 'usage.invalid',
  })
  expect(readdirSync(folder.path).sort()).toEqual(['m.onnx', 'm.shoe'])
  const { status, stderr } = await runCli('decode', packed, '--out', out, '--workspace', folder.file('workspace'))
  expect(status).toBe(3)
  expect(stderr).toContain('error pack.container: m.shoe cannot be decoded')
})

test('cancelling leaves nothing behind', async () => {
  using folder = temporaryFolder()
  makeLargeOnnx(folder.file('m.onnx'), 2e7)
  const controller = new AbortController()
  const events = { signal: controller.signal, progress: () => controller.abort() }
  const job = encodeFile({ path: folder.file('m.onnx'), out: folder.file('m.shoe') }, events)
  await expect(job).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(readdirSync(folder.path)).toEqual(['m.onnx'])
})

/** A limit on the size of files is what a full disk looks like to a process, and needs no rights. */
test.skipIf(process.platform === 'win32')('a full disk leaves no half file and no scratch file', () => {
  using folder = temporaryFolder()
  makeLargeOnnx(folder.file('m.onnx'), 2e6)
  writeFileSync(folder.file('m.shoe'), 'what was there before')
  const url = new URL('../../../src-main/services/encoding.ts', import.meta.url).href
  const script = `
    const { encodeFile } = await import(${JSON.stringify(url)})
    const events = { signal: new AbortController().signal, progress() {} }
    await encodeFile({ path: 'm.onnx', out: 'm.shoe' }, events).catch(({ code, data }) => console.log(code, data.path))`
  const limited = spawnSync(
    'sh',
    ['-c', 'ulimit -f 100; exec "$0" --input-type=module -e "$1"', process.execPath, script],
    {
      cwd: folder.path,
      encoding: 'utf8',
    },
  )
  expect(limited.stdout).toBe('store.full m.shoe\n')
  expect(readFileSync(folder.file('m.shoe'), 'utf8')).toBe('what was there before')
  expect(readdirSync(folder.path).sort()).toEqual(['m.onnx', 'm.shoe'])
})

test('a file of 300 MB takes a bounded amount of memory', async () => {
  using folder = temporaryFolder()
  const [model, packed, back] = ['m.onnx', 'm.shoe', 'b.onnx'].map((name) => folder.file(name)) as [
    string,
    string,
    string,
  ]
  makeLargeOnnx(model, 3e8)
  const workspace = ['--workspace', folder.file('workspace')]
  const idle = await runMeasured('--help')
  const encode = await runMeasured('encode', model, '--out', packed, ...workspace)
  const decode = await runMeasured('decode', packed, '--out', back, ...workspace)
  expect([encode.status, decode.status]).toEqual([0, 0])
  // the command line's own memory aside: buffers, the codec's 20 MB, and what the collector has not seen yet
  expect(encode.peakBytes - idle.peakBytes).toBeLessThan(1e8)
  expect(decode.peakBytes - idle.peakBytes).toBeLessThan(1e8)
  execFileSync('cmp', [model, back], { cwd: repository })
}, 180_000)

test('an npz of NumPy, stored or deflated, comes back', async () => {
  const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0
  if (!hasNumpy) return console.log('NumPy is not installed: its npz files are not tested here.')
  using folder = temporaryFolder()
  const values = Buffer.from(Float32Array.from({ length: 9000 }, () => seededRandom(3).normal()).buffer)
  writeFileSync(folder.file('raw'), values)
  const script = `import numpy as np
x = np.fromfile("raw", np.float32)
for save, name in ((np.savez, "stored.npz"), (np.savez_compressed, "deflated.npz")):
    save(name, a=x.reshape(90, 100), b=x.astype(np.float16), c=np.arange(300), d=np.float64(3), e=np.zeros((0, 4)), f=np.asfortranarray(x.reshape(90, 100)), g=np.array(["text"]))`
  execFileSync('python3', ['-c', script], { cwd: folder.path })
  for (const name of ['stored.npz', 'deflated.npz']) {
    await encodeFile({ path: folder.file(name), out: folder.file('x.shoe') }, quiet())
    await decodeFile({ path: folder.file('x.shoe'), out: folder.file('back.npz') }, quiet())
    expect(sha256(readFileSync(folder.file('back.npz')))).toBe(sha256(readFileSync(folder.file(name))))
  }
})
