// The contract joined to the services: the one entry for every host. Input is checked by the contract's schemas before a
// handler sees it; every failure leaves as the one declared error.
import { implement, ORPCError } from '@orpc/server'
import { isAbort } from '../base/errors.ts'
import { contract } from '../contract/contract.ts'
import { toErrorInfo } from '../contract/error.ts'
import { uploadFolder } from '../contract/upload.ts'
import { TaskError } from '../jobs/worker-task.ts'
import type { Services } from './services.ts'

export function createRouter(services: Services, report: (error: unknown) => void) {
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next()
    } catch (error) {
      if (error instanceof ORPCError || isAbort(error)) throw error
      const info = error instanceof TaskError ? error.info : toErrorInfo(error)
      if (info.code === 'bug') report(error)
      throw new ORPCError('APP_ERROR', { defined: true, message: info.message, data: info })
    }
  })
  const {
    analysis,
    projects,
    projectArchives,
    models,
    data,
    recipes,
    runs,
    jobs,
    devices,
    desktop,
    kernels,
    packBench,
    graphs,
    reports,
    encoding,
    uploads,
    system,
  } = services
  return os.router({
    export: {
      library: os.export.library.handler(({ input }) => services.export.library(input)),
      graph: os.export.graph.handler(({ input }) => ({ job: graphs.start(input.run) })),
      outputs: os.export.outputs.handler(({ input }) => ({ job: graphs.startOutputs(input) })),
      graphFiles: os.export.graphFiles.handler(({ input }) => graphs.files(input.job)),
      readGraph: os.export.readGraph.handler(({ input }) => ({
        data: new Blob([graphs.read(input.job, input.file, input.offset)]),
      })),
      discardGraph: os.export.discardGraph.handler(({ input }) => graphs.discard(input.job)),
    },
    projects: {
      list: os.projects.list.handler(() => projects.list()),
      get: os.projects.get.handler(({ input }) => projects.get(input.id)),
      create: os.projects.create.handler(({ input }) => projects.create(input.name, input.device, input.budgets)),
      update: os.projects.update.handler(({ input }) => projects.update(input)),
      duplicate: os.projects.duplicate.handler(({ input }) => projects.duplicate(input.id, input.name)),
      archive: os.projects.archive.handler(({ input }) => projects.archive(input.id, input.archived)),
      remove: os.projects.remove.handler(({ input }) => projects.remove(input.id)),
      bin: os.projects.bin.handler(() => projects.bin()),
      restore: os.projects.restore.handler(({ input }) => projects.restore(input.id)),
      purge: os.projects.purge.handler(({ input }) => projects.purge(input.id)),
      export: os.projects.export.handler(({ input }) => projectArchives.export(input.id)),
      readExport: os.projects.readExport.handler(async ({ input }) => ({
        data: new Blob([await projectArchives.read(input.archive, input.offset)]),
      })),
      import: os.projects.import.handler(({ input }) => projectArchives.import(input.source)),
    },
    models: {
      list: os.models.list.handler(() => models.list()),
      get: os.models.get.handler(({ input }) => models.get(input.id)),
      add: os.models.add.handler(({ input }) => models.add(input.source, input.project)),
      outline: os.models.outline.handler(({ input }) => models.outline(input.id)),
      analyze: os.models.analyze.handler(({ input }) => models.analyze(input.id)),
      watchEstimates: os.models.watchEstimates.handler(({ input }) => models.watchEstimates(input.id)),
      graph: os.models.graph.handler(({ input }) => models.graph(input.id)),
      histogram: os.models.histogram.handler(({ input }) =>
        models.histogram(input.id, input.tensor, input.run, input.bins),
      ),
      runs: os.models.runs.handler(({ input }) => models.runs(input.id, input.project)),
      integers: os.models.integers.handler(({ input }) => models.integers(input.id)),
      difference: os.models.difference.handler(({ input }) => models.difference(input.a, input.b)),
      remove: os.models.remove.handler(({ input }) => models.remove(input.id)),
    },
    analysis: {
      start: os.analysis.start.handler(({ input }) => analysis.start(input)),
      running: os.analysis.running.handler(({ input }) => analysis.running(input.model)),
      sensitivity: os.analysis.sensitivity.handler(({ input }) => analysis.sensitivity(input)),
      divergence: os.analysis.divergence.handler(({ input, signal }) => analysis.divergence(input, signal)),
    },
    activations: {
      start: os.activations.start.handler(({ input }) => services.activations.start(input)),
      find: os.activations.find.handler(({ input }) => services.activations.find(input)),
      running: os.activations.running.handler(({ input }) => services.activations.running(input)),
    },
    data: {
      list: os.data.list.handler(() => data.list()),
      get: os.data.get.handler(({ input }) => data.get(input.id)),
      add: os.data.add.handler(({ input }) => data.add(input.source, input.preprocess, input.project)),
      setPreprocess: os.data.setPreprocess.handler(({ input }) =>
        data.setPreprocess(input.id, input.preprocess, input.project),
      ),
      preview: os.data.preview.handler(({ input }) => data.preview(input.id, input.first, input.count)),
      effect: os.data.effect.handler(({ input }) => data.effect(input.id, input.index, input.preprocess)),
      splits: os.data.splits.handler(({ input }) => data.splits(input.id, input.seed)),
      fit: os.data.fit.handler(({ input }) => data.fit(input.id, input.model, input.preprocess)),
      remove: os.data.remove.handler(({ input }) => data.remove(input.id)),
    },
    recipes: {
      presets: os.recipes.presets.handler(() => recipes.presets()),
      passes: os.recipes.passes.handler(() => recipes.passes()),
      check: os.recipes.check.handler(({ input }) => recipes.check(input.text)),
      examine: os.recipes.examine.handler(({ input }) => recipes.examine(input.text)),
      estimate: os.recipes.estimate.handler(({ input }) => services.estimates.estimate(input.model, input.text)),
    },
    runs: {
      list: os.runs.list.handler(({ input }) => runs.list(input.project)),
      page: os.runs.page.handler(({ input }) => runs.page(input.project, input.first, input.count)),
      sinceLast: os.runs.sinceLast.handler(({ input }) => runs.sinceLast(input.id)),
      recipes: os.runs.recipes.handler(({ input }) => runs.recipes(input.project)),
      get: os.runs.get.handler(({ input }) => runs.get(input.id)),
      start: os.runs.start.handler(({ input }) => ({ job: runs.start(input) })),
      compare: os.runs.compare.handler(({ input }) => input.ids.map((id) => runs.get(id))),
      annotate: os.runs.annotate.handler(({ input }) => runs.annotate(input)),
      disagreements: os.runs.disagreements.handler(({ input }) =>
        runs.disagreements(input.ids, input.first, input.count),
      ),
      remove: os.runs.remove.handler(({ input }) => runs.remove(input.id)),
    },
    jobs: {
      list: os.jobs.list.handler(({ input }) => (input.open ? jobs.open(input.project) : jobs.list(input.project))),
      get: os.jobs.get.handler(({ input }) => jobs.get(input.id)),
      watch: os.jobs.watch.handler(({ input, signal }) => jobs.watch(input.id, signal)),
      cancel: os.jobs.cancel.handler(({ input }) => jobs.cancel(input.id)),
    },
    devices: {
      list: os.devices.list.handler(() => devices.list()),
      identify: os.devices.identify.handler(({ input, signal }) => devices.identify(input.id, signal)),
      details: os.devices.details.handler(({ input }) => devices.details(input.id)),
      agentImage: os.devices.agentImage.handler(({ input }) => devices.agentImage(input.file)),
      console: os.devices.console.handler(({ input, signal }) => services.console.watch(input.id, signal)),
      send: os.devices.send.handler(({ input }) => services.console.send(input.id, input.line)),
    },
    desktop: {
      info: os.desktop.info.handler(() => desktop.info()),
      watch: os.desktop.watch.handler(({ signal }) => desktop.watch(signal)),
      setMenu: os.desktop.setMenu.handler(({ input }) => desktop.setMenu(input)),
      setAvailable: os.desktop.setAvailable.handler(({ input }) => desktop.setAvailable(input.commands)),
      openWorkspace: os.desktop.openWorkspace.handler(({ input }) => desktop.openWorkspace(input.path)),
    },
    packs: {
      list: os.packs.list.handler(() => packBench.list()),
      get: os.packs.get.handler(({ input }) => packBench.get(input.id)),
      add: os.packs.add.handler(({ input }) => packBench.add(input.source)),
      repack: os.packs.repack.handler(({ input }) => packBench.repack(input)),
      remove: os.packs.remove.handler(({ input }) => packBench.remove(input.id)),
      file: os.packs.file.handler(({ input }) => packBench.file(input.id)),
      library: os.packs.library.handler(({ input }) => packBench.library(input.id, input.as, input.name)),
      start: os.packs.start.handler(async ({ input }) => ({ job: await packBench.start(input) })),
      results: os.packs.results.handler(({ input }) => packBench.results(input.id)),
      outputs: os.packs.outputs.handler(({ input }) => packBench.outputs(input.id, input.job)),
    },
    kernels: {
      state: os.kernels.state.handler(() => kernels.state()),
      test: os.kernels.test.handler(() => ({ job: kernels.test() })),
      tested: os.kernels.tested.handler(({ input }) => kernels.tested(input.job)),
      calibrate: os.kernels.calibrate.handler(({ signal }) => kernels.calibrate(signal)),
    },
    reports: {
      render: os.reports.render.handler(({ input }) => reports.render(input)),
      verify: os.reports.verify.handler(async ({ input }) => ({ job: await reports.verification.verify(input) })),
      verification: os.reports.verification.handler(({ input }) => reports.verification.get(input.job)),
      verificationOf: os.reports.verificationOf.handler(({ input }) => reports.verification.newestOf(input.run)),
    },
    encoding: {
      start: os.encoding.start.handler(async ({ input }) => ({ job: await encoding.start(input) })),
      open: os.encoding.open.handler(() => encoding.open()),
      list: os.encoding.list.handler(() => encoding.list()),
      get: os.encoding.get.handler(({ input }) => encoding.get(input.job)),
      read: os.encoding.read.handler(({ input }) => ({
        data: new Blob([encoding.read(input.job, input.file, input.offset)]),
      })),
      remove: os.encoding.remove.handler(({ input }) => encoding.remove(input.job)),
    },
    uploads: {
      begin: os.uploads.begin.handler(async ({ input }) => {
        const id = await uploads.begin(input.files)
        return { id, address: system.info().host === 'web' ? `${uploadFolder}${id}` : null }
      }),
      chunk: os.uploads.chunk.handler(async ({ input }) =>
        uploads.chunk(input.id, input.file, input.offset, new Uint8Array(await input.data.arrayBuffer())),
      ),
      cancel: os.uploads.cancel.handler(({ input }) => uploads.discard(input.id)),
    },
    system: { info: os.system.info.handler(() => system.info()) },
  })
}

export type Router = ReturnType<typeof createRouter>
