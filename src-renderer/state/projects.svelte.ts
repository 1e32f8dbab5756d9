import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DeviceId, ProjectId } from '../../src-main/contract/ids.ts'
import type { ImportedProject, Project } from '../../src-main/contract/project.ts'
import type { Budgets } from '../../src-main/contract/report.ts'
import { toErrorInfo } from '../api/error.ts'
import { t } from '../i18n/locale.ts'
import type { PickedFile } from './dropped.ts'
import { Resource } from './resource.svelte.ts'
import { readWhole, saveAs } from './save-file.ts'
import { Upload } from './upload.svelte.ts'

export class Projects {
  readonly list
  readonly bin
  readonly inUse = $derived.by((): Project[] => (this.list.value ?? []).filter(({ archivedAt }) => archivedAt === null))
  #api: Api
  /** What went into the bin last, while that can be undone with one click. */
  #removed = $state.raw<Project | null>(null)
  #imported = $state.raw<ImportedProject | null>(null)
  #importing = $state.raw<Upload | null>(null)
  #exporting = $state.raw<{ name: string; fraction: number } | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  /** Files for a project that is being opened. */
  #files = new Map<string, readonly PickedFile[]>()

  constructor(api: Api) {
    this.#api = api
    this.list = new Resource(() => api.projects.list())
    this.bin = new Resource(() => api.projects.bin())
  }

  get removed() {
    return this.#removed
  }
  get imported() {
    return this.#imported
  }
  get importing() {
    return this.#importing
  }
  get exporting() {
    return this.#exporting
  }
  /** Of what was done to a project from a list. */
  get error() {
    return this.#error
  }

  async create(input: { name: string; device: DeviceId; budgets: Budgets }): Promise<Project> {
    const made = await this.#api.projects.create(input)
    await this.list.load()
    return made
  }

  /** A project with files that its page adds once it is shown. */
  async createWith(
    input: { name: string; device: DeviceId; budgets: Budgets },
    files: readonly PickedFile[],
  ): Promise<Project> {
    const made = await this.create({ ...input, name: this.#free(input.name) })
    this.#files.set(made.id, files)
    return made
  }

  /** Once. */
  takeFiles(id: ProjectId): readonly PickedFile[] {
    const files = this.#files.get(id) ?? []
    this.#files.delete(id)
    return files
  }

  duplicate(project: Project): Promise<Project | null> {
    const name = this.#free(t('projects.copyOf', { name: project.name }))
    return this.#act(() => this.#api.projects.duplicate({ id: project.id, name }))
  }

  async archive(project: Project, archived: boolean): Promise<void> {
    await this.#act(() => this.#api.projects.archive({ id: project.id, archived }))
  }

  /** @returns whether it went into the bin */
  async remove(project: Project): Promise<boolean> {
    const gone = await this.#act(async () => {
      await this.#api.projects.remove({ id: project.id })
      return project
    })
    if (gone) this.#removed = gone
    return gone !== null
  }

  async undoRemove(): Promise<void> {
    if (this.#removed) await this.restore(this.#removed)
  }

  forgetRemoved(): void {
    this.#removed = null
  }

  async restore(project: Project): Promise<void> {
    const back = await this.#act(() => this.#api.projects.restore({ id: project.id }))
    if (back && this.#removed?.id === back.id) this.#removed = null
    await this.bin.load()
  }

  /** Its failure is the dialog's that asked. */
  async purge(id: ProjectId): Promise<void> {
    await this.#api.projects.purge({ id })
    if (this.#removed?.id === id) this.#removed = null
    await this.bin.load()
  }

  /** Saves the whole project as one file. */
  async export(project: Project): Promise<void> {
    if (this.#exporting) return
    this.#exporting = { name: project.name, fraction: 0 }
    await this.#act(async () => {
      const { archive, fileName, bytes } = await this.#api.projects.export({ id: project.id })
      const whole = await readWhole(
        bytes,
        (offset) => this.#api.projects.readExport({ archive, offset }),
        (doneBytes) => {
          this.#exporting = { name: project.name, fraction: doneBytes / bytes }
        },
      )
      saveAs(new Blob([whole], { type: 'application/zip' }), fileName)
    })
    this.#exporting = null
  }

  async import(file: PickedFile): Promise<void> {
    if (this.#importing?.active) return
    this.#error = null
    this.#imported = null
    const upload = new Upload(this.#api, { kind: 'data', name: file.path, files: [file] })
    this.#importing = upload
    await upload.run(async (id) => {
      this.#imported = await this.#api.projects.import({ source: { kind: 'upload', upload: id } })
    })
    this.#error = upload.error
    this.#importing = null
    await this.list.load()
  }

  /** A file of the host's own machine. */
  async importPath(path: string): Promise<void> {
    this.#imported = null
    this.#imported = await this.#act(() => this.#api.projects.import({ source: { kind: 'path', path } }))
  }

  dismiss(): void {
    this.#error = null
    this.#imported = null
  }

  /** A project as the host now has it, put in its place in the list. */
  changed(project: Project): void {
    const rows = this.list.value
    const asked = this.list.busy
    if (rows) this.list.set(rows.map((row) => (row.id === project.id ? project : row)))
    // The list that is on its way may hold projects that these rows do not, and counts as older now.
    if (asked) void this.list.load()
  }

  async #act<T>(action: () => Promise<T>): Promise<T | null> {
    this.#error = null
    try {
      const result = await action()
      await this.list.load()
      return result
    } catch (error) {
      this.#error = toErrorInfo(error)
      return null
    }
  }

  #free(name: string): string {
    const taken = new Set((this.list.value ?? []).map((project) => project.name))
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${name} (${number})`
      if (!taken.has(candidate)) return candidate
    }
  }
}

/** One word for the list: what is still missing, or how far it got. */
export function projectState(project: Project): { word: string; tone: 'good' | 'open' | 'todo' } {
  if (project.bestRunId) return { word: t('projects.state.within'), tone: 'good' }
  if (project.runs > 0) return { word: t('projects.state.runs', { count: project.runs }), tone: 'open' }
  if (!project.modelId) return { word: t('projects.state.needsModel'), tone: 'todo' }
  if (!project.dataSetId) return { word: t('projects.state.needsData'), tone: 'todo' }
  return { word: t('projects.state.ready'), tone: 'open' }
}
