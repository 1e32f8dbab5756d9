// What the device and the pack say, in the words of the report: sizes, latency, operators, bit-exactness, memory map.
import type { RunReport } from '../../contract/report.ts'
import { packSizes } from '../../formats/shoe/index.ts'
import { memoryTimeline } from '../../targets/memory-plan.ts'
import type { Plan } from '../../targets/plan.ts'
import { type CodeSplit, codeSplitOf } from '../agent-images.ts'
import type { DeviceSummary } from '../devices.ts'
import type { DeviceResult } from './device-stage.ts'

type DeviceFigures = Pick<RunReport, 'device' | 'flash' | 'ram' | 'latency' | 'operators' | 'bitExact' | 'memoryMap'>

export interface FigureSource {
  readonly device: DeviceResult
  readonly profile: DeviceSummary
  readonly plan: Plan
  readonly pack: Uint8Array
  readonly warmup: number
}

export function deviceFigures(source: FigureSource): DeviceFigures {
  const { device, plan } = source
  return {
    device: deviceOf(source),
    flash: flashOf(source),
    ram: ramOf(source),
    latency: { ...device.latency, warmup: source.warmup, unitUs: 1 },
    operators: device.operators.map((operator) => ({ ...operator })),
    bitExact: bitExactOf(source),
    memoryMap: memoryTimeline(plan).map((moment) => ({
      operator: moment.node,
      liveBytes: moment.bytes,
      tensors: moment.live.map(({ tensor, name, bytes }) => ({ name, offset: offsetOf(plan, tensor), bytes })),
    })),
  }
}

function offsetOf(plan: Plan, tensor: number): number {
  const { place } = plan.tensors[tensor]!
  return place.kind === 'arena' ? place.offset : 0
}

function deviceOf({ device, profile }: FigureSource): RunReport['device'] {
  const { hello, deployment, link } = device
  return {
    id: link.id,
    name: profile.name,
    kind: profile.kind,
    core: hello.core,
    clockHz: hello.clockHz,
    agentBuild: Buffer.from(hello.agentBuild).toString('hex'),
    link: link.name,
    slot: deployment.slotKind,
  }
}

function flashOf({ device, pack, profile }: FigureSource): RunReport['flash'] {
  const { codeBytes, slots } = device.hello
  const sizes = packSizes(pack)
  const slotBytes = Math.max(0, ...slots.filter((slot) => slot.kind === 1).map((slot) => slot.capacity))
  return {
    totalBytes: pack.length + codeBytes,
    packBytes: pack.length,
    weightsBytes: sizes.weightsBytes,
    planBytes: sizes.planBytes,
    tablesBytes: sizes.tablesBytes,
    codecTablesBytes: sizes.codecTablesBytes,
    requantBytes: sizes.requantBytes + sizes.biasBytes,
    metaBytes: sizes.metaBytes,
    codeBytes,
    code: codeOf(device.hello),
    availableBytes: profile.flashBytes ?? slotBytes + codeBytes,
  }
}

/** Only where the image's own map adds up to what the device says. */
function codeOf({ agentBuild, codeBytes }: DeviceResult['hello']): CodeSplit | null {
  const code = codeSplitOf(Buffer.from(agentBuild).toString('hex'))
  const total = code ? code.kernelsBytes + code.decodersBytes + code.protocolBytes + code.boardBytes : 0
  return code && total === codeBytes ? code : null
}

function ramOf({ device, plan, pack, profile }: FigureSource): RunReport['ram'] {
  const { deployment, memory } = device
  const inputBytes = plan.inputs.reduce((sum, port) => sum + port.shape.reduce((a, b) => a * b, 1), 0)
  const packBytes = deployment.slotKind === 'ram' ? pack.length : 0
  const { arenaBytes } = deployment
  return {
    totalBytes: arenaBytes + inputBytes + packBytes + memory.stackHigh + memory.staticBytes,
    arenaBytes,
    arenaHighBytes: memory.arenaHigh,
    stackBytes: memory.stackHigh,
    staticBytes: memory.staticBytes,
    inputBytes,
    packBytes,
    availableBytes: profile.ramBytes ?? memory.poolBytes + memory.stackBytes + memory.staticBytes,
  }
}

function bitExactOf({ device, plan }: FigureSource): RunReport['bitExact'] {
  const { samples, equal, firstDifference } = device.comparison
  const at = firstDifference
  return {
    samples,
    equal,
    firstDifference: at
      ? {
          sample: at.sample,
          operator: plan.ops[at.op]?.node ?? 'the output',
          tensor: plan.tensors[at.tensor]?.name ?? '',
          index: at.index,
          device: at.device,
          twin: at.twin,
        }
      : null,
  }
}
