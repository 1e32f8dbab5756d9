import { expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import { bestCodecs, decodeAll } from '../../../src-main/codecs/parallel.ts'
import { bestCodec, type IntTensor } from '../../../src-main/codecs/registry.ts'

function tensor(count: number, seed: number): IntTensor {
  const random = seededRandom(seed)
  const data = Int8Array.from({ length: count }, () => Math.round(random.normal() * seed))
  return { data, rows: 1, rowElements: count, inner: count }
}

const tensors = [tensor(200, 1), tensor(3000, 5), tensor(1, 2), tensor(900, 20), tensor(0, 3)]

test('threads give what one thread gives, in the order of the tensors', async () => {
  const done: number[] = []
  const choices = await bestCodecs(tensors, { threads: 2, onDone: (index) => done.push(index) })
  expect(choices).toEqual(tensors.map((one) => bestCodec(one)))
  expect(done.sort()).toEqual([0, 1, 2, 3, 4])
  const decoded = await decodeAll(
    choices.map((choice) => choice.best),
    { threads: 3 },
  )
  expect(decoded).toEqual(tensors.map((one) => one.data))
})

test('no tensors, no threads', async () => {
  expect(await bestCodecs([], { threads: 2 })).toEqual([])
})

test('a damaged tensor is refused as without threads', async () => {
  const [choice] = await bestCodecs([tensors[1]!], { threads: 1, names: ['huffman'] })
  const cut = { ...choice!.best, payload: choice!.best.payload.subarray(0, 9) }
  await expect(decodeAll([cut], { threads: 1 })).rejects.toMatchObject({ code: 'pack.coded' })
})

test('cancelling ends the threads', async () => {
  const abort = new AbortController()
  const running = bestCodecs([tensor(400_000, 30), tensor(400_000, 20)], { threads: 1, signal: abort.signal })
  abort.abort()
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
})
