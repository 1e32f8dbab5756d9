// An in-memory host behind the real contract, for tests of the interface: it keeps what it is given and plays back one
// invented run. It measures nothing.
import { implement } from '@orpc/server'
import { AppError } from '../../../src-main/base/errors.ts'
import type { Sensitivity } from '../../../src-main/contract/analysis.ts'
import { contract } from '../../../src-main/contract/contract.ts'
import type { DataSet } from '../../../src-main/contract/data-set.ts'
import type { Device } from '../../../src-main/contract/device.ts'
import { toErrorInfo } from '../../../src-main/contract/error.ts'
import type { Job, StageName } from '../../../src-main/contract/job.ts'
import type { Analysis, Model } from '../../../src-main/contract/model.ts'
import type { Project } from '../../../src-main/contract/project.ts'
import type { RunReport } from '../../../src-main/contract/report.ts'
import type { Disagreements, RunRequest, RunSummary } from '../../../src-main/contract/run.ts'
import type { Verification } from '../../../src-main/contract/verification.ts'
import { renderReport } from '../../../src-main/reports/render.ts'
import { sizeAfter } from '../../../src-main/services/recipe-sizes.ts'
import { recipesService, resolveRecipe } from '../../../src-main/services/recipes.ts'
import { sampleRun } from '../sample-run.ts'
import { sampleSensitivity } from '../sample-sensitivity.ts'
import { calibratedKernels, uncalibratedKernels } from './fake-kernels.ts'
import {
  FakeConsole,
  fakeDetails,
  fakeDifference,
  fakeEffect,
  fakeFit,
  fakeGraph,
  fakeHistogram,
  fakeSplits,
} from './fake-views.ts'

const at = '2026-11-22T08:00:00.000Z'

const noEncoding = {
  code: 'usage.invalid',
  message: 'This host encodes nothing.',
  next: 'Use a real one.',
  data: {},
}

export interface FakeOptions {
  /** Milliseconds between two progress events of a job. */
  readonly stepMs: number
}

export function createFakeRouter(options: FakeOptions) {
  const os = implement(contract)
  const fake = new FakeState(options)
  const router = os.router({
    export: {
      library: os.export.library.handler(({ input }) => ({
        fileName: `model-${input.as}.zip`,
        mediaType: 'application/zip',
        data: new Blob(['PK'], { type: 'application/zip' }),
      })),
    },
    encoding: {
      start: os.encoding.start.handler(({ errors }) => {
        throw errors.APP_ERROR({ data: noEncoding })
      }),
      open: os.encoding.open.handler(() => []),
      list: os.encoding.list.handler(() => []),
      get: os.encoding.get.handler(({ errors }) => {
        throw errors.APP_ERROR({ data: noEncoding })
      }),
      read: os.encoding.read.handler(({ errors }) => {
        throw errors.APP_ERROR({ data: noEncoding })
      }),
      remove: os.encoding.remove.handler(() => undefined),
    },
    projects: {
      list: os.projects.list.handler(() =>
        fake.projects.filter((each) => each.deletedAt === null).map((project) => fake.withRuns(project)),
      ),
      get: os.projects.get.handler(({ input }) => fake.withRuns(fake.project(input.id))),
      create: os.projects.create.handler(({ input, errors }) => {
        if (fake.projects.some((project) => project.name === input.name)) {
          throw errors.APP_ERROR({
            message: 'There is a project with this name.',
            data: {
              code: 'store.conflict',
              message: `There is a project called ${input.name}.`,
              next: 'Choose another name.',
              data: {},
            },
          })
        }
        return fake.addProject(input.name, input.device, input.budgets)
      }),
      update: os.projects.update.handler(({ input, errors }) => {
        const { id, ...change } = input
        if (fake.projects.some((project) => project.name === input.name && project.id !== id)) {
          throw errors.APP_ERROR({
            data: {
              code: 'store.conflict',
              message: `There is a project called ${input.name} already.`,
              next: 'Choose another name.',
              data: {},
            },
          })
        }
        return fake.change(id, change)
      }),
      duplicate: os.projects.duplicate.handler(({ input }) => {
        const { device, budgets, modelId, dataSetId, recipe } = fake.project(input.id)
        const copy = fake.addProject(input.name, device, budgets)
        return fake.change(copy.id, { modelId, dataSetId, recipe })
      }),
      archive: os.projects.archive.handler(({ input }) =>
        fake.change(input.id, { archivedAt: input.archived ? at : null }),
      ),
      remove: os.projects.remove.handler(({ input, errors }) => {
        const job = [...fake.jobs.values()].find((each) => each.projectId === input.id && each.state === 'running')
        if (job)
          throw errors.APP_ERROR({
            data: toErrorInfo(new AppError('store.busy', { name: fake.project(input.id).name, title: job.title })),
          })
        fake.change(input.id, { deletedAt: new Date().toISOString() })
      }),
      bin: os.projects.bin.handler(() =>
        fake.projects.filter((each) => each.deletedAt !== null).map((project) => fake.withRuns(project)),
      ),
      restore: os.projects.restore.handler(({ input }) => fake.change(input.id, { deletedAt: null })),
      purge: os.projects.purge.handler(({ input }) => fake.drop(input.id)),
      export: os.projects.export.handler(({ input }) => ({
        archive: 'archive-1',
        fileName: `${fake.project(input.id).name}.shoeproject`,
        bytes: 6,
      })),
      readExport: os.projects.readExport.handler(({ input }) => ({ data: new Blob([input.offset < 6 ? 'PK' : '']) })),
      import: os.projects.import.handler(({ input, errors }) => {
        const name = input.source.kind === 'upload' ? fake.firstPath(input.source.upload) : input.source.path
        if (name.includes('damaged'))
          throw errors.APP_ERROR({
            data: toErrorInfo(new AppError('store.notProject', { name, problem: 'project.json is damaged' })),
          })
        const made = fake.addProject(name.replace(/\.shoeproject$/, ''), devices[1]!.id)
        return { project: made, models: 1, dataSets: 1, runs: 2, reused: 1 }
      }),
    },
    desktop: {
      info: os.desktop.info.handler(() => ({ available: false, recentWorkspaces: [] })),
      watch: os.desktop.watch.handler(async function* () {}),
      setMenu: os.desktop.setMenu.handler(() => {}),
      openWorkspace: os.desktop.openWorkspace.handler(() => ({ opened: false })),
    },
    models: {
      list: os.models.list.handler(() => fake.models),
      get: os.models.get.handler(({ input }) => fake.models.find((model) => model.id === input.id)!),
      add: os.models.add.handler(({ input }) => {
        const model = fake.addModel(input.source.kind === 'upload' ? fake.firstPath(input.source.upload) : 'model.onnx')
        if (input.project) fake.change(input.project, { modelId: model.id })
        return model
      }),
      analyze: os.models.analyze.handler(({ input }) => fake.analysis(input.id)),
      graph: os.models.graph.handler(({ input }) => fakeGraph(fake.model(input.id).name, fake.graphBlocks)),
      histogram: os.models.histogram.handler(({ input }) =>
        fakeHistogram(input.tensor, input.run !== undefined, input.bins),
      ),
      difference: os.models.difference.handler(({ input }) => fakeDifference(fake.model(input.a), fake.model(input.b))),
      remove: os.models.remove.handler(() => {}),
    },
    analysis: {
      start: os.analysis.start.handler(() => {
        fake.sensitivity = sampleSensitivity()
        return { job: null }
      }),
      running: os.analysis.running.handler(() => ({ job: null })),
      sensitivity: os.analysis.sensitivity.handler(() => fake.sensitivity),
      divergence: os.analysis.divergence.handler(({ errors }) => {
        throw errors.APP_ERROR({
          data: { code: 'usage.invalid', message: 'Nothing to compare.', next: 'Use a real host.', data: {} },
        })
      }),
    },
    data: {
      list: os.data.list.handler(() => fake.data),
      get: os.data.get.handler(({ input }) => fake.data.find((set) => set.id === input.id)!),
      add: os.data.add.handler(({ input }) => {
        const name = input.source.kind === 'upload' ? fake.firstPath(input.source.upload) : 'data.npz'
        const set = fake.addData(name, input.preprocess)
        if (input.project) fake.change(input.project, { dataSetId: set.id })
        return set
      }),
      setPreprocess: os.data.setPreprocess.handler(({ input }) => {
        fake.data = fake.data.map((set) => (set.id === input.id ? { ...set, preprocess: input.preprocess } : set))
        return fake.data.find((set) => set.id === input.id)!
      }),
      preview: os.data.preview.handler(({ input }) => fake.preview(input.id, input.first, input.count)),
      effect: os.data.effect.handler(({ input }) => fakeEffect(fake.dataSet(input.id), input.index, input.preprocess)),
      splits: os.data.splits.handler(({ input }) => fakeSplits(fake.dataSet(input.id), input.seed)),
      fit: os.data.fit.handler(({ input }) => {
        const set = fake.dataSet(input.id)
        return fakeFit(set, fake.model(input.model), input.preprocess ?? set.preprocess)
      }),
      remove: os.data.remove.handler(() => {}),
    },
    recipes: {
      presets: os.recipes.presets.handler(() => recipesService().presets()),
      passes: os.recipes.passes.handler(() => recipesService().passes()),
      estimate: os.recipes.estimate.handler(({ input }) => fake.estimate(input.text)),
      examine: os.recipes.examine.handler(({ input, errors }) => {
        try {
          return recipesService().examine(input.text)
        } catch (error) {
          throw errors.APP_ERROR({ data: toErrorInfo(error) })
        }
      }),
      check: os.recipes.check.handler(({ input, errors }) => {
        try {
          return recipesService().check(input.text)
        } catch (error) {
          throw errors.APP_ERROR({ data: toErrorInfo(error) })
        }
      }),
    },
    runs: {
      list: os.runs.list.handler(({ input }) => fake.summaries(input.project)),
      page: os.runs.page.handler(({ input }) => {
        fake.partsAsked += 1
        const rows = fake.summaries(input.project)
        return { total: rows.length, rows: rows.slice(input.first, input.first + input.count) }
      }),
      annotate: os.runs.annotate.handler(({ input: { id, ...written } }) => {
        fake.notes.set(id, { ...{ tags: [], note: '' }, ...fake.notes.get(id), ...written })
        return fake.summaries(undefined).find((run) => run.id === id)!
      }),
      disagreements: os.runs.disagreements.handler(({ input }) => fake.disagreements(input)),
      get: os.runs.get.handler(({ input }) => fake.runs.find((run) => run.id === input.id)!),
      start: os.runs.start.handler(({ input }) => {
        fake.requests.push(input)
        return { job: fake.startJob(input.project).id }
      }),
      compare: os.runs.compare.handler(({ input }) => input.ids.map((id) => fake.runs.find((run) => run.id === id)!)),
      remove: os.runs.remove.handler(({ input }) => {
        fake.runs = fake.runs.filter((run) => run.id !== input.id)
      }),
    },
    jobs: {
      list: os.jobs.list.handler(({ input }) =>
        [...fake.jobs.values()].filter((job) => !input.project || job.projectId === input.project).reverse(),
      ),
      get: os.jobs.get.handler(({ input }) => fake.jobs.get(input.id)!),
      watch: os.jobs.watch.handler(({ input }) => fake.watch(input.id)),
      cancel: os.jobs.cancel.handler(({ input }) => {
        fake.patchJob(input.id, { state: 'cancelled', endedAt: at })
      }),
    },
    devices: {
      list: os.devices.list.handler(() => devices),
      details: os.devices.details.handler(({ input }) => fakeDetails(input.id)),
      agentImage: os.devices.agentImage.handler(({ input }) => ({ fileName: input.file, data: new Blob(['UF2']) })),
      console: os.devices.console.handler(({ input, signal }) => fake.console.watch(input.id, signal)),
      send: os.devices.send.handler(({ input }) => fake.console.send(input.id, input.line)),
      identify: os.devices.identify.handler(({ input, errors }) => {
        if (input.id !== 'pico') {
          throw errors.APP_ERROR({
            data: {
              code: 'device.noAnswer',
              message: `No answer from ${input.id} in 500 ms.`,
              next: 'Press reset on the board, check the cable, and try again.',
              data: {},
            },
          })
        }
        return {
          board: 'rp2040',
          core: 'Cortex-M0+',
          clockHz: 125e6,
          agentBuild: 'agent-0.1.0',
          poolBytes: 196_608,
          codeBytes: 32_000,
          handshake: ['> 03 01 01 05 a1 8c 2e 11 00', '< 11 81 01 72 70 32 30 34 30 00'],
        }
      }),
    },
    kernels: {
      state: os.kernels.state.handler(() => fake.kernels),
      calibrate: os.kernels.calibrate.handler(() => fake.calibrate()),
    },
    reports: {
      render: os.reports.render.handler(({ input }) => {
        const runs = fake.runs.filter(
          (run) => input.runs?.some((id) => id === run.id) ?? run.project?.id === input.project,
        )
        const data = { title: 'Report', generatedAt: at, producer: 'Shoehorn 0.1.0', sections: input.sections, runs }
        const { fileName, mediaType, content } = renderReport(data, input.format)
        return { fileName, mediaType, data: new Blob([content], { type: mediaType }) }
      }),
      verify: os.reports.verify.handler(({ input }) => {
        const name = input.kind === 'run' ? input.run : input.name
        return { job: fake.startVerification(name).id }
      }),
      verification: os.reports.verification.handler(({ input }) => fake.verifications.get(input.job)!),
      verificationOf: os.reports.verificationOf.handler(
        ({ input }) => [...fake.verifications.values()].findLast((each) => each.name === input.run) ?? null,
      ),
    },
    uploads: {
      begin: os.uploads.begin.handler(({ input }) => fake.beginUpload(input.files)),
      chunk: os.uploads.chunk.handler(({ input }) => fake.receive(input.id, input.file, input.offset, input.data)),
      cancel: os.uploads.cancel.handler(() => {}),
    },
    system: {
      info: os.system.info.handler(() => ({ version: '0.1.0', workspace: '~/Shoehorn', host: 'web' as const })),
    },
  })
  return { router, fake }
}

const memories = { flashBytes: 2_097_152, ramBytes: 270_336 }
const devices: Device[] = [
  {
    id: 'twin' as Device['id'],
    profile: 'twin',
    name: 'Twin (in process)',
    kind: 'twin',
    core: 'WebAssembly',
    clockHz: null,
    flashBytes: null,
    ramBytes: null,
    available: true,
    problem: null,
    defaultBudgets: { accuracyDrop: 1 },
  },
  {
    id: 'pico' as Device['id'],
    profile: 'pico',
    name: 'Raspberry Pi Pico (emulated)',
    kind: 'emulator',
    core: 'Cortex-M0+',
    clockHz: 125e6,
    ...memories,
    available: true,
    problem: null,
    defaultBudgets: { ...memories, accuracyDrop: 1 },
  },
  {
    id: 'qemu:netduinoplus2' as Device['id'],
    profile: 'stm32f405',
    name: 'STM32F405 (QEMU)',
    kind: 'emulator',
    core: 'Cortex-M4F',
    clockHz: 168e6,
    flashBytes: 1 << 20,
    ramBytes: 128 << 10,
    available: false,
    problem: 'qemu-system-arm is not installed. Install the package qemu-system-arm.',
    defaultBudgets: { flashBytes: 1 << 20, ramBytes: 128 << 10, accuracyDrop: 1 },
  },
]

const stages: StageName[] = [
  'import',
  'data',
  'original',
  'compress',
  'pack',
  'twin',
  'deploy',
  'measure',
  'validate',
  'store',
]

export class FakeState {
  sensitivity: Sensitivity | null = null
  projects: Project[] = []
  models: Model[] = []
  data: DataSet[] = []
  runs: RunReport[] = []
  /** What was asked of runs.start. */
  requests: RunRequest[] = []
  /** Put over the runs that are played from now on. */
  nextRun: Partial<RunReport> = {}
  jobs = new Map<string, Job>()
  notes = new Map<string, { tags?: string[]; note?: string }>()
  verifications = new Map<string, Verification>()
  /** How often rows of runs were asked for. */
  partsAsked = 0
  /** Whether verifying finds a figure that differs. */
  tampered = false
  readonly uploads = new Map<string, { paths: string[]; bytes: number[]; received: number[] }>()
  kernels = uncalibratedKernels
  readonly console = new FakeConsole()
  /** Size of the graphs that are drawn: four nodes a block. */
  graphBlocks = 4
  /** A job waits before this stage until it is set to null. */
  holdBefore: StageName | null = null
  readonly #options: FakeOptions
  #serial = 0
  #changed = Promise.withResolvers<void>()

  constructor(options: FakeOptions) {
    this.#options = options
  }

  calibrate() {
    this.kernels = calibratedKernels
    return this.kernels
  }

  model(id: string): Model {
    return this.models.find((model) => model.id === id)!
  }

  dataSet(id: string): DataSet {
    return this.data.find((set) => set.id === id)!
  }

  project(id: string): Project {
    return this.projects.find((project) => project.id === id)!
  }

  withRuns(project: Project): Project {
    const runs = this.runs.filter((run) => run.project?.id === project.id)
    const best = runs.find((run) => run.budgets.every((budget) => budget.met !== false))
    return { ...project, runs: runs.length, bestRunId: (best?.id ?? null) as Project['bestRunId'] }
  }

  addProject(name: string, device: Project['device'], budgets?: Project['budgets']): Project {
    const found = devices.find((each) => each.id === device)!
    const project: Project = {
      id: this.#next('project') as Project['id'],
      name,
      device,
      deviceName: found.name,
      budgets: budgets ?? found.defaultBudgets,
      modelId: null,
      dataSetId: null,
      recipe: 'int8',
      createdAt: at,
      archivedAt: null,
      deletedAt: null,
      runs: 0,
      bestRunId: null,
    }
    this.projects.push(project)
    return project
  }

  change(id: string, change: Partial<Project>): Project {
    this.projects = this.projects.map((project) => (project.id === id ? { ...project, ...change } : project))
    return this.withRuns(this.project(id))
  }

  drop(id: string): void {
    this.projects = this.projects.filter((project) => project.id !== id)
  }

  addModel(name: string): Model {
    const { model } = sampleRun()
    const added: Model = {
      id: this.#next('model') as Model['id'],
      name,
      format: name.endsWith('.tflite') ? 'tflite' : 'onnx',
      sha256: model.sha256,
      bytes: model.bytes,
      parameters: model.parameters,
      macs: model.macs,
      quantized: false,
      inputs: [{ name: 'x', dtype: 'float32', shape: ['n', 3, 128] }],
      outputs: [{ name: 'y', dtype: 'float32', shape: ['n', 4] }],
      addedAt: at,
    }
    this.models.push(added)
    return added
  }

  /** IDX files hold pictures of bytes, anything else real numbers. */
  addData(name: string, preprocess: DataSet['preprocess'] = {}): DataSet {
    const isIdx = name.includes('idx')
    const shape = isIdx ? [16, 16] : name.includes('image') ? [16, 16, 3] : [3, 128]
    const added: DataSet = {
      id: this.#next('data') as DataSet['id'],
      name,
      format: isIdx ? 'idx' : 'npz',
      sha256: 'b2'.repeat(32),
      count: 400,
      inputs: [{ name: 'x', shape, dtype: isIdx ? 'u8' : 'f32' }],
      labelled: true,
      classNames: ['circle', 'shake', 'swipe', 'still'],
      classCounts: [100, 104, 98, 98],
      preprocess,
      addedAt: at,
    }
    this.data.push(added)
    return added
  }

  /** The real arithmetic, over two invented layers. */
  estimate(text: string) {
    const { passes } = resolveRecipe(text)
    const sizes = [
      { node: 'conv1', tensor: 'conv1.weight', isLinear: true, elements: 384, channels: 16, bits: 32, otherBytes: 64 },
      {
        node: 'conv2',
        tensor: 'conv2.weight',
        isLinear: true,
        elements: 6_144,
        channels: 32,
        bits: 32,
        otherBytes: 128,
      },
    ]
    const after = sizeAfter(sizes, passes)
    return {
      parameters: 6_528,
      originalBytes: 26_304,
      weightsBytes: Math.round(after.weightsBytes),
      plainBytes: Math.round(after.plainBytes),
      flashBytes: Math.round(after.weightsBytes + after.otherBytes) + 632,
      zeros: after.zeros,
      open: after.open,
    }
  }

  analysis(id: string): Analysis {
    const { id: _, addedAt: __, ...model } = this.models.find((each) => each.id === id)!
    return {
      model,
      producer: 'pytorch 2.4',
      opset: 17,
      layers: [
        layer(
          'features/block_1/expand/BatchNormalization_fused',
          'DepthwiseConv',
          [1, 116, 1064],
          384,
          384_000,
          [-0.81, 0.77],
          null,
        ),
        layer('relu1', 'Relu', [1, 16, 64], 0, 0, null, null),
        layer('conv2', 'Conv', [1, 32, 32], 6_144, 768_000, [-0.52, 0.61], null),
        layer('erf1', 'Erf', [1, 32, 32], 0, 32_768, null, 'Erf has no integer kernel. Replace it by Tanh.'),
        layer('fc', 'Gemm', [1, 4], 132, 52_224, [-0.33, 0.29], null),
      ],
      operators: { Conv: 2, Relu: 1, Erf: 1, Gemm: 1 },
      weights: [
        weights('conv1.weight', 'conv1', [16, 3, 8], 6.9, { int8: 384, int4: null, rans: 371 }),
        weights('conv2.weight', 'conv2', [32, 24, 8], 5.2, { int8: 6_144, int4: null, rans: 4_130 }),
      ],
      devices: [
        {
          device: 'pico',
          name: 'Raspberry Pi Pico',
          fits: true,
          flashBytes: 58_500,
          ramBytes: 14_640,
          latencyMs: 61,
          latencyKind: 'estimated',
          cost: {
            coreClass: 'cortex-m0plus',
            isExact: true,
            counter: 'cycles' as const,
            cyclesPerInstruction: 1.4,
            medianPercent: 0.8,
            worstPercent: 3.2,
            models: 6,
            profiles: 0,
          },
          flash: { packBytes: 8_500, codeBytes: 50_000, codeKind: 'exact', availableBytes: 2_097_152 },
          ram: {
            ...{ arenaBytes: 5_000, inputBytes: 1_000, stackBytes: 940, staticBytes: 7_700, agentKind: 'simulated' },
            ...{ packBytes: 0, availableBytes: 270_336 },
          },
          problem: null,
        },
        {
          device: 'microbit',
          name: 'micro:bit',
          fits: false,
          flashBytes: 58_500,
          ramBytes: 14_640,
          latencyMs: null,
          latencyKind: 'estimated',
          cost: {
            coreClass: 'cortex-m0',
            isExact: true,
            counter: 'cycles' as const,
            cyclesPerInstruction: 1.4,
            medianPercent: 1.5,
            worstPercent: 1.5,
            models: 1,
            profiles: 0,
          },
          flash: { packBytes: 8_500, codeBytes: 50_000, codeKind: 'exact', availableBytes: 262_144 },
          ram: {
            ...{ arenaBytes: 11_000, inputBytes: 1_000, stackBytes: 940, staticBytes: 1_700, agentKind: 'simulated' },
            ...{ packBytes: 0, availableBytes: 16_384 },
          },
          problem: 'RAM needs 14640 bytes, 12288 are available, 2352 too many.',
        },
      ],
      warnings: ['The model has no producer version.'],
    }
  }

  preview(id: string, first: number, count: number) {
    const { inputs, classNames } = this.data.find((each) => each.id === id)!
    const shape = inputs[0]!.shape
    const size = shape.reduce((product, each) => product * each, 1)
    return Array.from({ length: count }, (_, i) => ({
      index: first + i,
      label: classNames![(first + i) % 4]!,
      shape,
      values: Array.from({ length: size }, (__, k) => Math.sin((k * (1 + (i % 4))) / 9) + Math.cos(k / 31 + i)),
    }))
  }

  summaries(project: string | undefined): RunSummary[] {
    return this.runs
      .filter((run) => !project || run.project?.id === project)
      .map((run) => ({
        id: run.id as RunSummary['id'],
        projectId: (run.project?.id ?? null) as RunSummary['projectId'],
        createdAt: run.createdAt,
        modelName: run.model.name,
        recipeName: run.recipe.name,
        device: run.device.id,
        deviceName: run.device.name,
        flashBytes: run.flash.totalBytes,
        ramBytes: run.ram.totalBytes,
        latencyMs: run.latency.median / 1000,
        latencyKind: run.latency.kind,
        accuracy: run.quality.twin.task === 'classification' ? run.quality.twin.top1 : null,
        accuracyDrop: 1,
        energyUj: null,
        bitExact: run.bitExact.equal === run.bitExact.samples,
        withinBudgets: run.budgets.every((budget) => budget.met !== false),
        ...{ tags: [], note: '', ...this.notes.get(run.id) },
      }))
  }

  /** Runs of one project that differ as a long campaign's would. */
  addRuns(count: number, project: Pick<Project, 'id' | 'name'>): void {
    const base = sampleRun()
    if (base.quality.twin.task !== 'classification') throw new Error('the sample run has classes')
    for (let i = 0; i < count; i++) {
      // the low bits of a multiplicative sequence: spread, and the same every time
      const spread = ((i * 2_654_435_761) % 4096) / 4096
      const top1 = Math.min(0.99, 0.7 + 0.25 * Math.sqrt(spread) + 0.04 * Math.sin(i))
      this.runs.push({
        ...base,
        id: `many-${i}`,
        project: { id: project.id, name: project.name },
        createdAt: new Date(Date.parse(at) - i * 60_000).toISOString(),
        recipe: { ...base.recipe, name: ['int8', 'w4a8', 'ternary', 'float'][i % 4]! },
        flash: { ...base.flash, totalBytes: Math.round(20_000 + spread * 180_000) },
        ram: { ...base.ram, totalBytes: 8_000 + (i % 97) * 300 },
        latency: { ...base.latency, median: 20_000 + ((i * 31) % 977) * 90 },
        quality: { ...base.quality, twin: { ...base.quality.twin, top1 } },
        budgets: i % 3 === 0 ? [] : base.budgets,
      })
    }
  }

  disagreements({ ids, first, count }: { ids: readonly string[]; first: number; count: number }): Disagreements {
    const classes = ['circle', 'shake', 'swipe', 'still']
    const total = 11
    const name = (i: number) => classes[i % classes.length]!
    const indices = Array.from({ length: total }, (_, i) => 7 + i * 13).slice(first, first + count)
    const samples = indices.map((index) => ({
      index,
      truth: name(index),
      original: name(index),
      answers: ids.map((_, run) => name(index + run)),
      picture: {
        shape: [3, 128],
        values: Array.from({ length: 384 }, (_, k) => Math.sin((k * (1 + (index % 5))) / 11) + Math.cos(k / 29)),
      },
    }))
    return { compared: 400, total, obstacle: null, samples }
  }

  startVerification(name: string): Job {
    const job = this.startJob(null, 'verify')
    this.verifications.set(job.id, {
      name,
      verifiedAt: at,
      producer: 'Shoehorn 0.1.0',
      confirmed: !this.tampered,
      document: null,
      runs: [
        {
          run: name,
          title: 'gestures.onnx, int8',
          confirmed: !this.tampered,
          figures: [
            { figure: 'pack.sha256', stated: 'd4'.repeat(32), found: 'd4'.repeat(32), outcome: 'same' },
            {
              figure: 'flash.weightsBytes',
              stated: '23400',
              found: this.tampered ? '23412' : '23400',
              outcome: this.tampered ? 'differs' : 'same',
            },
            { figure: 'latency.median', stated: '61240 µs, simulated, n 20', found: null, outcome: 'stated' },
          ],
        },
      ],
    })
    return job
  }

  startJob(projectId: Job['projectId'], makes: 'run' | 'verify' = 'run'): Job {
    const job: Job = {
      id: this.#next('job') as Job['id'],
      projectId,
      title: 'gestures.onnx on Raspberry Pi Pico',
      state: 'running',
      progress: null,
      log: [],
      error: null,
      runId: null,
      createdAt: at,
      startedAt: new Date().toISOString(),
      endedAt: null,
    }
    this.jobs.set(job.id, job)
    void this.#play(job.id, makes)
    return job
  }

  patchJob(id: string, change: Partial<Job>): void {
    this.jobs.set(id, { ...this.jobs.get(id)!, ...change })
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  async *watch(id: string): AsyncGenerator<Job, void, void> {
    for (;;) {
      const changed = this.#changed.promise
      const job = this.jobs.get(id)!
      yield job
      if (job.state !== 'running') return
      await changed
    }
  }

  beginUpload(files: { path: string; bytes: number }[]) {
    const id = this.#next('upload')
    this.uploads.set(id, {
      paths: files.map((file) => file.path),
      bytes: files.map((file) => file.bytes),
      received: files.map(() => 0),
    })
    return { id: id as never }
  }

  receive(id: string, file: number, offset: number, data: Blob): void {
    const upload = this.uploads.get(id)!
    if (upload.received[file] !== offset) throw new Error(`chunk at ${offset}, expected ${upload.received[file]}`)
    upload.received[file] += data.size
  }

  /** The path of the first file, once every byte of the upload is here. */
  firstPath(id: string): string {
    const upload = this.uploads.get(id)!
    const complete = upload.bytes.every((bytes, file) => upload.received[file] === bytes)
    if (!complete) throw new Error(`upload ${id} is incomplete`)
    return upload.paths[0]!
  }

  async #play(id: string, makes: 'run' | 'verify'): Promise<void> {
    for (const stage of stages) {
      for (const fraction of [0, 0.5, 1]) {
        do await new Promise((resolve) => setTimeout(resolve, this.#options.stepMs))
        while (this.holdBefore === stage && this.jobs.get(id)?.state === 'running')
        const job = this.jobs.get(id)!
        if (job.state !== 'running') return
        const log = fraction === 1 ? [...job.log, { atMs: Date.now(), line: `${stage} done` }] : job.log
        this.patchJob(id, { progress: { stage, fraction, note: `working on ${stage}` }, log })
      }
    }
    if (makes === 'verify') return this.patchJob(id, { state: 'done', endedAt: new Date().toISOString() })
    const job = this.jobs.get(id)!
    const project = this.projects.find((each) => each.id === job.projectId)
    const runId = this.#next('run')
    // Every second run is faster and a little less accurate, so that there is something to compare.
    const { latency, quality, flash } = sampleRun()
    const smaller = {
      latency: { ...latency, median: 44_000, cyclesMedian: 5_500_000 },
      flash: { ...flash, totalBytes: 51_200 },
      quality: { ...quality, twin: quality.device },
      budgets: sampleRun().budgets.map((each) =>
        each.budget === 'latencyMs' ? { ...each, value: 44, met: true } : each,
      ),
    }
    const change = { ...(this.runs.length % 2 === 0 ? {} : smaller), ...this.nextRun }
    this.runs.push(
      sampleRun({ id: runId, project: project ? { id: project.id, name: project.name } : null, ...change }),
    )
    this.patchJob(id, { state: 'done', runId: runId as Job['runId'], endedAt: new Date().toISOString() })
  }

  #next(kind: string): string {
    this.#serial += 1
    return `${kind}-${this.#serial}`
  }
}

function weights(
  tensor: string,
  node: string,
  shape: number[],
  entropyBits: number,
  sizes: Readonly<Record<string, number | null>>,
) {
  const elements = shape.reduce((a, b) => a * b, 1)
  const codecs = Object.entries(sizes).map(([codec, bytes]) => ({ codec, bytes }))
  return {
    tensor,
    node,
    op: 'Conv',
    shape,
    elements,
    entropyBits,
    sparsity: 0.031,
    distinct: 201,
    best: 'rans',
    codecs,
  }
}

function layer(
  node: string,
  op: string,
  outputShape: number[],
  parameters: number,
  macs: number,
  range: [number, number] | null,
  refusal: string | null,
) {
  return { node, op, outputShape, parameters, weightBytes: parameters * 4, macs, range, refusal }
}
