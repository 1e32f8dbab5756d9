// A fixed number of samples in one run, for what cannot deal with a free one. Calibration is faster before than after.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { bindBatch } from '../../ir/rewrite.ts'
import { definePass } from '../pass.ts'

const params = z.strictObject({
  size: z
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .meta({ title: 'Batch', description: 'Samples in one run.', unit: 'samples' }),
})

export const constantBatch = definePass<z.infer<typeof params>>({
  name: 'constant-batch',
  title: 'Fix the batch',
  description: 'Sets the symbolic first dimension of the inputs to a number.',
  params,
  needs: [],
  provides: [],
  async run(graph, { size }, context) {
    const free = graph.inputs.filter((name) => typeof graph.values.get(name)?.shape?.[0] === 'string')
    if (free.length === 0) return graph
    context.log(say`batch of ${free.join(', ')} fixed to ${size}`)
    return bindBatch(graph, size)
  },
})
