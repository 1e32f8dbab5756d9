// A graph on ONNX Runtime: fast and approximate. Quantised values are rounded to their grid in float ('fake') or left as
// the real numbers they stand for ('drop'); the twin is what counts bit for bit.
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { AppError } from '../base/errors.ts'
import { writeOnnx } from '../formats/onnx/write.ts'
import type { Graph, Value } from '../ir/graph.ts'
import type { Tensor } from '../ir/tensor.ts'
import { readBatches } from './batches.ts'
import { withFloatPorts } from './float-ports.ts'
import { floatsOf, tensorOf, toOrt } from './host-tensor.ts'
import type { HostInputs, HostOutputs, Samples } from './samples.ts'

export interface HostModelOptions {
  /** 'fake' (default): values with quantisation are rounded and clamped as the device would. 'drop': pure float. */
  readonly quantization?: 'fake' | 'drop'
  /** Values inside the graph to give out besides its outputs. */
  readonly extraOutputs?: readonly string[]
  /** Threads within an operator; 0 lets ONNX Runtime decide. */
  readonly threads?: number
  /** Execution providers in order of preference. */
  readonly providers?: readonly string[]
}

export interface BatchOptions {
  /** Samples in one run; models with a fixed batch use theirs. */
  readonly batchSize?: number
  readonly signal?: AbortSignal
  /** @param done samples so far */
  progress?(done: number, total: number): void
}

export interface Batch {
  /** Index of the first sample. */
  readonly from: number
  readonly count: number
  readonly inputs: HostInputs
  readonly outputs: HostOutputs
}

export interface HostModel extends AsyncDisposable {
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  run(inputs: HostInputs): Promise<HostOutputs>
  /** Outputs with their own element types. */
  runTyped(inputs: HostInputs): Promise<Readonly<Record<string, Tensor>>>
  /** All samples in order, a batch at a time; memory holds one batch. */
  runBatches(samples: Samples, options?: BatchOptions): AsyncGenerator<Batch>
  close(): Promise<void>
}

export async function openHostModel(graph: Graph, options: HostModelOptions = {}): Promise<HostModel> {
  const { quantization = 'fake', extraOutputs = [] } = options
  const outputs = [...new Set([...graph.outputs, ...extraOutputs])]
  const ported = withFloatPorts({ ...graph, outputs })
  const written = writeOnnx(ported, { quantization })
  // A large library, and hosts run models in workers only.
  const { InferenceSession, Tensor } = await import('onnxruntime-node')
  const session = await onHost(() => InferenceSession.create(written, sessionOptions(options)))
  const runOrt = (inputs: HostInputs) => onHost(() => session.run(feedsOf(Tensor, ported, inputs)))
  const model: HostModel = {
    inputs: valuesOf(graph, graph.inputs),
    outputs: valuesOf(graph, outputs),
    run: async (inputs) => mapOutputs(await runOrt(inputs), (t) => ({ data: floatsOf(t), shape: t.dims })),
    runTyped: async (inputs) => mapOutputs(await runOrt(inputs), tensorOf),
    runBatches: (samples, batchOptions = {}) => readBatches(model, samples, batchOptions),
    close: () => session.release(),
    [Symbol.asyncDispose]: () => session.release(),
  }
  return model
}

function sessionOptions({ threads = 0, providers = ['cpu'] }: HostModelOptions): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    executionProviders: providers,
    logSeverityLevel: 4,
    extra: {
      session: {
        // ONNX Runtime would replace the rounding nodes by its own int8 kernels, which saturate in 16 bits on CPUs without
        // VNNI, and two roundings in a row by one; what is wanted is the float arithmetic as written.
        disable_quant_qdq: '1',
        disable_double_qdq_remover: '1',
        // Threads that spin while they wait slow everything down on a machine with few cores (a third of the time without,
        // measured on two busy cores).
        'intra_op.allow_spinning': '0',
      },
      // It also merges Pad into MaxPool, whose padding is minus infinity and not zero, and takes out a Relu before a rounding node
      // although its input is given out too, which ends the process (both seen with 1.30).
      optimization: { disable_specified_optimizers: 'Pad_Fusion;ReluQuantRewrite' },
    },
  }
}

function feedsOf(Ort: typeof OrtTensor, graph: Graph, inputs: HostInputs): Record<string, OrtTensor> {
  return Object.fromEntries(
    valuesOf(graph, graph.inputs).map(({ name, dtype }) => {
      const input = inputs[name]
      if (!input)
        throw new AppError('data.shape', {
          found: Object.keys(inputs).join(', ') || 'nothing',
          expected: `input ${name}`,
        })
      return [name, toOrt(Ort, name, dtype, input.data, input.shape)]
    }),
  )
}

const valuesOf = (graph: Graph, names: readonly string[]): Value[] =>
  names.map((name) => graph.values.get(name) ?? { name, dtype: 'f32', shape: null })

const mapOutputs = <T>(outputs: InferenceSession.OnnxValueMapType, read: (output: OrtTensor) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, read(output as OrtTensor)]))

/** ONNX Runtime reports by plain Error; what it says is passed on as the problem. */
async function onHost<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('model.unsupportedOnHost', { problem: plainProblem(problem) }, { cause })
  }
}

/** ONNX Runtime's first line, without the place in its sources. */
function plainProblem(message: string): string {
  const [line = ''] = message.trim().split('\n')
  return line.replace(/\/onnxruntime_src\/\S+ /g, '').replace(/\.$/, '')
}
