import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createApp } from '../../../src-main/app.ts'
import { sizeAfter } from '../../../src-main/services/recipe-sizes.ts'
import { recipesService } from '../../../src-main/services/recipes.ts'
import { hasShared, sharedModel } from '../../support/shared.ts'
import { temporaryFolder } from '../../support/workspace.ts'

if (!hasShared) console.warn('the reference models are not here: only the sample model is estimated')

const layer = {
  node: 'fc',
  tensor: 'fc.weight',
  isLinear: true,
  elements: 8000,
  channels: 10,
  bits: 32,
  otherBytes: 40,
}

describe('the size of weights after steps', () => {
  test('8 bits take a byte a weight', () => {
    const after = sizeAfter([layer], [{ pass: 'quantize-int8', params: {} }])
    expect([after.weightsBytes, after.plainBytes, after.zeros]).toEqual([8000, 8000, 0])
  })

  test('half of them zero take the map and the other half', () => {
    const steps = [
      { pass: 'prune-magnitude', params: { sparsity: 0.5, minElements: 1024 } },
      { pass: 'quantize-int8', params: {} },
    ]
    const after = sizeAfter([layer], steps)
    // 1 bit of map and 4 bits of values for each.
    expect([after.weightsBytes, after.zeros]).toEqual([5000, 0.5])
  })

  test('layers are named by node or by tensor, small ones keep theirs, ends have their own bits', () => {
    const layers = [
      layer,
      { ...layer, node: 'b', tensor: 'b.w' },
      { ...layer, node: 'c', tensor: 'c.w', elements: 800 },
    ]
    const pruned = sizeAfter(layers, [
      { pass: 'prune-obs', params: { sparsity: 0.5, layers: { 'b.w': 0 }, minElements: 1024 } },
    ])
    const coded = sizeAfter(layers, [
      { pass: 'quantize-weights', params: { bits: 4, ends: 8, layers: { b: 'binary' } } },
    ])
    expect([pruned.zeros, coded.weightsBytes]).toEqual([4000 / 16_800, 8000 + 1000 + 800])
  })

  test('what samples decide is said to be open', () => {
    expect(sizeAfter([layer], [{ pass: 'factorize', params: { rank: 'energy' } }]).open).toEqual(['factorize'])
  })
})

describe('examining a recipe', () => {
  test('names the steps that cannot stand where they stand, and reads the others', () => {
    const { recipe, problems } = recipesService().examine('passes: [quantize-int8, remove-dead, fold-batch-norm]')
    expect(recipe.passes.map(({ pass }) => pass)).toEqual(['quantize-int8', 'remove-dead', 'fold-batch-norm'])
    expect(problems.map(({ step, error }) => [step, error.code])).toEqual([
      [0, 'recipe.order'],
      [2, 'recipe.order'],
    ])
  })
})

describe('the pack of 8 bits', () => {
  const workerUrl = new URL('../../../src-main/hosts/worker/main.ts', import.meta.url)
  const paths = [
    join(import.meta.dirname, '../../../resources/samples/gestures.onnx'),
    ...[
      'lenet-300-100.onnx',
      'lenet-5.onnx',
      'resnet8-cifar10.onnx',
      'mobilenetv2-cifar10.onnx',
      'kws_ref_model.tflite',
    ].map((name) => sharedModel(name)),
  ].filter((path) => existsSync(path))

  test('is estimated within 2 percent of what it takes', { timeout: 60_000 }, async () => {
    using folder = temporaryFolder()
    await using app = await createApp({ workspace: folder.path, workerUrl, host: 'cli', version: '0' })
    const { models, estimates } = app.services
    const off: string[] = []
    for (const path of paths) {
      const { id, name } = await models.add({ kind: 'path', path })
      const { flash } = (await models.analyze(id)).devices.find(({ device }) => device === 'pico') ?? { flash: null }
      const { flashBytes } = await estimates.estimate(id, 'int8')
      const packBytes = flash?.packBytes ?? 0
      if (Math.abs(flashBytes - packBytes) > 0.02 * packBytes) off.push(`${name}: ${flashBytes}, takes ${packBytes}`)
    }
    expect(off).toEqual([])
  })
})
