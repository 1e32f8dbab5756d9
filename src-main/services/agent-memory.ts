// Stack and static RAM of the agents: what ours said of themselves when they ran (resources/cost-model-memory.json).
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { coreClass } from '../targets/cost-model/cost-model.ts'
import { agentCodeBytes } from './agent-images.ts'

const schema = z.object({
  kind: z.literal('simulated'),
  images: z.record(z.string(), z.object({ stackBytes: z.int(), staticBytes: z.int(), agentBuild: z.string() })),
})

const path = new URL('../../resources/cost-model-memory.json', import.meta.url)
let held: z.infer<typeof schema> | undefined

export interface AgentMemory {
  readonly codeBytes: number
  readonly stackBytes: number
  readonly staticBytes: number
  /** Whether this board has an image of its own, that ran; else one for another board of its class stands for it. */
  readonly isOwn: boolean
}

export function agentMemory(port: string | null, core: string): AgentMemory {
  held ??= schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  const nearest = coreClass(core).name === 'cortex-m4' ? 'stm32f405' : 'rp2040'
  const isOwn = port !== null && port in held.images
  const image = isOwn ? port : nearest
  const { stackBytes, staticBytes } = held.images[image]!
  return { codeBytes: agentCodeBytes(image) ?? 0, stackBytes, staticBytes, isOwn }
}
