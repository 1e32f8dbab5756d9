// How long each stage of a project's last job took, kept in the browser's storage for the estimate of the next one.
import { z } from 'zod'
import type { StageTimes } from './job-progress.ts'
import { keptList } from './kept-list.ts'
import { stageOrder } from './stages.ts'

const keptKinds = 24

/** What decides how long the stages of a job take. */
export interface JobKind {
  /** Model, data, device and how many samples of them. */
  readonly work: string
  /** Decides what compressing takes, and little else. */
  readonly recipe: string
}

const stored = z.object({
  work: z.string(),
  recipe: z.string(),
  /** Place of the stage, milliseconds. */
  times: z.array(z.tuple([z.number(), z.number()])),
})
/** The first job of a kind that is not in it times itself. */
const kept = keptList('localStorage', 'shoehorn.stageTimes', stored, keptKinds)

/** Of the newest job of this kind; of one with another recipe all but compressing. */
export function rememberedStageTimes({ work, recipe }: JobKind): StageTimes {
  const same = kept.all().filter((each) => each.work === work)
  const exact = same.find((each) => each.recipe === recipe)
  const compress = stageOrder.indexOf('compress')
  const times = exact?.times ?? same[0]?.times.filter(([stage]) => stage !== compress) ?? []
  return new Map(times)
}

/** Stages that the job did not have took no time. */
export function rememberStageTimes(kind: JobKind, times: StageTimes): void {
  if (times.size === 0) return
  const row = { ...kind, times: stageOrder.map((_, stage): [number, number] => [stage, times.get(stage) ?? 0]) }
  kept.put(row, ({ work, recipe }) => work === kind.work && recipe === kind.recipe)
}
