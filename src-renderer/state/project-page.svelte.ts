import { textOf } from '../../src-main/base/note.ts'
import type { Api } from '../../src-main/contract/contract.ts'
import type { PreprocessRecord } from '../../src-main/contract/data-set.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DataSetId, ModelId } from '../../src-main/contract/ids.ts'
import type { Job } from '../../src-main/contract/job.ts'
import type { Project } from '../../src-main/contract/project.ts'
import type { Budgets, RunReport } from '../../src-main/contract/report.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'
import { t } from '../i18n/locale.ts'
import { type DropTarget, type PickedFile, type PickedGroup, sortPicked } from './dropped.ts'
import { nothingDropped, notOneDataSet, sameAsData, unknownFiles } from './file-problems.ts'
import { toProjectId, toRunId } from './ids.ts'
import { JobFollower } from './job-follower.svelte.ts'
import { changedSince, type JobInput, type JobInputs, rememberJobInputs } from './job-inputs.ts'
import { PresetSizes } from './preset-sizes.svelte.ts'
import { Choices } from './project-choices.svelte.ts'
import type { Projects } from './projects.svelte.ts'
import { RecipeEditor } from './recipe-editor.svelte.ts'
import { RecipeEstimates } from './recipe-estimate.svelte.ts'
import { recipeYaml } from './recipe-text.ts'
import { Resource } from './resource.svelte.ts'
import { RunRows } from './run-rows.svelte.ts'
import type { JobKind } from './stage-times.ts'
import { Upload } from './upload.svelte.ts'

type ProjectChange = Partial<Pick<Project, 'name' | 'modelId' | 'dataSetId' | 'recipe' | 'budgets' | 'choices'>>

const previewCount = 8

export class ProjectPage {
  readonly id
  readonly project
  readonly model
  readonly dataSet
  readonly preview
  /** Whether the model takes the data, and what would make it. */
  readonly fit
  readonly analysis
  /** The run that the gauges show: the best within budgets, else the newest. */
  readonly shownRun
  readonly job: JobFollower
  /** All of this project, newest first. */
  readonly runs
  readonly recipeEditor: RecipeEditor
  readonly estimates: RecipeEstimates
  readonly presetSizes: PresetSizes
  /** How the next run is asked for, and the project's own recipes. */
  readonly choices: Choices
  #api: Api
  #projects: Projects
  readonly #about: RunReport | null
  #uploads = $state.raw<readonly Upload[]>([])
  #error = $state.raw<ErrorInfo | null>(null)
  #starting = $state(false)
  #attempted = $state.raw<ReadonlySet<string>>(new Set())

  /** @param about the run that the next step follows, and nothing else is drawn; left out: the best, or the latest */
  constructor(api: Api, projects: Projects, id: string, about: RunReport | null = null) {
    this.#about = about
    this.#api = api
    this.#projects = projects
    this.id = toProjectId(id)
    this.job = new JobFollower(api, (job) => this.#kindOf(job))
    const isUsed = (name: string) => (this.runs.value ?? []).some((run) => run.recipeName === name)
    this.choices = new Choices((choices) => this.#update({ choices }, async () => {}), isUsed)
    this.recipeEditor = new RecipeEditor(api, {
      preset: () => this.project.value?.recipe ?? '',
      choosePreset: (recipe) => this.#choosePreset(recipe),
      save: (recipe, name, isRename) => this.#keepRecipe(recipe, name, isRename),
      isUsed,
      freeName: (name) => this.choices.freeName(name),
      detach: () => this.choices.detach(),
      forget: () => this.choices.forget(),
    })
    this.project = new Resource(() => api.projects.get({ id: this.id }))
    this.model = new Resource(async () => this.#with('modelId', (modelId) => api.models.get({ id: modelId })))
    this.analysis = new Resource(async () => this.#with('modelId', (modelId) => api.models.analyze({ id: modelId })))
    this.dataSet = new Resource(async () => this.#with('dataSetId', (setId) => api.data.get({ id: setId })))
    this.preview = new Resource(async () =>
      this.#with('dataSetId', (setId) => api.data.preview({ id: setId, first: 0, count: this.#previewCount() })),
    )
    this.fit = new Resource(async () => {
      const { modelId = null, dataSetId = null } = this.project.value ?? {}
      return modelId && dataSetId ? api.data.fit({ id: dataSetId, model: modelId }) : null
    })
    this.shownRun = new Resource(() => this.#fetchShownRun())
    this.runs = new RunRows(api, this.id)
    this.estimates = new RecipeEstimates(api)
    this.presetSizes = new PresetSizes(api)
  }

  get uploads() {
    return this.#uploads
  }
  get error() {
    return this.#error
  }
  get starting() {
    return this.#starting
  }
  get options() {
    return this.choices.options
  }
  /** Recipes that were started since the page was opened, whatever became of them. */
  get attempted() {
    return this.#attempted
  }
  /** Why the button cannot be pressed now; null when it can. */
  get obstacle(): string | null {
    const project = this.project.value
    if (!project) return t('project.obstacle.loading')
    if (!project.modelId) return t('project.obstacle.model')
    if (!project.dataSetId) return t('project.obstacle.data')
    if (this.misfits) return t('project.obstacle.fit')
    if (this.recipeEditor.error || this.recipeEditor.problems.length > 0) return t('project.obstacle.recipe')
    return this.recipeEditor.checking ? t('project.obstacle.checking') : null
  }

  /** Whether the samples cannot go into the model as they are prepared. */
  get misfits(): boolean {
    return this.fit.value?.problems.some(({ fatal }) => fatal) ?? false
  }

  /** What the newest job was asked with, and is otherwise now. */
  get changedSinceJob(): JobInput[] {
    const { job } = this.job
    return job && this.project.value ? changedSince(job.id, this.#inputs) : []
  }

  /** Loads all, and joins the newest job when it still runs; returns stop(). */
  open(): () => void {
    void this.#load()
    return () => {
      this.choices.flush()
      this.job.stop()
    }
  }

  /** After a failure: what the project has was not loaded either. */
  reload(): void {
    void this.#load()
  }

  async add(files: readonly PickedFile[], target: DropTarget): Promise<void> {
    const { groups, refused } = sortPicked(files, target)
    this.#error = null
    if (files.length === 0) this.#error = nothingDropped()
    if (refused.length > 0) this.#error = unknownFiles(refused)
    const uploads = this.#begin(groups)
    for (const upload of uploads) await this.#send(upload)
  }

  /** Data that were refused, read in another way. */
  async addAgain(refused: Upload, preprocess: PreprocessRecord): Promise<void> {
    const upload = new Upload(this.#api, refused.group, preprocess)
    this.#uploads = this.#uploads.map((each) => (each === refused ? upload : each))
    await this.#send(upload)
  }

  /** Adds data to calibrate with, read as the data itself is, and chooses it. */
  async addCalibration(files: readonly PickedFile[]): Promise<void> {
    const { groups, refused } = sortPicked(files, 'data')
    const [group] = groups
    this.#error = null
    if (group?.kind !== 'data' || groups.length > 1 || refused.length > 0) {
      this.#error = notOneDataSet(files.map((file) => file.path))
      return
    }
    const [upload] = this.#begin([group])
    await upload?.run(async (id) => {
      // All of it calibrates, and its files are its own.
      const { split: _, without: __, ...preprocess } = this.dataSet.value?.preprocess ?? {}
      const added = await this.#api.data.add({ source: { kind: 'upload', upload: id }, preprocess })
      if (added.id !== this.project.value?.dataSetId) this.options.calibration = added.id
      else this.#error = sameAsData(added.name)
    })
    if (upload?.stage === 'done') this.#uploads = this.#uploads.filter((each) => each !== upload)
  }

  /** Models that the system opened with us: files on the host's own machine. */
  async addOpened(paths: readonly string[]): Promise<void> {
    await this.#guard(async () => {
      for (const path of paths)
        this.model.set(await this.#api.models.add({ source: { kind: 'path', path }, project: this.id }))
      await this.#loadProject()
      await Promise.all([this.#loadModel(), this.fit.load()])
    })
  }

  async chooseModel(id: ModelId): Promise<void> {
    await this.#update({ modelId: id }, () => Promise.all([this.#loadModel(), this.fit.load()]))
  }

  async chooseData(id: DataSetId): Promise<void> {
    await this.#update({ dataSetId: id }, () => Promise.all([this.#loadData(), this.fit.load()]))
  }

  /** A preset, by its name. */
  async chooseRecipe(recipe: string): Promise<void> {
    this.recipeEditor.close()
    await this.#choosePreset(recipe)
  }

  /** A recipe of the project's own. */
  openRecipe(name: string): void {
    const before = this.choices.open
    const text = this.choices.select(name)
    if (text !== null && before !== name) this.recipeEditor.choose(text)
  }

  /** The recipe and the options that a run was made with, to go on from. @param preset of the same steps */
  async goOnFrom(run: RunReport, preset: string | null): Promise<void> {
    const { encodingGoal = 'auto', latency } = run
    Object.assign(this.options, {
      encoding: encodingGoal,
      seed: null,
      warmup: latency.warmup,
      runs: Math.max(1, latency.n),
    })
    this.recipeEditor.close()
    this.choices.detach()
    const recipe = preset ?? recipeYaml(run.recipe, run.recipe.name, run.seed)
    const choices = preset === null ? this.choices.keep(recipe, run.recipe.name) : this.choices.record
    await this.#update({ recipe, choices }, async () => {})
  }

  /** The own recipe that is edited; undo brings it back. */
  async removeRecipe(preset: string): Promise<void> {
    const { open } = this.choices
    this.recipeEditor.close()
    await this.#update({ recipe: preset, ...(open !== null && { choices: this.choices.remove(open) }) }, async () => {})
  }

  /** Fails when the name is taken: the dialog that asked shows it. */
  async rename(name: string): Promise<void> {
    await this.#save({ name })
  }

  async setBudgets(budgets: Budgets): Promise<void> {
    await this.#update({ budgets }, () => this.shownRun.load())
  }

  async setPreprocess(preprocess: PreprocessRecord): Promise<void> {
    const id = this.project.value?.dataSetId
    if (!id) return
    await this.#guard(async () => {
      const changed = await this.dataSet.change(() =>
        this.#api.data.setPreprocess({ id, preprocess, project: this.id }),
      )
      if (changed?.id !== id) await this.#loadProject()
      await Promise.all([this.fit.load(), this.preview.load()])
    })
  }

  async start(): Promise<void> {
    const project = this.project.value
    if (!project?.modelId || !project.dataSetId || this.#starting || this.job.running) return
    this.#starting = true
    this.#attempted = new Set([...this.#attempted, project.recipe])
    const { modelId, dataSetId, device, budgets, recipe } = project
    const { options } = this
    await this.#guard(async () => {
      const { job } = await this.#api.runs.start({
        project: this.id,
        model: modelId,
        data: dataSetId,
        // Chosen as the data since: then a part of it stays apart, as without a choice.
        calibration: options.calibration === dataSetId ? undefined : (options.calibration ?? undefined),
        device,
        budgets,
        recipe: this.recipeEditor.text ?? recipe,
        encoding: options.encoding,
        seed: options.seed ?? undefined,
        limit: options.limit ?? undefined,
        calibrationLimit: options.calibrationLimit ?? undefined,
        deviceSamples: options.deviceSamples ?? undefined,
        warmup: options.warmup,
        runs: options.runs,
      })
      rememberJobInputs(job, this.#inputs)
      void this.#follow(job)
    })
    this.#starting = false
  }

  dismissError(): void {
    this.#error = null
  }

  async #load(): Promise<void> {
    if (!(await this.project.load())) return
    if (this.project.value) this.choices.take(this.project.value.choices, this.project.value.recipe)
    void this.#loadModel()
    void this.#loadData()
    void this.fit.load()
    void this.shownRun.load()
    void this.runs.load()
    await this.#reported(async () => {
      const jobs = await this.#api.jobs.list({ project: this.id })
      const job = jobs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0]
      if (!job) return
      this.job.show(job)
      if (this.job.running) void this.#follow(job.id)
    })
  }

  get #inputs(): JobInputs {
    const { modelId, dataSetId, recipe, budgets } = this.project.value ?? {}
    const { preprocess } = this.dataSet.value ?? {}
    return {
      model: modelId ?? '',
      data: JSON.stringify([dataSetId, preprocess]),
      recipe: this.recipeEditor.text ?? recipe ?? '',
      budgets: JSON.stringify(budgets),
      options: JSON.stringify(this.options),
    }
  }

  /** Samples decide how long a run takes, and the machine that runs them. */
  #kindOf({ title }: Job): JobKind {
    const { modelId, dataSetId, device } = this.project.value ?? {}
    const { limit, deviceSamples, runs, warmup } = this.options
    return {
      work: JSON.stringify([modelId, dataSetId, device, limit, deviceSamples, runs, warmup]),
      recipe: textOf(title),
    }
  }

  async #follow(id: Parameters<JobFollower['follow']>[0]): Promise<void> {
    const ended = await this.job.follow(id)
    if (ended?.state !== 'done') return
    await this.#loadProject()
    await Promise.all([this.shownRun.load(), this.runs.load()])
  }

  async #loadModel(): Promise<void> {
    await Promise.all([this.model.load(), this.analysis.load()])
  }

  async #loadData(): Promise<void> {
    await this.dataSet.load()
    if (!this.#about) await this.preview.load()
  }

  #begin(groups: readonly PickedGroup[]): Upload[] {
    const uploads = groups.map((group) => new Upload(this.#api, group))
    this.#uploads = [...this.#uploads.filter((upload) => upload.active), ...uploads]
    return uploads
  }

  async #send(upload: Upload): Promise<void> {
    const isModel = upload.group.kind === 'model'
    await upload.run(async (id) => {
      const source = { kind: 'upload', upload: id } as const
      if (isModel) this.model.set(await this.#api.models.add({ source, project: this.id }))
      else this.dataSet.set(await this.#api.data.add({ source, preprocess: upload.preprocess, project: this.id }))
    })
    if (upload.stage !== 'done') return
    this.#uploads = this.#uploads.filter((each) => each !== upload)
    // Without an answer nobody knows what the project has now; what was added stays shown.
    if (await this.#loadProject()) await Promise.all([isModel ? this.#loadModel() : this.#loadData(), this.fit.load()])
  }

  async #loadProject(): Promise<boolean> {
    const answered = await this.project.load()
    if (this.project.value) this.#projects.changed(this.project.value)
    return answered
  }

  async #save(change: ProjectChange): Promise<void> {
    await this.project.change(() => this.#api.projects.update({ id: this.id, ...change }))
    if (this.project.value) this.#projects.changed(this.project.value)
  }

  async #choosePreset(recipe: string): Promise<void> {
    this.choices.detach()
    await this.#update({ recipe, choices: this.choices.record }, async () => {})
  }

  async #keepRecipe(recipe: string, name: string, isRename: boolean): Promise<void> {
    const kept = this.project.value?.choices.recipes
    const choices = this.choices.keep(recipe, name, isRename)
    if (recipe === this.project.value?.recipe && JSON.stringify(kept) === JSON.stringify(choices.recipes)) return
    await this.#update({ recipe, choices }, async () => {})
  }

  async #update(change: ProjectChange, then: () => Promise<unknown>): Promise<void> {
    await this.#guard(async () => {
      await this.#save(change)
      await then()
    })
  }

  /** What the user does: the error of what was done before goes. */
  async #guard(action: () => Promise<void>): Promise<void> {
    this.#error = null
    await this.#reported(action)
  }

  /** Loading in the background shows its own errors and leaves those of the user's actions. */
  async #reported(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (!isCancelled(error)) this.#error = toErrorInfo(error)
    }
  }

  async #with<K extends 'modelId' | 'dataSetId', T>(
    key: K,
    fetch: (id: NonNullable<Project[K]>) => Promise<T>,
  ): Promise<T | null> {
    const id = this.project.value?.[key]
    return id ? fetch(id) : null
  }

  #previewCount(): number {
    return Math.max(1, Math.min(previewCount, this.dataSet.value?.count ?? previewCount))
  }

  async #fetchShownRun() {
    const project = this.project.value
    if (!project) return null
    if (this.#about) return this.#about
    if (project.bestRunId) return this.#api.runs.get({ id: project.bestRunId })
    const { rows } = await this.#api.runs.page({ project: this.id, first: 0, count: 1 })
    const [newest] = rows
    return newest ? this.#api.runs.get({ id: toRunId(newest.id) }) : null
  }
}
