// Cycles that the newest run of a model took in each of its operators, for the layer table.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ProjectId } from '../../src-main/contract/ids.ts'
import type { RunReport } from '../../src-main/contract/report.ts'
import { toRunId } from './ids.ts'
import { Resource } from './resource.svelte.ts'

/** Runs of the project that are looked through for one of this model. */
const lookedAt = 20

export interface MeasuredCycles {
  readonly run: RunReport
  /** By the name of the node. */
  readonly cycles: ReadonlyMap<string, number>
}

export function measuredCycles(api: Api, project: ProjectId, sha256: () => string | null) {
  return new Resource(async (): Promise<MeasuredCycles | null> => {
    const { rows } = await api.runs.page({ project, first: 0, count: lookedAt })
    for (const row of rows) {
      const run = await api.runs.get({ id: toRunId(row.id) })
      if (run.model.sha256 === sha256()) return { run, cycles: cyclesByNode(run) }
    }
    return null
  })
}

/** An operator may have become several. */
export function cyclesByNode({ operators }: Pick<RunReport, 'operators'>): Map<string, number> {
  const cycles = new Map<string, number>()
  for (const { name, cycles: count } of operators) cycles.set(name, (cycles.get(name) ?? 0) + count)
  return cycles
}
