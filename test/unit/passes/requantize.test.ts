// Models that come quantised, with fewer bits for their weights: the grids of activations and every layer that is left alone
// stay exactly what the file says, and the pack can be made without calibration.
import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { fileSource } from '../../../src-main/base/source.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { importModel } from '../../../src-main/formats/registry.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { dequantizeTensor } from '../../../src-main/ir/quantize.ts'
import { readFloats, readNumbers } from '../../../src-main/ir/tensor.ts'
import { referenceKernels } from '../../../src-main/kernels/reference/kernels.ts'
import { weightLayers } from '../../../src-main/passes/layers.ts'
import { runRecipe } from '../../../src-main/passes/pipeline.ts'
import { readRecipe } from '../../../src-main/passes/recipe.ts'
import { lower } from '../../../src-main/targets/lowering/lower.ts'
import { hasShared, sharedModel } from '../../support/shared.ts'

if (!hasShared) console.info('skipped: ../shared/models is not there')

const folding = ['fold-constants', 'canonical-activations', 'canonical-linear', 'fold-batch-norm', 'remove-dead']

const activations = (graph: Graph) =>
  [...graph.values.values()]
    .filter(({ name, quant }) => quant && !graph.constants.has(name))
    .map(({ name, quant }) => [name, quant])

test.skipIf(!hasShared).each(['kws_ref_model.tflite', 'pretrainedResnet_quant.tflite'])('%s', async (file) => {
  const { graph } = await importModel(fileSource(sharedModel(file)), () => null)
  const first = weightLayers(graph)[0]!
  const weights = { method: 'nearest', bits: 4, layers: { [first.node.name]: 'float' } }
  const recipe = readRecipe({ passes: [...folding, { pass: 'quantize-weights', params: weights }, 'quantize-int8'] })
  const context = { calibration: null, engine: { open: openHostModel }, kernels: referenceKernels, clock: systemClock }
  const { graph: made } = await runRecipe(graph, recipe, context)

  expect(activations(made)).toEqual(activations(graph))
  const [kept, ...fewer] = weightLayers(made)
  for (const name of [kept!.weights, kept!.bias!]) {
    expect(made.values.get(name)!.quant).toEqual(graph.values.get(name)!.quant)
    expect(readNumbers(made.constants.get(name)!)).toEqual(readNumbers(graph.constants.get(name)!))
  }
  expect(new Set(fewer.map(({ quant }) => quant!.bits))).toEqual(new Set([4]))
  for (const { node, bias } of fewer) {
    const before = weightLayers(graph).find((layer) => layer.node.name === node.name)!
    const real = (of: Graph, name: string) =>
      readFloats(dequantizeTensor(of.constants.get(name)!, of.values.get(name)!.quant!))
    const step = made.values.get(bias!)!.quant!.scale
    const old = real(graph, before.bias!)
    for (const [c, v] of real(made, bias!).entries())
      expect(Math.abs(v - old[c]!)).toBeLessThanOrEqual(0.51 * step[step.length === 1 ? 0 : c]!)
  }
  expect(lower(made).ops.length).toBeGreaterThan(5)
})
