// The MLPerf Tiny text protocol of the agent, and the files that the RP2040 needs.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { boot2Bytes, boot2Crc, boot2Image, uf2Image } from '../../build/native/rp2040.ts'
import { encodeRequest } from '../../src-main/device/protocol/codec.ts'
import { smallInputs, smallPack } from '../support/small-pack.ts'
import { agentWire } from './agent-wire.ts'

const { pack, plan } = smallPack()
const lines = (text: string) => text.split('\r\n').slice(0, -1)

async function withModel() {
  const agent = await agentWire()
  agent.upload(1, pack)
  agent.must('modelCommit', { slot: 1 })
  return agent
}

describe('MLPerf Tiny text', () => {
  test('greeting, name, profile and timestamp', async () => {
    const agent = await agentWire()
    expect(agent.bootText).toBe('m-timestamp-mode-performance\r\nm-init-done\r\nm-ready\r\n')
    expect(agent.text('name%')).toBe('m-name-dut-[shoehorn]\r\nm-ready\r\n')
    expect(agent.text('profile%')).toContain('m-profile-[ULPMark for tinyML Firmware V0.0.1]\r\nm-model-[none]\r\n')
    expect(agent.text('timestamp%')).toMatch(/^m-lap-us-\d+\r\nm-ready\r\n$/)
    expect(lines(agent.text('help%')).at(-1)).toBe('m-ready')
    expect(lines(agent.text('name%'.repeat(8)))).toHaveLength(16)
  })

  test('what is wrong with a command is said as the reference says it', async () => {
    const agent = await withModel()
    const said = (command: string) =>
      lines(agent.text(`${command}%`))
        .slice(0, -1)
        .join('|')
    expect(said('hello there')).toBe('e-[Unknown command: hello there]')
    expect(said('\r\nname')).toBe('e-[Unknown command: \r\nname]'.split('\r\n').join('|'))
    expect(said('db')).toBe("e-[Command 'db' requires a subcommand]")
    expect(said('db load')).toBe("e-[Command 'db load' requires the # of bytes]")
    expect(said('db load 0')).toBe("e-[Command 'db load' must be >0 bytes]")
    expect(said('db load 65')).toBe('e-[The input takes 64 bytes]')
    expect(said('db 123')).toBe('e-[Insufficent number of hex digits]')
    expect(said('db 12zz')).toBe("e-[Invalid hex digit 'zz']")
    expect(said('infer 0 1')).toBe('e-[Inference iterations must be >0]')
    expect(said('x'.repeat(200))).toBe(`e-[Unknown command: ${'x'.repeat(79)}]`)
  })

  test('an input is loaded, run and its results printed in real units', async () => {
    const agent = await withModel()
    const [input] = smallInputs(1)[0]!
    const hex = Buffer.from(input!.buffer).toString('hex')
    expect(lines(agent.text('db load 64%'))).toEqual(['m-[Expecting 64 bytes]', 'm-ready'])
    expect(lines(agent.text(`db ${hex.slice(0, 62)}%`))).toEqual(['m-ready'])
    expect(lines(agent.text(`db ${hex.slice(62, 124)}%`))).toEqual(['m-ready'])
    expect(lines(agent.text(`db ${hex.slice(124)}%`))).toEqual(['m-load-done', 'm-ready'])
    const printed = lines(agent.text('db print%'))
    expect(printed).toHaveLength(9)
    expect(printed[0]).toBe(`m-buffer-${hex.slice(0, 16).match(/../g)!.join('-')}`)
    const said = lines(agent.text('infer 3 2%'))
    expect(said.map((line) => line.replace(/\d+(?=$)|\[.*\]/g, '#'))).toEqual([
      ...['m-warmup-start-#', 'm-warmup-done', 'm-infer-start-#', 'm-lap-us-#', 'm-lap-us-#', 'm-infer-done'],
      ...['m-results-#', 'm-ready'],
    ])
    const scale = plan.tensors[plan.outputs[0]!.tensor]!.scale
    const { data } = agent.must('output', { index: 0, offset: 0, length: 10 })
    const results = [...new Int8Array(data)].map((value) => (value * scale).toFixed(3).replace('-0.000', '0.000'))
    expect(said.at(-2)).toBe(`m-results-[${results.join(',')}]`)
    expect(lines(agent.text('results%'))[0]).toBe(said.at(-2))
  })

  test('text and frames share the stream', async () => {
    const agent = await withModel()
    const hello = encodeRequest('hello', 5, { protocol: 1 })
    for (let round = 0; round < 3; round++) {
      expect(agent.text('name%')).toContain('m-name-dut-[shoehorn]')
      expect(agent.raw(hello)[2]).toBe(0xc1)
      // A command cut off by a frame is dropped.
      expect(agent.text('nam')).toBe('')
      expect(agent.raw(hello)[2]).toBe(0xc1)
    }
  })
})

describe('RP2040 image', () => {
  const flash = uf2Flash(readFileSync(new URL('../../resources/prebuilt/agent-rp2040.uf2', import.meta.url)))

  test('the second-stage boot carries the CRC that the boot ROM checks', () => {
    // The check value of CRC-32/MPEG-2, which is the same CRC.
    expect(boot2Crc(Buffer.from('123456789'))).toBe(0x0376e6e7)
    const boot2 = flash.subarray(0, boot2Bytes)
    expect(boot2Image(boot2.subarray(0, boot2Bytes - 4))).toEqual(boot2)
    expect(() => boot2Image(new Uint8Array(253))).toThrow('252 fit')
  })

  test('the vector table follows: stack in RAM, start in flash', () => {
    const view = new DataView(flash.buffer)
    expect(view.getUint32(256, true)).toBe(0x20001000)
    expect(view.getUint32(260, true) >>> 20).toBe(0x100)
    expect(view.getUint32(260, true) & 1).toBe(1)
  })

  test('UF2 blocks carry address, count and family', () => {
    const image = uf2Image(Uint8Array.from({ length: 300 }, (_, i) => i))
    const view = new DataView(image.buffer)
    const block = (at: number) => Array.from({ length: 8 }, (_, i) => view.getUint32(at + 4 * i, true))
    expect(image).toHaveLength(1024)
    expect(block(0)).toEqual([0x0a324655, 0x9e5d5157, 0x2000, 0x10000000, 256, 0, 2, 0xe48bff56])
    expect(block(512)).toEqual([0x0a324655, 0x9e5d5157, 0x2000, 0x10000100, 256, 1, 2, 0xe48bff56])
    expect([...image.subarray(512 + 32, 512 + 32 + 45)]).toEqual([...Array(44).keys()].map((i) => i).concat(0))
    expect(view.getUint32(1020, true)).toBe(0x0ab16f30)
  })
})

/** The flash's content, from its first address on. */
function uf2Flash(image: Uint8Array): Uint8Array {
  const blocks = Array.from({ length: image.length / 512 }, (_, i) => image.subarray(512 * i + 32, 512 * i + 288))
  return Uint8Array.from(Buffer.concat(blocks))
}
