import { expect, test } from 'vitest'
import { listDevices, recogniseBoard } from '../../../src-main/device/discovery.ts'
import { systemLinkPorts } from '../../../src-main/device/links/ports.ts'
import { deviceProfiles } from '../../../src-main/targets/device-profile.ts'

const ports = { ...systemLinkPorts, serialPorts: async () => [] }

test('the devices that need no hardware come first', async () => {
  const found = await listDevices(ports)
  expect(found.map(({ id, kind, profile }) => [id, kind, profile])).toEqual([
    ['twin', 'measured', 'twin'],
    ['pico', 'simulated', 'pico'],
    ['qemu:netduinoplus2', 'simulated', 'stm32f405'],
    ['qemu:mps2-an386', 'simulated', 'mps2-an386'],
    ['qemu:microbit', 'simulated', 'microbit-v1'],
  ])
})

test('a port with USB ids is a device, a bare UART is none', async () => {
  const serialPorts = async () => [
    { path: '/dev/ttyS0' },
    { path: '/dev/ttyACM7', vendorId: 'ffff', productId: '1', manufacturer: 'Somebody' },
  ]
  const found = await listDevices({ ...ports, serialPorts })
  expect(found.filter(({ emulated }) => !emulated)).toMatchObject([
    { id: 'serial:/dev/ttyACM7', name: 'Somebody', kind: 'measured', profile: null },
  ])
})

test('ports that cannot be listed leave the emulators', async () => {
  const serialPorts = async () => Promise.reject(new Error('no udev'))
  expect((await listDevices({ ...ports, serialPorts })).length).toBe(5)
})

test('every board with USB ids of its own is recognised by them, in either case', () => {
  const own = deviceProfiles().flatMap((profile) =>
    profile.usb.filter((id) => id.shared !== true).map((id) => ({ profile: profile.id, ...id })),
  )
  expect(own.length).toBeGreaterThan(0)
  for (const { profile, vid, pid } of own) {
    const port = { path: 'x', vendorId: vid.toUpperCase(), productId: pid }
    expect([null, profile]).toContain(recogniseBoard(port, deviceProfiles())?.id ?? null)
  }
  expect(recogniseBoard({ path: 'x', vendorId: '0000', productId: '0000' }, deviceProfiles())).toBeNull()
})
