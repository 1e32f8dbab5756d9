// One device looked at closely: how it was recognised, its memories, its agent, and a console on its line.
import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { deviceId } from './ids.ts'

export const agentImage = z.object({
  file: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  build: z.string(),
})
export type AgentImage = z.infer<typeof agentImage>

/** How an image gets onto a board. */
export const flashMethod = z.enum(['uf2', 'hexDrive', 'debugProbe', 'inProcess', 'emulator'])

export const deviceDetails = z.object({
  id: deviceId,
  /**
   * usb: its USB ids belong to one board. sharedUsb: to several, or to an adapter. profile: an emulator or the twin,
   * from the catalogue. unknown: nothing says what it is.
   */
  recognisedBy: z.enum(['usb', 'sharedUsb', 'profile', 'unknown']),
  usb: z
    .object({
      path: z.string(),
      vendorId: z.string().nullable(),
      productId: z.string().nullable(),
      manufacturer: z.string().nullable(),
    })
    .nullable(),
  /** Boards that it may be. */
  candidates: z.array(z.object({ id: z.string(), name: z.string() })),
  mcu: z.string().nullable(),
  flash: z
    .object({ totalBytes: z.number().nullable(), agentBytes: z.number().nullable(), slotBytes: z.number().nullable() })
    .nullable(),
  ram: z.object({ totalBytes: z.number().nullable(), poolBytes: z.number().nullable() }).nullable(),
  features: z.array(z.string()),
  /** Where the numbers come from. */
  sources: z.array(z.string()),
  agent: z.object({
    /** Of the images of this version; null when there is none for it. */
    build: z.string().nullable(),
    images: z.array(agentImage),
    method: flashMethod.nullable(),
  }),
})
export type DeviceDetails = z.infer<typeof deviceDetails>

export const consoleLine = z.object({
  atMs: z.number(),
  direction: z.enum(['in', 'out', 'note']),
  kind: z.enum(['text', 'frame', 'opened', 'closed', 'dropped']),
  text: z.string(),
})
export type ConsoleLine = z.infer<typeof consoleLine>

/** Characters of one line to a device. */
export const maxConsoleLine = 512

const base = oc.errors(appErrors)

export const deviceBenchContract = {
  details: base.input(z.object({ id: deviceId })).output(deviceDetails),
  /** An image of the agent, to be put on a board. */
  agentImage: base
    .input(z.object({ file: z.string().regex(/^agent-[\w-]+\.(elf|hex|uf2|wasm)$/) }))
    .output(z.object({ fileName: z.string(), data: z.instanceof(Blob) })),
  /** What the device says, from now until the iterator is closed; one console a device. */
  console: base.input(z.object({ id: deviceId })).output(eventIterator(consoleLine)),
  /** A command of the MLPerf text protocol, without its final %; needs an open console. */
  send: base.input(
    z.object({
      id: deviceId,
      line: z
        .string()
        .min(1)
        .max(maxConsoleLine)
        .regex(/^[\x20-\x24\x26-\x7e]+$/),
    }),
  ),
}
