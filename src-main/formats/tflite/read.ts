// TFLite file to graph. The file is parsed once into records; weights stay in the file until a tensor is read.
import type { ByteSource } from '../../base/source.ts'
import type { Graph } from '../../ir/graph.ts'
import { readNumbers } from '../../ir/tensor.ts'
import { batchTensors, type Look, valueInputs } from './batch.ts'
import { GraphBuilder } from './builder.ts'
import { sourceTensor } from './constant.ts'
import { joinEdges } from './edges.ts'
import { parseTflite, type TfliteModel, type TfliteOperator } from './model.ts'
import { converters } from './ops/index.ts'
import { foreign } from './ops/shape.ts'

export function readTflite(source: ByteSource): Graph {
  const model = parseTflite(source)
  const live = liveOperators(model)
  const edges = joinEdges(model, live)
  const b = new GraphBuilder(model, edges, batchTensors(model, live, lookInto(model)))
  for (const t of model.inputs) b.input(t)
  for (const op of live) if (!edges.absorbed.has(op)) (converters[op.op] ?? foreign)(b, op)
  return b.finish()
}

/** What the outputs depend on. Keras computes the targets of RESHAPE at run time; those operators go here. */
function liveOperators(model: TfliteModel): TfliteOperator[] {
  const needed = new Set(model.outputs)
  const live = model.operators.toReversed().filter((op) => {
    if (!op.outputs.some((t) => needed.has(t))) return false
    for (const t of valueInputs(op)) needed.add(t)
    return true
  })
  return live.reverse()
}

function lookInto(model: TfliteModel): Look {
  return {
    shape: (t) => model.tensors[t ?? -1]?.shape ?? [],
    numbers: (t) => {
      const tensor = model.tensors[t]
      return tensor?.data && tensor.type.dtype !== null ? readNumbers(sourceTensor(model.source, tensor)) : null
    },
  }
}
