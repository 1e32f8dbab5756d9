// Fits the cost model to profiles of the emulated devices: `node test/bench/cost-model.ts`, with --write also into
// resources/cost-model.json and test/bench/RESULTS-cost.md. Needs QEMU; the reference models beside the project add to it.
import { existsSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { systemClock } from '../../src-main/base/clock.ts'
import { AppError } from '../../src-main/base/errors.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { linkTo } from '../../src-main/device/links/drivers.ts'
import type { Link } from '../../src-main/device/links/link.ts'
import { systemLinkPorts } from '../../src-main/device/links/ports.ts'
import { measureMemory, measureOperators } from '../../src-main/device/measure.ts'
import { type DeviceSession, openSession } from '../../src-main/device/session.ts'
import { resolveRecipe } from '../../src-main/services/recipes.ts'
import { compress } from '../../src-main/services/run/compress.ts'
import { loadModel, portsOfGraph } from '../../src-main/services/run/load.ts'
import { anyDevice } from '../../src-main/services/run/pack-target.ts'
import { probePorts } from '../../src-main/services/run/probe-samples.ts'
import { type CostModel, samplesOf } from '../../src-main/targets/cost-model/cost-model.ts'
import { fitKernels, fitOverhead, leaveOneModelOut, type PlanProfile } from '../../src-main/targets/cost-model/fit.ts'
import type { Plan } from '../../src-main/targets/plan.ts'
import { repository } from '../support/cli.ts'
import { sharedModel } from '../support/shared.ts'
import { packOf, syntheticPlans } from './cost-plans.ts'

interface Profiled {
  readonly name: string
  readonly isModel: boolean
  readonly plan: Plan
  readonly pack: Uint8Array
}

interface Board {
  readonly device: string
  readonly name: string
  readonly cores: string
  /** Boards of one name are fitted together. */
  readonly agent: string
}

const boards: readonly Board[] = [
  { device: 'qemu:netduinoplus2', name: 'cortex-m4', cores: 'M4', agent: 'stm32f405' },
  { device: 'qemu:mps2-an386', name: 'cortex-m4', cores: 'M4', agent: 'mps2-an386' },
  { device: 'pico', name: 'cortex-m0plus', cores: 'M0\\+', agent: 'rp2040' },
  { device: 'qemu:microbit', name: 'cortex-m0', cores: 'M0(?!\\+)', agent: 'nrf51822' },
]

/** ResNet-8 twice, from two places, with the same shapes. */
const familyOf = (name: string) => (/resnet/i.test(name) ? 'resnet-8' : name)

const models = [
  'lenet-300-100.onnx',
  'lenet-5.onnx',
  'resnet8-cifar10.onnx',
  'mobilenetv2-cifar10.onnx',
  'kws_ref_model.tflite',
  'pretrainedResnet_quant.tflite',
].map(sharedModel)

process.chdir(repository)
const seed = 2026
const plans: Profiled[] = syntheticPlans(seed).map(({ name, plan }) => ({
  name,
  isModel: false,
  plan,
  pack: packOf(plan),
}))
for (const path of ['resources/samples/gestures.onnx', ...models]) {
  if (existsSync(path)) plans.push(await packed(path))
  else console.error(`left out: ${path} is not there`)
}
const memory: Record<string, { stackBytes: number; staticBytes: number; agentBuild: string }> = {}
const profiles = new Map<string, { board: Board; link: Link; profile: PlanProfile }[]>()
for (const board of boards) {
  const found = await profileAll(board)
  profiles.set(board.name, [...(profiles.get(board.name) ?? []), ...found])
}
const fitted = modelOf()
console.log(report(fitted))
if (process.argv.includes('--write')) {
  writeFileSync('resources/cost-model.json', `${JSON.stringify(fitted, null, 2)}\n`)
  const comment =
    'Stack and static RAM of the agents as they say themselves, by image; stack is the most that the models of test/bench/cost-model.ts took.'
  const measuredMemory = { comment, kind: 'simulated', source: 'test/bench/cost-model.ts --write', images: memory }
  writeFileSync('resources/cost-model-memory.json', `${JSON.stringify(measuredMemory, null, 2)}\n`)
  writeFileSync('test/bench/RESULTS-cost.md', report(fitted))
}

async function packed(path: string): Promise<Profiled> {
  const model = await loadModel(path)
  const { plan, pack } = await compress({
    graph: model.graph,
    modelName: basename(path),
    modelSha256: model.sha256,
    recipe: resolveRecipe('int8-minmax', 0),
    encoding: 'int8',
    target: anyDevice,
    calibration: probePorts(portsOfGraph(model.graph), 32),
    calibrationSha256: null,
    producer: 'bench',
    clock: systemClock,
    signal: new AbortController().signal,
    progress: () => undefined,
    log: () => undefined,
  })
  return { name: basename(path), isModel: true, plan, pack }
}

async function profileAll(board: Board) {
  const link = linkTo(board.device, systemLinkPorts)
  const signal = AbortSignal.timeout(3_600_000)
  await using session = await openSession(link, { clock: systemClock, signal })
  const found: { board: Board; link: Link; profile: PlanProfile }[] = []
  for (const each of plans) {
    const started = systemClock.monotonicMs()
    const profile = await profileOne(session, board, each)
    const seconds = ((systemClock.monotonicMs() - started) / 1000).toFixed(1)
    console.error(
      `${board.device}: ${each.name} ${profile ? `${profile.inference} counted, ${seconds} s` : 'does not fit'}`,
    )
    if (profile) found.push({ board, link, profile })
  }
  return found
}

/** null where it does not fit. */
async function profileOne(
  session: DeviceSession,
  board: Board,
  { name, isModel, plan, pack }: Profiled,
): Promise<PlanProfile | null> {
  try {
    await session.deploy(pack)
  } catch (error) {
    if (error instanceof AppError && error.code !== 'device.noAnswer') return null
    throw error
  }
  const random = seededRandom(seed)
  for (const [i, { tensor }] of plan.inputs.entries()) {
    const count = plan.tensors[tensor]!.shape.reduce((a, b) => a * b, 1)
    await session.setInput(
      i,
      Int8Array.from({ length: count }, () => random.below(256) - 128),
    )
  }
  const { stackHigh, staticBytes } = await measureMemory(session)
  const known = memory[board.agent]
  const agentBuild = Buffer.from(session.hello.agentBuild).toString('hex')
  memory[board.agent] = { stackBytes: Math.max(stackHigh, known?.stackBytes ?? 0), staticBytes, agentBuild }
  const cycles = (await measureOperators(session, plan)).map((operator) => operator.cycles)
  const ticks = (await session.bench(1, 1))[0]!
  return {
    name,
    family: familyOf(name),
    isModel,
    operators: samplesOf(plan, cycles),
    inference: Math.round(ticks / (session.link.ticksPerInstruction ?? 1)),
  }
}

function modelOf(): CostModel {
  const classes = [...profiles].map(([name, found]): [string, CostModel['classes'][string]] => {
    const all = found.map(({ profile }) => profile)
    const { link, board } = found[0]!
    const kernels = fitKernels(all.flatMap(({ operators }) => operators))
    return [
      name,
      {
        cores: board.cores,
        counter: link.ticksPerInstruction ? 'instructions' : 'cycles',
        cyclesPerInstruction: Number((link.ticksPerInstruction ?? sameCodeRatio(all)).toPrecision(4)),
        devices: Object.fromEntries(
          found.map((each) => [
            each.board.device,
            Number((each.link.ticksPerInstruction ?? sameCodeRatio(all)).toPrecision(4)),
          ]),
        ),
        samples: all.reduce((sum, { operators }) => sum + operators.length, 0),
        kernels: Object.fromEntries(Object.entries(kernels).map(([kernel, costs]) => [kernel, { ...costs }])),
        ...fitOverhead(all),
        error: leaveOneModelOut(all),
      },
    ]
  })
  return {
    comment:
      'What one turn of each loop of a kernel costs, by class of core; src-main/targets/cost-model/features.ts counts the turns. Instructions where the emulator counts those.',
    kind: 'simulated',
    source: 'node test/bench/cost-model.ts --write',
    classes: Object.fromEntries(classes),
  }
}

/** Cycles of the emulated Pico for an instruction: the micro:bit's image has the same kernels, and QEMU counts instructions. */
function sameCodeRatio(counted: readonly PlanProfile[]): number {
  const instructions = new Map(profiles.get('cortex-m0')!.map(({ profile }) => [profile.name, profile.inference]))
  const both = counted.filter(({ name }) => instructions.has(name))
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  return sum(both.map(({ inference }) => inference)) / sum(both.map(({ name }) => instructions.get(name)!))
}

function report(model: CostModel): string {
  const parts = Object.entries(model.classes).flatMap(([name, c]) => [
    `## ${name}: ${Object.keys(c.devices).join(', ')}`,
    '',
    `${c.samples} operators, ${c.counter}. Models left out of the fit: median error ${c.error.medianPercent.toFixed(2)} %, worst ${c.error.worstPercent.toFixed(2)} %; of a single operator, median ${c.error.operatorMedianPercent.toFixed(2)} %.`,
    '',
    `| model | counted | estimated | error, % |`,
    '|---|---|---|---|',
    ...c.error.models.map(
      ({ model: m, counted, estimated }) =>
        `| ${m} | ${counted} | ${estimated} | ${((100 * (estimated - counted)) / counted).toFixed(2)} |`,
    ),
    '',
  ])
  return [
    '# Cost model: estimates against emulated devices',
    '',
    '`node test/bench/cost-model.ts --write`. Plans made up from a seed and the models below run on every device that has room for',
    'them; the counts of each operator are fitted by non-negative least squares in relative errors, one problem a kernel. Each model',
    'below is estimated by a fit that has not seen it, on any device. QEMU counts instructions, the emulated Pico counts cycles.',
    '',
    ...parts,
  ].join('\n')
}
