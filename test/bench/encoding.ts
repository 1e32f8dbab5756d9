// Coded weights on devices: the same model as plain int8 and with streamed weights, its outputs compared byte for byte, flash
// and instructions of every operator side by side. `node test/bench/encoding.ts [--device ID]... [--samples N] [--operators]`;
// needs the reference models beside the project, and QEMU for qemu: devices. Markdown on stdout.
import { parseArgs } from 'node:util'
import { systemClock } from '../../src-main/base/clock.ts'
import { type CodecName, codecOf } from '../../src-main/codecs/registry.ts'
import { linkTo } from '../../src-main/device/links/drivers.ts'
import { systemLinkPorts } from '../../src-main/device/links/ports.ts'
import { measureOperators, type OperatorFigure } from '../../src-main/device/measure.ts'
import { openSession } from '../../src-main/device/session.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { packSizes, readShoe, writeShoe } from '../../src-main/formats/shoe/index.ts'
import { codeSplitOf } from '../../src-main/services/agent-images.ts'
import { resolveRecipe } from '../../src-main/services/recipes.ts'
import { anyDevice } from '../../src-main/services/run/pack-target.ts'
import { quantizeSample } from '../../src-main/services/run/port-codec.ts'
import { compressLoaded, type Loaded, load } from '../../src-main/services/run/prepare.ts'
import { withPlainWeights } from '../../src-main/services/run/repack.ts'
import type { RunEvents } from '../../src-main/services/run/run-input.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import { packWeights } from '../../src-main/targets/packer/pack-weights.ts'
import type { PackOrigin, Plan } from '../../src-main/targets/plan.ts'
import { codableWeights, rowsOf, storageOf, storeWeights } from '../../src-main/targets/weight-storage.ts'
import { hasShared, sharedData, sharedModel } from '../support/shared.ts'

const { values } = parseArgs({
  options: {
    device: { type: 'string', multiple: true, default: ['qemu:netduinoplus2', 'pico'] },
    samples: { type: 'string', default: '5' },
    operators: { type: 'boolean', default: false },
  },
})
const samples = Number(values.samples)
const seed = 1

const networks = [
  { model: 'kws_ref_model_float32.tflite', data: 'kws/kws.npz', preprocess: {} },
  {
    model: 'resnet8-cifar10.onnx',
    data: 'cifar10/test-even.npz',
    preprocess: { scale: 1 / 255, layout: 'nchw' as const },
  },
]

interface Variant {
  readonly name: string
  readonly plan: Plan
  readonly pack: Uint8Array
}

interface Measured extends Variant {
  readonly operators: readonly OperatorFigure[]
  readonly outputs: readonly (readonly Int8Array[])[]
  readonly arenaBytes: number
}

if (!hasShared) {
  console.error('skipped: ../shared/models is not there')
  process.exit(0)
}
async function prepare({ model, data, preprocess }: (typeof networks)[number]) {
  const events: RunEvents = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined }
  const input = {
    producer: 'bench',
    model: { path: sharedModel(model), name: model },
    data: { path: sharedData(data), name: data, preprocess, limit: 500 },
    calibration: null,
    calibrationLimit: null,
    recipe: resolveRecipe('int8', seed),
    encoding: 'int8' as const,
    target: anyDevice,
    seed,
  }
  const loaded = await load(input, events)
  const { plan, pack } = await compressLoaded(input, loaded, { clock: systemClock, events })
  const { origin } = readShoe(pack)
  return { loaded, variants: variantsOf(withPlainWeights(plan), origin) }
}

function variantsOf(plan: Plan, origin: PackOrigin): Variant[] {
  const variant = (name: string, stored: Plan): Variant => ({ name, plan: stored, pack: writeShoe(stored, origin) })
  const options = { goal: 'smallest' as const, target: anyDevice, packBytes: (p: Plan) => writeShoe(p, origin).length }
  return [
    variant('int8', planMemory(plan)),
    variant('rANS, all streamed', allStreamed(plan, 'rans')),
    variant('arithmetic, all streamed', allStreamed(plan, 'arithmetic')),
    variant('smallest, as packed', packWeights(plan, options).plan),
  ]
}

function allStreamed(plan: Plan, name: CodecName): Plan {
  const codec = codecOf(name)
  const storages = codableWeights(plan).map((weights) => {
    const coded = codec.encode(rowsOf(plan, weights))
    return [weights.tensor, storageOf(coded, codec, weights.rowDims, 'streamed')] as const
  })
  return planMemory(storeWeights(plan, new Map(storages)))
}

async function measure(device: string, variants: readonly Variant[], loaded: Loaded) {
  await using session = await openSession(linkTo(device, systemLinkPorts), {
    clock: systemClock,
    signal: new AbortController().signal,
  })
  using twin = await openTwin(variants[0]!.pack)
  const measured: Measured[] = []
  for (const variant of variants) {
    const { arenaBytes } = await session.deploy(variant.pack)
    const outputs: Int8Array[][] = []
    for (let i = 0; i < samples; i++) {
      const inputs = quantizeSample(twin.inputs, await loaded.data.samples.read(i, 1), 0)
      outputs.push((await session.infer(inputs)).map((output) => Int8Array.from(output)))
    }
    measured.push({ ...variant, arenaBytes, outputs, operators: await measureOperators(session, variant.plan) })
  }
  const { codeBytes, agentBuild } = session.hello
  const code = codeSplitOf(Buffer.from(agentBuild).toString('hex'))
  return { variants: measured, codeBytes, decodersBytes: code?.decodersBytes ?? null }
}

const cyclesOf = ({ operators }: Measured) => operators.reduce((sum, { cycles }) => sum + cycles, 0)
const grouped = (value: number) => Math.round(value).toLocaleString('en-US')
const percent = (value: number, of: number) => `${value >= of ? '+' : ''}${((100 * (value - of)) / of).toFixed(1)} %`

function summary(measured: readonly Measured[], codeBytes: number, decodersBytes: number | null): string {
  const [plain] = measured
  const rows = measured.map((each) => {
    const { weightsBytes, codecTablesBytes } = packSizes(each.pack)
    const equal = each.outputs.filter((output, i) => sameOutputs(output, plain!.outputs[i]!)).length
    return [
      each.name,
      grouped(weightsBytes + codecTablesBytes),
      `${grouped(each.pack.length)} (${percent(each.pack.length, plain!.pack.length)})`,
      grouped(each.arenaBytes),
      `${grouped(cyclesOf(each))} (${percent(cyclesOf(each), cyclesOf(plain!))})`,
      `${equal} of ${samples}`,
    ]
  })
  const decoders = decodersBytes === null ? '' : `, ${grouped(decodersBytes)} of them all ten decoders`
  return [
    table(['weights', 'weights and tables', 'pack', 'arena', 'counted per inference', 'outputs equal to int8'], rows),
    `\nAgent and runtime ${grouped(codeBytes)} bytes${decoders}; the same image runs all rows.`,
  ].join('\n')
}

function sameOutputs(a: readonly Int8Array[], b: readonly Int8Array[]) {
  return a.every((output, i) => output.every((value, at) => value === b[i]![at]))
}

function operatorTable(measured: readonly Measured[]): string {
  const [plain, ...coded] = measured
  return table(
    ['operator', 'kernel', 'int8', ...coded.map(({ name }) => name)],
    plain!.operators.map(({ name, kernel, cycles }, i) => [
      name.length > 40 ? `${name.slice(0, 39)}…` : name,
      kernel,
      grouped(cycles),
      ...coded.map(({ operators }) => `${grouped(operators[i]!.cycles)} (${percent(operators[i]!.cycles, cycles)})`),
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

for (const network of networks) {
  const { loaded, variants } = await prepare(network)
  for (const device of values.device) {
    const measured = await measure(device, variants, loaded)
    console.log(
      `\n### ${network.model} on ${device}\n\n${summary(measured.variants, measured.codeBytes, measured.decodersBytes)}`,
    )
    if (values.operators) console.log(`\n${operatorTable(measured.variants)}`)
  }
}
