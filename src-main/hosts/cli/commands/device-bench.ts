// devices details, agent and console: what the Device screen shows and does.
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import type { ConsoleLine, DeviceDetails } from '../../../contract/device-bench.ts'
import { maxConsoleLine } from '../../../contract/device-bench.ts'
import { deviceId } from '../../../contract/ids.ts'
import { formatBytes } from '../output.ts'
import { type CliSession, withSession } from '../session.ts'
import { writeOutput } from '../write-output.ts'

export function deviceBenchCommands(devices: Command) {
  devices
    .command('details <device>')
    .description('How it was recognised, its memories, and the agent images for it.')
    .action((id: string, _options: unknown, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const details = await api.devices.details({ id: deviceId.parse(id) })
        output.result(details, () => detailsText(details))
      }),
    )
  devices
    .command('agent <image>')
    .description('Writes an image of the agent, to be put on a board; "details" names them.')
    .option('--output <path>', 'left out, its own name')
    .action((image: string, options: { output?: string }, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const { fileName, data } = await api.devices.agentImage({ file: image })
        const path = options.output ?? fileName
        await writeOutput(path, new Uint8Array(await data.arrayBuffer()))
        output.result({ path, bytes: data.size }, () => `Wrote ${path}, ${formatBytes(data.size)} bytes.`)
      }),
    )
  devices
    .command('console <device>')
    .description('Lines from stdin to the device (MLPerf text, without the final %), and what it says to stdout.')
    .option('--wait <ms>', 'how long to listen after the end of stdin', '500')
    .action((id: string, options: { wait: string }, command: Command) =>
      withSession(command, (session) => talk(session, id, Number(options.wait) || 0)),
    )
}

async function talk({ api, output, signal }: CliSession, device: string, waitMs: number) {
  const id = deviceId.parse(device)
  const ending = new AbortController()
  const both = AbortSignal.any([ending.signal, signal])
  const said: ConsoleLine[] = []
  const sent = Promise.withResolvers<void>()
  for await (const line of await api.devices.console({ id }, { signal: both })) {
    said.push(line)
    if (line.direction === 'in' && !output.json) output.result(line, () => line.text)
    if (line.kind === 'opened') {
      const sending = sendAll(api, id, waitMs, both).finally(() => ending.abort())
      sending.then(sent.resolve, sent.reject)
    }
  }
  await sent.promise
  if (output.json) output.result(said, () => '')
}

async function sendAll(
  api: CliSession['api'],
  id: ReturnType<typeof deviceId.parse>,
  waitMs: number,
  signal: AbortSignal,
) {
  for await (const text of createInterface({ input: process.stdin, signal })) {
    const line = text.trim().replace(/%$/, '').slice(0, maxConsoleLine)
    if (line !== '') await api.devices.send({ id, line })
  }
  await new Promise((resolve) => setTimeout(resolve, waitMs))
}

function detailsText({ recognisedBy, usb, candidates, mcu, flash, ram, agent }: DeviceDetails): string {
  const bytes = (count: number | null) => (count === null ? 'unknown' : formatBytes(count))
  return [
    `recognised by ${recognisedBy}${candidates.length > 0 ? `: ${candidates.map(({ name }) => name).join(', ')}` : ''}`,
    ...(usb
      ? [`USB ${usb.vendorId ?? '?'}:${usb.productId ?? '?'} at ${usb.path}, ${usb.manufacturer ?? 'no maker'}`]
      : []),
    ...(mcu ? [`chip ${mcu}`] : []),
    ...(flash
      ? [
          `flash ${bytes(flash.totalBytes)}, agent ${bytes(flash.agentBytes)}, place for a pack ${bytes(flash.slotBytes)}`,
        ]
      : []),
    ...(ram ? [`RAM ${bytes(ram.totalBytes)}, for arena and inputs ${bytes(ram.poolBytes)}`] : []),
    `agent of this version: ${agent.build ?? 'none'}`,
    ...agent.images.map(({ file, bytes: size }) => `  ${file} ${formatBytes(size)}`),
  ].join('\n')
}
