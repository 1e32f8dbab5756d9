// What the host in memory keeps and plays back.
import type { implement } from '@orpc/server'
import type { Activations } from '../../../src-main/contract/activations.ts'
import type { Sensitivity } from '../../../src-main/contract/analysis.ts'
import type { contract } from '../../../src-main/contract/contract.ts'
import type { DataSet } from '../../../src-main/contract/data-set.ts'
import type { Device } from '../../../src-main/contract/device.ts'
import { type Job, type StageName, stageName } from '../../../src-main/contract/job.ts'
import type { Analysis, Model } from '../../../src-main/contract/model.ts'
import type { Project } from '../../../src-main/contract/project.ts'
import type { RunReport } from '../../../src-main/contract/report.ts'
import type { Disagreements, RunRequest, RunSummary } from '../../../src-main/contract/run.ts'
import type { Verification } from '../../../src-main/contract/verification.ts'
import { sizeAfter } from '../../../src-main/services/recipe-sizes.ts'
import { resolveRecipe } from '../../../src-main/services/recipes.ts'
import { accuracyDrop } from '../../../src-main/services/run/quality.ts'
import { originOf } from '../../../src-main/services/run/report.ts'
import { sampleRun } from '../sample-run.ts'
import { fakeAnalysis } from './fake-analysis.ts'
import { calibratedKernels, uncalibratedKernels } from './fake-kernels.ts'
import { FakeConsole } from './fake-views.ts'

export type FakeRoutes = ReturnType<typeof implement<typeof contract>>

export const at = '2026-11-22T08:00:00.000Z'

export interface FakeOptions {
  /** Milliseconds between two progress events of a job. */
  readonly stepMs: number
}

const memories = { flashBytes: 2_097_152, ramBytes: 270_336 }
export const devices: Device[] = [
  {
    id: 'twin' as Device['id'],
    profile: 'twin',
    name: 'Twin (in process)',
    kind: 'twin',
    core: 'WebAssembly',
    clockHz: null,
    flashBytes: null,
    ramBytes: null,
    packFlashBytes: null,
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
    packFlashBytes: 786_432,
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
    packFlashBytes: null,
    available: false,
    problem: 'qemu-system-arm is not installed. Install the package qemu-system-arm.',
    defaultBudgets: { flashBytes: 1 << 20, ramBytes: 128 << 10, accuracyDrop: 1 },
  },
]

export class FakeState {
  sensitivity: Sensitivity | null = null
  /** By run; '' without one. */
  readonly activations = new Map<string, Activations>()
  /** The estimates of a model are there when this is done. */
  estimatesHeld: Promise<void> = Promise.resolve()
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
  /** How often jobs were asked for: those under way, and all with their logs. */
  readonly jobsAsked = { open: 0, all: 0 }
  /** Whether projects stay as they are, whatever is asked. */
  refusesChanges = false
  /** Who follows a job now. */
  watchers = 0
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
    const figures = this.summaries(project.id).find(({ id }) => id === best?.id) ?? null
    const lastRunAt = runs.at(-1)?.createdAt ?? null
    return { ...project, runs: runs.length, bestRunId: figures?.id ?? null, best: figures, lastRunAt }
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
      choices: { options: null, recipes: [] },
      runs: 0,
      bestRunId: null,
      best: null,
      lastRunAt: null,
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
    const { id: _, addedAt: __, ...model } = this.model(id)
    return fakeAnalysis(model)
  }

  preview(id: string, first: number, count: number) {
    const { inputs, classNames } = this.data.find((each) => each.id === id)!
    const shape = inputs[0]!.shape
    const size = shape.reduce((product, each) => product * each, 1)
    return Array.from({ length: count }, (_, i) => ({
      index: first + i,
      label: classNames![(first + i) % 4]!,
      shape,
      shown: shape,
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
        accuracyDrop: accuracyDrop(run.quality.twin, run.quality.original),
        energyUj: null,
        ...originOf(run),
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
    return { compared: 400, total, right: ids.map((_, run) => 396 - run), obstacle: null, samples }
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
    this.watchers += 1
    try {
      for (;;) {
        const changed = this.#changed.promise
        const job = this.jobs.get(id)!
        yield job
        if (job.state !== 'running') return
        await changed
      }
    } finally {
      this.watchers -= 1
    }
  }

  beginUpload(files: { path: string; bytes: number }[]) {
    const id = this.#next('upload')
    this.uploads.set(id, {
      paths: files.map((file) => file.path),
      bytes: files.map((file) => file.bytes),
      received: files.map(() => 0),
    })
    return { id: id as never, address: null }
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
    for (const stage of stageName.options) {
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
    const asked = this.requests.at(-1)?.recipe
    const own = asked?.includes('passes') ? { recipe: resolveRecipe(asked) } : {}
    const change = { ...(this.runs.length % 2 === 0 ? {} : smaller), ...own, ...this.nextRun }
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
