// The sample that the demo runs: the model reads the data beside it and is as good as its README says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fitShape } from '../../../src-main/data/fit.ts'
import { classification } from '../../../src-main/data/metrics.ts'
import { openDataset } from '../../../src-main/data/open.ts'
import { preprocessSchema } from '../../../src-main/data/preprocess.ts'

const folder = fileURLToPath(new URL('../../../resources/samples', import.meta.url))
const description = z
  .object({ preprocess: preprocessSchema, classNames: z.array(z.string()) })
  .parse(JSON.parse(readFileSync(join(folder, 'gestures.json'), 'utf8')))

test('gestures.onnx is right on 352 of the 360 test gestures', async () => {
  const data = await openDataset(join(folder, 'gestures-test.npz'), {
    preprocess: description.preprocess,
    nameHint: 'input',
  })
  const indices = [...Array(data.count).keys()]
  const shape = [data.count, ...fitShape(data, ['N', 3, 128])]
  const session = await InferenceSession.create(join(folder, 'gestures.onnx'))
  const { logits } = await session.run({ input: new Tensor('float32', data.read(indices).input!, shape) })
  await session.release()
  const { n, top1, confusion } = classification(
    logits!.data as Float32Array,
    data.labels!,
    description.classNames.length,
  )
  expect([n, Math.round(top1 * n), confusion.length]).toEqual([360, 352, 6])
})
