import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { RunReport } from '../../src-main/contract/report.ts'
import type { Disagreements, RunSummary } from '../../src-main/contract/run.ts'
import { toErrorInfo } from '../api/error.ts'
import type { Area, ParetoPoint } from '../charts/pareto.ts'
import { type RunColumn, sortRuns } from './run-columns.ts'
import { costOf, type RunCost } from './run-costs.ts'
import { filterChoices, filterRuns, isFiltering, noFilter, type RunFilter } from './run-filter.ts'
import { gainOf, type RunGain } from './run-gains.ts'
import type { RunRows } from './run-rows.svelte.ts'

export const mostCompared = 5
export const disagreementsPerPage = 6

export class RunsTable {
  readonly runs: RunRows
  #api: Api
  #column = $state<RunColumn>('createdAt')
  #descending = $state(true)
  #filter = $state.raw<RunFilter>(noFilter)
  #cost = $state<RunCost>('flashBytes')
  #gain = $state<RunGain>('drop')
  #area = $state.raw<Area | null>(null)
  #selected = $state.raw<readonly RunSummary['id'][]>([])
  #compared = $state.raw<readonly RunReport[]>([])
  #disagreements = $state.raw<Disagreements | null>(null)
  #disagreementPage = $state(0)
  #error = $state.raw<ErrorInfo | null>(null)
  #request = 0
  /** All that the filters let through, whether inside the drawn area or not. */
  readonly filtered
  readonly points: readonly ParetoPoint[]
  readonly rows: readonly RunSummary[]
  readonly choices

  constructor(api: Api, runs: RunRows) {
    this.#api = api
    this.runs = runs
    this.filtered = $derived(filterRuns(this.runs.value ?? [], this.#filter))
    this.points = $derived(pointsOf(this.filtered, this.#cost, this.#gain))
    this.rows = $derived(
      sortRuns(
        inArea(this.filtered, { cost: this.#cost, gain: this.#gain }, this.#area),
        this.#column,
        this.#descending,
      ),
    )
    this.choices = $derived(filterChoices(this.runs.value ?? []))
  }

  get column() {
    return this.#column
  }
  get descending() {
    return this.#descending
  }
  get filter() {
    return this.#filter
  }
  get cost() {
    return this.#cost
  }
  get gain() {
    return this.#gain
  }
  get area() {
    return this.#area
  }
  get selected() {
    return this.#selected
  }
  /** Whether filters or the drawn area leave some out. */
  get isNarrowed(): boolean {
    return isFiltering(this.#filter) || this.#area !== null
  }
  /** The full reports of the selected runs, in the order of selection; empty below two. */
  get compared() {
    return this.#compared
  }
  get disagreements() {
    return this.#disagreements
  }
  get disagreementPage() {
    return this.#disagreementPage
  }
  get error() {
    return this.#error
  }

  sortBy(column: RunColumn): void {
    this.#descending = this.#column === column ? !this.#descending : column === 'createdAt'
    this.#column = column
  }

  narrow(change: Partial<RunFilter>): void {
    this.#filter = { ...this.#filter, ...change }
  }

  showAll(): void {
    this.#filter = noFilter
    this.#area = null
  }

  /** The drawn area is one of another plot, and goes. */
  plot(cost: RunCost): void {
    this.#cost = cost
    this.#area = null
  }

  plotGain(gain: RunGain): void {
    this.#gain = gain
    this.#area = null
  }

  draw(area: Area | null): void {
    this.#area = area
  }

  async annotate(id: RunSummary['id'], written: { tags?: string[]; note?: string }): Promise<void> {
    this.#error = null
    try {
      this.runs.put(await this.#api.runs.annotate({ id, ...written }))
    } catch (error) {
      this.#error = toErrorInfo(error)
    }
  }

  async toggle(id: RunSummary['id']): Promise<void> {
    const rest = this.#selected.filter((each) => each !== id)
    if (rest.length === this.#selected.length && rest.length >= mostCompared) return
    this.#selected = rest.length === this.#selected.length ? [...rest, id] : rest
    await this.#compare()
  }

  async select(ids: readonly RunSummary['id'][]): Promise<void> {
    this.#selected = ids.slice(0, mostCompared)
    await this.#compare()
  }

  async clearSelection(): Promise<void> {
    this.#selected = []
    await this.#compare()
  }

  async turnDisagreements(page: number): Promise<void> {
    this.#disagreementPage = page
    await this.#ask([...this.#selected], async (ids) => {
      const found = await this.#askDisagreements(ids)
      return () => {
        this.#disagreements = found
      }
    })
  }

  async #compare(): Promise<void> {
    this.#disagreementPage = 0
    await this.#ask([...this.#selected], async (ids) => {
      const enough = ids.length >= 2
      const reports = enough ? await this.#api.runs.compare({ ids }) : []
      const found = enough ? await this.#askDisagreements(ids) : null
      return () => {
        this.#compared = reports
        this.#disagreements = found
      }
    })
  }

  #askDisagreements(ids: RunSummary['id'][]): Promise<Disagreements> {
    const first = this.#disagreementPage * disagreementsPerPage
    return this.#api.runs.disagreements({ ids, first, count: disagreementsPerPage })
  }

  /** Only the answer to the last question is shown. */
  async #ask(ids: RunSummary['id'][], question: (ids: RunSummary['id'][]) => Promise<() => void>): Promise<void> {
    this.#request += 1
    const request = this.#request
    this.#error = null
    try {
      const show = await question(ids)
      if (request === this.#request) show()
    } catch (error) {
      if (request === this.#request) this.#error = toErrorInfo(error)
    }
  }
}

interface Axes {
  readonly cost: RunCost
  readonly gain: RunGain
}

function pointsOf(runs: readonly RunSummary[], cost: RunCost, gain: RunGain): ParetoPoint[] {
  return runs.flatMap((run) => {
    const value = costOf(run, cost)
    const kept = gainOf(run, gain)
    if (value === null || kept === null) return []
    return {
      id: run.id,
      label: `${run.modelName}, ${run.recipeName}`,
      cost: value,
      gain: kept,
      met: run.withinBudgets,
    }
  })
}

function inArea(runs: readonly RunSummary[], axes: Axes, area: Area | null): readonly RunSummary[] {
  if (!area) return runs
  return runs.filter((run) => {
    const value = costOf(run, axes.cost)
    const gain = gainOf(run, axes.gain)
    if (value === null || gain === null) return false
    return value >= area.cost[0] && value <= area.cost[1] && gain >= area.gain[0] && gain <= area.gain[1]
  })
}
