// A console on the twin: the MLPerf text protocol of the real agent, and bounded queues.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import type { ConsoleLine } from '../../../src-main/contract/device-bench.ts'
import { deviceId } from '../../../src-main/contract/ids.ts'
import { ConsoleDecoder } from '../../../src-main/device/console.ts'
import { encodeRequest } from '../../../src-main/device/protocol/codec.ts'
import { consoleService, LineQueue } from '../../../src-main/services/device-console.ts'
import { deviceDetailsService } from '../../../src-main/services/device-details.ts'

const twin = deviceId.parse('twin')

describe('console', () => {
  test('the twin says its name', async () => {
    const service = consoleService(systemClock)
    const ending = new AbortController()
    const lines: ConsoleLine[] = []
    for await (const line of service.watch(twin, ending.signal)) {
      lines.push(line)
      if (line.kind === 'opened') await service.send(twin, 'name')
      if (line.text === 'm-name-dut-[shoehorn]') ending.abort()
    }
    const said = lines.map(({ direction, text }) => `${direction} ${text}`)
    expect(said).toContain('out name')
    expect(said).toContain('in m-name-dut-[shoehorn]')
    await expect(service.send(twin, 'name')).rejects.toThrow('no console open')
  })

  test('one console a device, and the next one when it is closed', async () => {
    const service = consoleService(systemClock)
    const ending = new AbortController()
    const first = service.watch(twin, ending.signal)
    await first.next()
    await expect(service.watch(twin).next()).rejects.toMatchObject({ code: 'device.busy' })
    await first.return(undefined)
    const again = service.watch(twin, ending.signal)
    expect((await again.next()).value).toMatchObject({ kind: 'opened' })
    await again.return(undefined)
  })

  test('what nobody reads is dropped and counted', async () => {
    const at = (text: string): ConsoleLine => ({ atMs: 0, direction: 'in', kind: 'text', text })
    const queue = new LineQueue((count) => at(`dropped ${count}`))
    for (let i = 0; i < 1007; i++) queue.push(at(String(i)))
    queue.end()
    const lines = await Array.fromAsync(queue.lines())
    expect([lines.length, lines[999]!.text, lines.at(-1)!.text]).toEqual([1001, '999', 'dropped 7'])
  })

  test.each([1, 3, 1000])('text and frames in chunks of %i bytes', (size) => {
    const frame = encodeRequest('hello', 12, { protocol: 1 })
    const bytes = Uint8Array.from([
      ...Buffer.from('m-ready\r\n'),
      ...frame,
      0,
      0x80,
      0xfe,
      0x81,
      0,
      ...Buffer.from('e-[x]\n'),
    ])
    const decoder = new ConsoleDecoder()
    const said: string[] = []
    for (let at = 0; at < bytes.length; at += size)
      for (const { kind, text } of decoder.push(bytes.subarray(at, at + size))) said.push(`${kind} ${text}`)
    expect(said).toEqual(['text m-ready', 'frame hello #12 {protocol: 1}', 'dropped 80 fe 81', 'text e-[x]'])
  })
})

describe('details', () => {
  const ports = (vendorId: string, productId: string) => ({
    prebuiltDir: new URL('../../../resources/prebuilt', import.meta.url).pathname,
    nowNs: () => 0n,
    env: {},
    serialPorts: async () => [{ path: '/dev/ttyACM0', vendorId, productId, manufacturer: 'Maker' }],
  })
  const board = deviceId.parse('serial:/dev/ttyACM0')

  test('a board that nobody else can be', async () => {
    const found = await deviceDetailsService(ports('0483', '374B')).details(board)
    expect(found.usb).toEqual({ path: '/dev/ttyACM0', vendorId: '0483', productId: '374B', manufacturer: 'Maker' })
    expect(['usb', 'sharedUsb']).toContain(found.recognisedBy)
  })

  test('ids that several boards share name all of them', async () => {
    const found = await deviceDetailsService(ports('0d28', '0204')).details(board)
    expect(found.recognisedBy).toBe('sharedUsb')
    expect(found.candidates.length).toBeGreaterThan(0)
    const images = found.agent.images.map(({ file }) => file)
    expect(images).toContain('agent-rp2040.uf2')
    expect(images).not.toContain('agent-twin.wasm')
  })

  test('an emulated board has the image that it would be flashed with', async () => {
    const found = await deviceDetailsService(ports('1', '2')).details(deviceId.parse('pico'))
    expect(found.agent.images.map(({ file }) => file).sort()).toEqual(['agent-rp2040.elf', 'agent-rp2040.uf2'])
    expect(found).toMatchObject({ recognisedBy: 'profile', mcu: 'RP2040', agent: { method: 'emulator' } })
  })
})
