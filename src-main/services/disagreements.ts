// The samples that runs over the same data give different answers for.
import { join } from 'node:path'
import { canonicalJson } from '../base/hash.ts'
import type { RunReport } from '../contract/report.ts'
import type { Disagreements } from '../contract/run.ts'
import { openDataset } from '../data/open.ts'
import type { RunPredictions } from '../store/runs.ts'
import type { Store } from '../store/store.ts'

export interface AnsweredRun {
  readonly report: RunReport
  readonly predictions: RunPredictions | null
}

interface Row {
  readonly index: number
  readonly label: number | null
  readonly original: number
  readonly answers: readonly number[]
}

/** Values of one sample that are sent at the most, as in the preview of data. */
const pictureValues = 1 << 16

export async function disagreementsOf(
  store: Store,
  runs: readonly AnsweredRun[],
  { first, count }: { readonly first: number; readonly count: number },
): Promise<Disagreements> {
  const obstacle = obstacleOf(runs)
  if (obstacle) return { compared: 0, total: 0, right: null, obstacle, samples: [] }
  const rows = commonRows(runs.map((run) => run.predictions!))
  const different = rows.filter(({ answers }) => answers.some((answer) => answer !== answers[0]))
  const shown = different.slice(first, first + count)
  const pictures = await picturesOf(
    store,
    runs[0]!.report,
    shown.map((row) => row.index),
  )
  const { classNames } = runs[0]!.report.data
  const name = (label: number) => classNames?.[label] ?? String(label)
  return {
    compared: rows.length,
    total: different.length,
    right: rows.some(({ label }) => label === null)
      ? null
      : runs.map((_, run) => rows.filter(({ label, answers }) => answers[run] === label).length),
    obstacle: null,
    samples: shown.map(({ index, label, original, answers }, i) => ({
      index,
      truth: label === null ? null : name(label),
      original: name(original),
      answers: answers.map(name),
      picture: pictures?.[i] ?? null,
    })),
  }
}

function obstacleOf(runs: readonly AnsweredRun[]): Disagreements['obstacle'] {
  const [first] = runs
  if (runs.some(({ report }) => report.data.sha256 !== first?.report.data.sha256)) return 'data'
  if (runs.some(({ report }) => report.quality.twin.task === 'regression')) return 'classes'
  return runs.some(({ predictions }) => predictions === null) ? 'predictions' : null
}

/** Samples that every run has an answer for. */
export function commonRows(runs: readonly RunPredictions[]): Row[] {
  const [first, ...others] = runs
  if (!first) return []
  const places = others.map(({ indices }) => new Map(indices.map((index, place) => [index, place])))
  return first.indices.flatMap((index, place) => {
    const at = places.map((known) => known.get(index))
    if (at.some((each) => each === undefined)) return []
    return {
      index,
      label: first.labels?.[place] ?? null,
      original: first.original[place]!,
      answers: [first.twin[place]!, ...others.map((run, i) => run.twin[at[i]!]!)],
    }
  })
}

async function picturesOf(store: Store, { data }: RunReport, indices: readonly number[]) {
  const found = store.data
    .list()
    .find(
      ({ dataSet }) =>
        dataSet.sha256 === data.sha256 && canonicalJson(dataSet.preprocess) === canonicalJson(data.preprocess),
    )
  if (!found || indices.length === 0) return null
  const opened = await openDataset(join(store.trees.dir(found.tree), found.file), {
    preprocess: found.dataSet.preprocess,
    sha256: found.dataSet.sha256,
  })
  const { name, shape } = opened.inputs[0]!
  const values = opened.read(indices)[name]!
  const width = values.length / indices.length
  return indices.map((_, row) => ({
    shape: [...shape],
    values: Array.from(values.subarray(row * width, row * width + Math.min(width, pictureValues))),
  }))
}
