import { expect, test } from 'vitest'
import { acquireLease, withLease } from '../../../src-main/device/lease.ts'

test('a board has one holder, whatever the baud rate says', async () => {
  {
    using _ = acquireLease('serial:/dev/ttyACM0:115200', 'Run 7')
    expect(() => acquireLease('serial:/dev/ttyACM0', 'Identify')).toThrow(
      expect.objectContaining({ code: 'device.busy', data: { device: 'serial:/dev/ttyACM0', holder: 'Run 7' } }),
    )
    using other = acquireLease('serial:/dev/ttyACM1', 'Identify')
    expect(other).toBeDefined()
  }
  expect(await withLease('serial:/dev/ttyACM0', 'Identify', async () => 5)).toBe(5)
})

test('a lease ends with the work, failed or not', async () => {
  const failing = withLease('tcp:host:1', 'Run', async () => Promise.reject(new Error('failed')))
  await expect(failing).rejects.toThrow('failed')
  using lease = acquireLease('tcp:host:1', 'Run')
  expect(lease).toBeDefined()
})

test('emulators are made for each session and are never busy', () => {
  using first = acquireLease('pico', 'a')
  using second = acquireLease('pico', 'b')
  expect([first, second].length).toBe(2)
})
