// The real links when things go wrong: a cable pulled in the middle of an upload, an emulator killed, a cancel at any
// moment, a port that is not there. Each gives an AppError (or the reason of the cancel), leaves nothing behind, and the
// next attempt succeeds.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { AppError } from '../../src-main/base/errors.ts'
import { listDevices } from '../../src-main/device/discovery.ts'
import { linkTo } from '../../src-main/device/links/drivers.ts'
import type { Link } from '../../src-main/device/links/link.ts'
import { type LinkPorts, systemLinkPorts } from '../../src-main/device/links/ports.ts'
import { openSession } from '../../src-main/device/session.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { hasPty, ptyBridge, socketBridge } from '../support/agent-bridge.ts'
import { faultyLink } from '../support/faulty-link.ts'
import { plain } from '../support/plain.ts'
import { smallInputs, smallPack } from '../support/small-pack.ts'

const { pack, shape } = smallPack()
const [inputs] = smallInputs(1)
using twin = await openTwin(pack)
const expected = twin.run(inputs!)
const emulated = (await listDevices()).filter((device) => device.emulated && device.available).map(({ id }) => id)
const onLinux = process.platform === 'linux'

const linkOf = (id: string, ports: LinkPorts = systemLinkPorts) => linkTo(id, ports)

interface Attempt {
  readonly signal?: AbortSignal
  readonly onUpload?: (sentBytes: number) => void
}

async function attempt(link: Link, { signal = AbortSignal.timeout(60_000), onUpload }: Attempt = {}) {
  await using session = await openSession(link, { clock: systemClock, signal })
  await session.deploy(pack, { shape, force: true, onProgress: ({ sentBytes }) => onUpload?.(sentBytes) })
  return await session.infer(inputs!)
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

/** Processes that we started and that have not ended. */
function children(): string[] {
  if (!onLinux) return []
  return readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== ''),
  )
}

/** Temporary files go here, so that those of tests beside this one are not seen. */
const ownFolder = mkdtempSync(join(tmpdir(), 'shoehorn-fault-'))
process.env.TMPDIR = ownFolder
afterAll(() => rmSync(ownFolder, { recursive: true }))

describe('nothing is left behind', () => {
  const before = children()
  const started = () => children().filter((pid) => !before.includes(pid))
  afterEach(() => {
    expect({ processes: started(), files: readdirSync(ownFolder) }).toEqual({ processes: [], files: [] })
  })

  test('a cable pulled at any moment of an upload, and the upload goes on where it ended', async () => {
    let resumed = 0
    for (const pullAt of [1, 40, 700, 1500, 2200, 3000, 3480]) {
      await using bridge = await socketBridge(null, (connection) => (connection === 0 ? pullAt : 0))
      const error = await failureOf(attempt(linkOf(bridge.id)))
      expect(error).toMatchObject({ code: 'device.lost', data: { device: bridge.id } })
      expect(error instanceof AppError && error.next).toContain('try again')
      const offsets: number[] = []
      expect(await attempt(linkOf(bridge.id), { onUpload: (sent) => offsets.push(sent) })).toEqual(expected)
      if (offsets[0]! > 0) resumed++
    }
    expect(resumed).toBeGreaterThan(2)
  })

  describe.each(emulated)('%s', (id) => {
    test('the link ends during the upload', async () => {
      const link = linkOf(id)
      const error = await failureOf(attempt(faultyLink(link, { seed: 1, disconnectAt: 400 })))
      // QEMU's flash is filled without the link; its first bytes are lost on the way to the first answer.
      expect(error).toMatchObject(id === 'qemu:netduinoplus2' ? {} : { code: 'device.lost' })
      expect(await attempt(link)).toEqual(expected)
    })

    test.each([0, 3, 30, 90, 200, 500])('cancelled after %i ms', async (ms) => {
      const stop = new AbortController()
      const reason = new Error('cancelled by the test')
      const timer = setTimeout(() => stop.abort(reason), ms)
      const error = await failureOf(attempt(linkOf(id), { signal: stop.signal }))
      clearTimeout(timer)
      if (error !== null) expect(error).toBe(reason)
    })

    test('cancelled in the middle of the upload', async () => {
      const stop = new AbortController()
      const reason = new Error('enough')
      const link = linkOf(id)
      const error = await failureOf(attempt(link, { signal: stop.signal, onUpload: () => stop.abort(reason) }))
      expect(error).toBe(reason)
      expect(await attempt(link)).toEqual(expected)
    })
  })

  const qemu = emulated.filter((id) => id.startsWith('qemu:'))
  test.runIf(onLinux && qemu.length > 0).each(qemu)('%s killed', async (id) => {
    const link = linkOf(id)
    const stop = AbortSignal.timeout(60_000)
    const killed = (async () => {
      await using session = await openSession(link, { clock: systemClock, signal: stop })
      for (const pid of started()) process.kill(Number(pid), 'SIGKILL')
      await session.deploy(pack, { shape, slot: 0 })
    })()
    expect(await failureOf(killed)).toMatchObject({ code: 'device.lost', data: { device: link.name } })
    expect(await attempt(link)).toEqual(expected)
  })

  test('QEMU is not installed', async () => {
    const ports = { ...systemLinkPorts, env: { PATH: '/nowhere' } }
    expect(await failureOf(attempt(linkOf('qemu:mps2-an386', ports)))).toMatchObject({
      code: 'usage.missingTool',
      data: { tool: 'qemu-system-arm' },
    })
    const listed = await listDevices({ ...ports, serialPorts: async () => [] })
    expect(plain(listed.filter((device) => !device.available).map(({ id, problem }) => [id, problem]))).toEqual([
      ['qemu:netduinoplus2', expect.stringContaining('qemu-system-arm is not installed')],
      ['qemu:mps2-an386', expect.stringContaining('qemu-system-arm is not installed')],
      ['qemu:microbit', expect.stringContaining('qemu-system-arm is not installed')],
    ])
  })

  test.runIf(hasPty)('a serial port that vanishes', async () => {
    const bridge = await ptyBridge()
    const gone = (async () => {
      await using session = await openSession(linkOf(bridge.id), {
        clock: systemClock,
        signal: AbortSignal.timeout(60_000),
      })
      await bridge[Symbol.asyncDispose]()
      await session.deploy(pack, { shape })
    })()
    expect(await failureOf(gone)).toMatchObject({ code: 'device.lost' })
  })

  test.runIf(hasPty)('a serial port that is in use', async () => {
    await using bridge = await ptyBridge()
    const signal = AbortSignal.timeout(60_000)
    await using _ = await openSession(linkOf(bridge.id), { clock: systemClock, signal })
    expect(await failureOf(attempt(linkOf(bridge.id)))).toMatchObject({ code: 'device.busy' })
  })
})

test('a serial port that is not there', async () => {
  expect(await failureOf(attempt(linkOf('serial:/dev/no-such-port')))).toMatchObject({
    code: 'device.open',
    message: '/dev/no-such-port cannot be opened: there is no such port.',
  })
})

test('nobody listens', async () => {
  expect(await failureOf(attempt(linkOf('tcp:127.0.0.1:1')))).toMatchObject({ code: 'device.open' })
  expect(await failureOf(attempt(linkOf('unix:/no/such/socket')))).toMatchObject({ code: 'device.open' })
})

test('an image that is missing', async () => {
  for (const id of ['twin', 'pico', 'qemu:mps2-an386']) {
    const ports = { ...systemLinkPorts, prebuiltDir: '/nowhere' }
    expect(await failureOf(attempt(linkOf(id, ports)))).toMatchObject({ code: 'device.open' })
  }
})

test.each(['nothing', 'twin:x', 'qemu:pdp11', 'serial:', 'tcp:host', 'tcp:host:99999', 'unix:', 'pico:2', ''])(
  'no device is called "%s"',
  (id) => {
    expect(() => linkOf(id)).toThrow(expect.objectContaining({ code: 'usage.noDevice', data: { device: id } }))
  },
)
