// export on the command line and through the contract, on the sample model.
import { existsSync, readFileSync } from 'node:fs'
import { createRouterClient } from '@orpc/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { memorySource } from '../../src-main/base/source.ts'
import { runId } from '../../src-main/contract/ids.ts'
import { readZip } from '../../src-main/data/zip.ts'
import { openApp } from '../../src-main/hosts/cli/session.ts'
import { runCli, runJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const workspace = folder.file('workspace')
const model = 'resources/samples/gestures.onnx'
const data = ['--data', 'resources/samples/gestures-test.npz', '--preprocess', JSON.stringify({ scale: 0.03125 })]
const pack = folder.file('gestures.shoe')
const shoehorn = (...args: string[]) => runJson(...args, '--workspace', workspace)
const refused = async (...args: string[]) => {
  const { status, stderr } = await runCli('export', ...args, '--workspace', workspace)
  return { status, error: stderr.match(/error (\S+):/)?.[1] }
}

beforeAll(() => shoehorn('compress', model, ...data, '--out', pack), 120_000)

const exported = z.object({
  name: z.string(),
  files: z.array(z.string()),
  operators: z.array(z.string()),
  packBytes: z.number(),
  arenaBytes: z.number(),
  sizes: z.array(z.object({ core: z.string(), codeBytes: z.number(), flashBytes: z.number() })).nullable(),
})

test('a folder, with the flash of the code where a compiler is', { timeout: 120_000 }, async () => {
  const out = folder.file('library')
  const found = exported.parse(await shoehorn('export', pack, '--as', 'zephyr', '--out', out, '--name', 'Hand Signs'))
  expect(found).toMatchObject({ name: 'hand_signs', packBytes: readFileSync(pack).length })
  expect(found.files.filter((path) => !existsSync(`${out}/${path}`))).toEqual([])
  for (const { codeBytes, flashBytes } of found.sizes ?? []) {
    expect(flashBytes).toBe(codeBytes + found.packBytes)
    expect(codeBytes).toBeGreaterThan(3000)
    expect(codeBytes).toBeLessThan(20_000)
  }
  expect(await refused(pack, '--as', 'c', '--out', out)).toEqual({ status: 2, error: 'usage.invalid' })
})

test('a zip archive, under the name of the library', { timeout: 60_000 }, async () => {
  const out = folder.file('library.zip')
  const { name, files } = exported.parse(await shoehorn('export', pack, '--as', 'arduino', '--out', out))
  const members = readZip(memorySource(out, new Uint8Array(readFileSync(out))), out)
  expect(members.map((member) => member.name)).toEqual(files.map((path) => `${name}/${path}`))
})

test('what is no pack, and a pack as ONNX, are refused', { timeout: 60_000 }, async () => {
  expect(await refused(model, '--as', 'c', '--out', folder.file('x'))).toEqual({ status: 2, error: 'usage.invalid' })
  expect(await refused(pack, '--as', 'onnx', '--out', folder.file('x'))).toEqual({ status: 2, error: 'usage.invalid' })
})

test('ONNX with QuantizeLinear, as accurate as the model', { timeout: 120_000 }, async () => {
  const out = folder.file('gestures-int8.onnx')
  const found = await shoehorn('export', model, '--as', 'onnx', '--recipe', 'int8', ...data, '--out', out)
  expect(found).toMatchObject({ as: 'onnx', bytes: readFileSync(out).length })
  expect(readFileSync(out).includes('DequantizeLinear')).toBe(true)
  const measured = z.object({ quality: z.object({ original: z.object({ top1: z.number() }) }) })
  const { quality } = measured.parse(await shoehorn('validate', out, ...data, '--device', 'host'))
  expect(quality.original.top1).toBeGreaterThan(0.94)
})

test('the pack of a run, through the contract', { timeout: 120_000 }, async () => {
  const document = await shoehorn('run', model, ...data, '--device', 'twin', '--device-samples', '2')
  const { id } = z.object({ id: runId }).parse(document)
  await using app = await openApp(workspace, 'cli')
  const api = createRouterClient(app.router)
  const { fileName, data: archive } = await api.export.library({ run: id, as: 'c' })
  const members = readZip(memorySource(fileName, new Uint8Array(await archive.arrayBuffer())), fileName)
  expect({ fileName, makefile: members.some(({ name }) => name === 'gestures/Makefile') }).toEqual({
    fileName: 'gestures-c.zip',
    makefile: true,
  })
})
