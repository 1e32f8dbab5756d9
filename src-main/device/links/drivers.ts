// Every way to a device. To add one: write a driver beside the others, and add it to the list.
import { AppError } from '../../base/errors.ts'
import type { Link, LinkDriver } from './link.ts'
import { picoDriver } from './pico/pico.ts'
import type { LinkPorts } from './ports.ts'
import { qemuDriver } from './qemu.ts'
import { serialDriver } from './serial.ts'
import { tcpDriver, unixDriver } from './tcp.ts'
import { twinDriver } from './twin.ts'

export const linkDrivers = (ports: LinkPorts): readonly LinkDriver[] => [
  twinDriver(ports),
  picoDriver(ports),
  qemuDriver(ports),
  serialDriver,
  tcpDriver,
  unixDriver,
]

/** The link for a device id of the command line: twin, pico, qemu:netduinoplus2, serial:/dev/ttyACM0:115200, tcp:host:port. */
export function linkTo(id: string, ports: LinkPorts): Link {
  const colon = id.indexOf(':')
  const scheme = colon < 0 ? id : id.slice(0, colon)
  const driver = linkDrivers(ports).find((candidate) => candidate.scheme === scheme)
  if (driver === undefined) throw new AppError('usage.noDevice', { device: id })
  return driver.link(colon < 0 ? '' : id.slice(colon + 1), id)
}
