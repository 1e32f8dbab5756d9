// What the agent images we ship are made of (resources/prebuilt/manifest.json, written by the native build).
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { AgentImage } from '../contract/device-bench.ts'
import type { RunReport } from '../contract/report.ts'

export type CodeSplit = NonNullable<RunReport['flash']['code']>

const bytes = z.number().int().nonnegative()
const manifestSchema = z.record(
  z.string(),
  z.object({
    file: z.string(),
    sha256: z.string(),
    bytes,
    agentBuild: z.string().optional(),
    code: z.object({ kernelsBytes: bytes, decodersBytes: bytes, protocolBytes: bytes, boardBytes: bytes }).optional(),
  }),
)

const path = new URL('../../resources/prebuilt/manifest.json', import.meta.url)
const manifest = () => manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')))

/** Of the image with this build number, as a device gives it in its hello; null when it is none of ours. */
export function codeSplitOf(agentBuild: string): CodeSplit | null {
  return Object.values(manifest()).find((image) => image.agentBuild === agentBuild && image.code)?.code ?? null
}

/** Flash of the agent for a port, before a device has said what it runs; null when there is no image for it. */
export function agentCodeBytes(port: string | null): number | null {
  const code = port === null ? undefined : manifest()[`agent-${port}`]?.code
  return code ? code.kernelsBytes + code.decodersBytes + code.protocolBytes + code.boardBytes : null
}

/** Every image of an agent that is shipped. */
export function agentImages(): AgentImage[] {
  return Object.values(manifest()).flatMap(({ file, bytes: size, sha256, agentBuild }) =>
    agentBuild === undefined ? [] : [{ file, bytes: size, sha256, build: agentBuild }],
  )
}
