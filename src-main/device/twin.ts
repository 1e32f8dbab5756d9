// The device runtime as WebAssembly, in process: its outputs are the device's, bit for bit.
import { readFileSync } from 'node:fs'
import { AppError, Bug } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { readShoe } from '../formats/shoe/index.ts'
import type { Plan, PlanPort } from '../targets/plan.ts'

export interface TwinPort {
  readonly name: string
  /** The model's own shape, batch 1. */
  readonly shape: readonly number[]
  readonly bytes: number
  /** real = scale * (q - zeroPoint) */
  readonly scale: number
  readonly zeroPoint: number
}

export interface Twin extends Disposable {
  readonly inputs: readonly TwinPort[]
  readonly outputs: readonly TwinPort[]
  readonly operators: number
  readonly arenaBytes: number
  /** One inference; inputs and outputs in the order of the ports. */
  run(inputs: readonly Int8Array[]): Int8Array[]
  /** `count` inferences; each input and output holds the samples one after the other. */
  runBatch(inputs: readonly Int8Array[], count: number): Int8Array[]
  /** A tensor as it stands after operator `opIndex` of a run over the inputs last given. */
  inspect(opIndex: number, tensorIndex: number): Int8Array
  /** One inference; `see` gets the output of each operator as soon as it is there, in memory that the next one may use. */
  trace(inputs: readonly Int8Array[], see: (opIndex: number, output: Int8Array) => void): void
}

// What is used of the WebAssembly API, which neither the es2024 library nor Node's types declare.
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object): Promise<{ readonly exports: object }>
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  twin_reserve(bytes: number): number
  twin_open(): number
  twin_arena(): number
  twin_arena_bytes(): number
  twin_op_count(): number
  twin_input(index: number): number
  twin_output(index: number): number
  twin_tensor(index: number): number
  twin_tensor_bytes(index: number): number
  twin_run(): number
  twin_run_op(index: number): number
}

const runtimePath = new URL('../../resources/prebuilt/runtime.wasm', import.meta.url)
let compiled: Promise<object> | undefined

/** Compiled once a process; each twin has its own instance and memory. */
async function instantiate(): Promise<Exports> {
  compiled ??= WebAssembly.compile(readFileSync(runtimePath))
  const instance = await WebAssembly.instantiate(await compiled)
  return instance.exports as Exports
}

/** What shoe_open's status means (resources/runtime/include/shoe.h). */
export const statusTexts: Readonly<Record<number, Note>> = {
  [-1]: say`an argument is out of range`,
  [-2]: say`it is not aligned in memory`,
  [-3]: say`it ends too early`,
  [-4]: say`it does not begin with SHOE`,
  [-5]: say`its format version is another one`,
  [-6]: say`a checksum does not match`,
  [-7]: say`a section is out of place or too short`,
  [-8]: say`a tensor is impossible`,
  [-9]: say`an operator is impossible`,
  [-10]: say`a fixed-point factor is out of range`,
  [-11]: say`its arena is larger than the memory there is`,
  [-12]: say`coded weights are impossible, or their codec is not there`,
  [-13]: say`coded weights are damaged`,
}

/** SHOE_ERR_DECODE: the only status with which a pack that opened can refuse to run. */
const damagedWeights = -13

const refused = (status: number): never => {
  throw new AppError('pack.malformed', {
    name: say`The file`,
    problem: statusTexts[status] ?? `status ${status}`,
    status,
  })
}

export async function openTwin(pack: Uint8Array): Promise<Twin> {
  const wasm = await instantiate()
  openPack(wasm, pack)
  return new WasmTwin(wasm, readShoe(pack).plan)
}

function openPack(wasm: Exports, pack: Uint8Array) {
  const address = wasm.twin_reserve(pack.byteLength)
  if (address === 0) refused(-11)
  new Uint8Array(wasm.memory.buffer).set(pack, address)
  const status = wasm.twin_open()
  if (status !== 0) refused(status)
}

class WasmTwin implements Twin {
  readonly inputs: readonly TwinPort[]
  readonly outputs: readonly TwinPort[]
  readonly operators: number
  readonly arenaBytes: number
  readonly #wasm: Exports
  /** Linear memory never grows after opening. */
  readonly #memory: Int8Array
  readonly #opOutputs: readonly number[]
  readonly #inputAt: readonly number[]
  readonly #outputAt: readonly number[]
  #last: readonly Int8Array[] = []

  constructor(wasm: Exports, plan: Plan) {
    this.#wasm = wasm
    this.#memory = new Int8Array(wasm.memory.buffer)
    this.inputs = plan.inputs.map((port) => portOf(plan, port))
    this.outputs = plan.outputs.map((port) => portOf(plan, port))
    this.operators = wasm.twin_op_count()
    this.arenaBytes = wasm.twin_arena_bytes()
    this.#opOutputs = plan.ops.map(({ output }) => output)
    this.#inputAt = plan.inputs.map((_, i) => wasm.twin_input(i))
    this.#outputAt = plan.outputs.map((_, i) => wasm.twin_output(i))
  }

  run(inputs: readonly Int8Array[]): Int8Array[] {
    return this.runBatch(inputs, 1)
  }

  runBatch(inputs: readonly Int8Array[], count: number): Int8Array[] {
    inputs.forEach((input, i) => {
      const expected = (this.inputs[i]?.bytes ?? 0) * count
      if (input.length !== expected) throw new Bug(`twin input ${i} has ${input.length} bytes, needs ${expected}`)
    })
    if (inputs.length !== this.inputs.length) throw new Bug(`the twin takes ${this.inputs.length} inputs`)
    const outputs = this.outputs.map((port) => new Int8Array(port.bytes * count))
    for (let sample = 0; sample < count; sample++) {
      this.#load(this.inputs.map((port, i) => inputs[i]!.subarray(sample * port.bytes, (sample + 1) * port.bytes)))
      const status = this.#wasm.twin_run()
      if (status === damagedWeights) refused(status)
      if (status !== 0) throw new Bug(`the twin refused to run: ${status}`)
      this.outputs.forEach((port, i) => {
        outputs[i]!.set(this.#memory.subarray(this.#outputAt[i], this.#outputAt[i]! + port.bytes), sample * port.bytes)
      })
    }
    return outputs
  }

  inspect(opIndex: number, tensorIndex: number): Int8Array {
    if (opIndex < 0 || opIndex >= this.operators) throw new Bug(`the twin has no operator ${opIndex}`)
    const at = this.#wasm.twin_tensor(tensorIndex)
    if (at === 0) throw new Bug(`the twin has no tensor ${tensorIndex}`)
    this.#load(this.#last)
    for (let op = 0; op <= opIndex; op++) {
      const status = this.#wasm.twin_run_op(op)
      if (status !== 0) refused(status)
    }
    return this.#memory.slice(at, at + this.#wasm.twin_tensor_bytes(tensorIndex))
  }

  trace(inputs: readonly Int8Array[], see: (opIndex: number, output: Int8Array) => void): void {
    this.#load(inputs)
    for (const [op, tensor] of this.#opOutputs.entries()) {
      const status = this.#wasm.twin_run_op(op)
      if (status !== 0) refused(status)
      const at = this.#wasm.twin_tensor(tensor)
      see(op, this.#memory.subarray(at, at + this.#wasm.twin_tensor_bytes(tensor)))
    }
  }

  [Symbol.dispose]() {
    this.#last = []
  }

  #load(inputs: readonly Int8Array[]) {
    inputs.forEach((input, i) => {
      this.#memory.set(input, this.#inputAt[i]!)
    })
    this.#last = inputs
  }
}

function portOf(plan: Plan, port: PlanPort): TwinPort {
  const tensor = plan.tensors[port.tensor]!
  const bytes = tensor.shape.reduce((product, dim) => product * dim, 1)
  return { name: port.name, shape: port.shape, bytes, scale: tensor.scale, zeroPoint: tensor.zeroPoint }
}
