// A thread of pool.ts: runs its share of kernels over memory that all threads see.
import { parentPort, workerData } from 'node:worker_threads'
import { instantiate, type KernelName, type SharedMemory } from './module.ts'

export interface ThreadData {
  readonly module: object
  readonly memory: SharedMemory
  /** Where this thread's stack begins, going down. */
  readonly stackTop: number
}

export interface Share {
  readonly kernel: KernelName
  readonly args: number
  readonly team: number
  readonly thread: number
}

const { module, memory, stackTop } = workerData as ThreadData
const exports = instantiate(module, memory)
exports.__stack_pointer.value = stackTop

parentPort?.on('message', ({ kernel, args, team, thread }: Share) => {
  exports[`${kernel}_run`](args, team, thread)
  parentPort?.postMessage(thread)
})
