import { expect, test } from 'vitest'
import { assertSingleBatch } from '../../../src-main/services/run/compress.ts'
import { makeGraph, scalar } from '../passes/graphs.ts'

const withBatch = (batch: string | number) =>
  makeGraph({ inputs: { x: [batch, 2] }, outputs: 'y', constants: { one: scalar(1) }, nodes: [['Add', 'x one', 'y']] })

test('a model that takes several samples at a time is refused before anything is done', () => {
  expect(() => assertSingleBatch(withBatch(8))).toThrow('x takes 8 samples at a time')
  for (const batch of ['N', 1]) assertSingleBatch(withBatch(batch))
})
