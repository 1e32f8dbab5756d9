import { joined, type Note, say, type Translations, translated } from '../base/note.ts'
import { flashParts, type Part } from '../contract/flash-parts.ts'
import type { RunReport, TensorEncoding } from '../contract/report.ts'
import { type ReportSection, reportSections } from '../contract/reports.ts'
import { storageModeNotes } from '../targets/plan.ts'
import {
  accuracy,
  accuracyDrop,
  availableNote,
  baselineRows,
  budgetKind,
  budgetsNotes,
  budgetsTone,
  crossRows,
  deviceFigureKind,
  figure,
  formatBudget,
  formatBytes,
  formatHz,
  formatPoints,
  formatShare,
  formatUs,
  grouped,
  qualityRows,
  ramParts,
} from './figures.ts'
import { overviewTitles } from './html.ts'
import { medianOf } from './html-figures.ts'
import { crossTitles } from './html-quality.ts'
import { verdict } from './html-run.ts'
import type { ReportData } from './render.ts'
import {
  budgetTitles,
  counterNotes,
  deviceNote,
  kindNotes,
  modelSizes,
  momentOf,
  named,
  slotNotes,
  wordsOf,
} from './words.ts'

/** A paragraph or a table, once its language is known. */
type Block = (words: Translations | null) => string
type Cell = Note | { readonly strong: Note }

export function writeMarkdown(data: ReportData): string {
  const { runs, sections = reportSections } = data
  const words = wordsOf(data.language)
  const count = runs.length === 1 ? say`1 run` : say`${runs.length} runs`
  const blocks: Block[] = [
    (language) => `# ${plain(data.title, language)}`,
    paragraph(say`${count}, made ${momentOf(data.generatedAt)} by ${data.producer}.`),
    ...(runs.length > 1 && sections.includes('comparison') ? [overviewTable(runs)] : []),
    ...runs.flatMap((run) => runSections(run, sections)),
  ]
  return `${blocks.map((block) => block(words)).join('\n\n')}\n`
}

const withKind = (text: Note, kind: keyof typeof kindNotes): Note => say`${text} (${kindNotes[kind]})`

function overviewTable(runs: readonly RunReport[]): Block {
  return table(
    overviewTitles,
    runs.map((run) => {
      const kind = deviceFigureKind(run)
      const drop = accuracyDrop(run)
      return [
        `${run.model.name}, ${run.recipe.name}`,
        named(run.device.name),
        withKind(formatBytes(run.flash.totalBytes), kind),
        withKind(formatBytes(run.ram.totalBytes), kind),
        withKind(formatUs(run.latency.median), run.latency.kind),
        accuracy(run) === null ? '–' : withKind(formatShare(accuracy(run)), 'simulated'),
        drop === null ? '–' : withKind(formatPoints(drop), 'simulated'),
        withKind(say`${run.bitExact.equal} of ${run.bitExact.samples}`, kind),
        budgetsNotes[budgetsTone(run)],
      ]
    }),
  )
}

const writers: Record<ReportSection, (run: RunReport) => readonly Block[]> = {
  comparison: () => [],
  summary: (run) => [
    paragraph(
      say`${verdict(run)}. ${say`Bit-exact: ${run.bitExact.equal} of ${run.bitExact.samples} outputs of the device equal the twin's.`} (${kindNotes[deviceFigureKind(run)]})`,
    ),
    ...run.warnings.map(
      (warning): Block =>
        (words) =>
          `> ${plain(warning, words)}`,
    ),
    ...(run.budgets.length > 0 ? [budgetTable(run)] : []),
  ],
  figures: (run) => [
    memoryTable(run),
    ...(run.baseline ? [baselineTable(run), paragraph(say`Baseline: ${run.baseline.source}.`)] : []),
    latencyTable(run),
  ],
  weights: (run) => (run.encoding?.length ? [encodingTable(run, run.encoding)] : []),
  quality: (run) => [truthTable(run), crossTable(run)],
  operators: (run) => (run.operators.length > 0 ? [operatorTable(run)] : []),
  memory: (run) => (run.memoryMap.length > 0 ? [memoryMapTable(run)] : []),
  recipe: (run) => [recipeTable(run)],
  provenance: (run) => [recordTable(run)],
}

function runSections(run: RunReport, sections: readonly ReportSection[]): Block[] {
  const chosen = reportSections.filter((section) => sections.includes(section))
  return [
    (words) => `## ${plain(say`${run.model.name}, ${run.recipe.name}, on ${named(run.device.name)}`, words)}`,
    ...chosen.flatMap((section) => writers[section](run)),
  ]
}

function memoryMapTable(run: RunReport): Block {
  return table(
    [say`Memory map (estimated: as planned)`, say`Live in the arena`, say`Tensors`],
    run.memoryMap.map(({ operator, liveBytes, tensors }) => [
      operator,
      formatBytes(liveBytes),
      tensors.map(({ name, offset }) => `${name} @ ${grouped(offset)}`).join(', '),
    ]),
  )
}

function budgetTable(run: RunReport): Block {
  return table(
    [say`Budget`, say`Limit`, say`Value`, say`Result`],
    run.budgets.map(({ budget, limit, value, met }) => [
      budgetTitles[budget],
      formatBudget(budget, limit),
      value === null ? formatBudget(budget, value) : withKind(formatBudget(budget, value), budgetKind(run, budget)),
      met === null ? say`unknown` : met ? say`met` : say`not met`,
    ]),
  )
}

function memoryTable(run: RunReport): Block {
  const part =
    (memory: Note) =>
    ({ title, note, bytes }: Part): Cell[] => [memory, note ? say`${title} (${note})` : title, formatBytes(bytes)]
  const whole = (memory: Note, of: RunReport['flash'] | RunReport['ram']): Cell[][] => [
    [memory, { strong: say`Total` }, { strong: formatBytes(of.totalBytes) }],
    [memory, say`Available`, availableNote(of)],
  ]
  return table(
    [withKind(say`Memory`, deviceFigureKind(run)), say`Part`, say`Size`],
    [
      ...flashParts(run).map(part(say`Flash`)),
      ...whole(say`Flash`, run.flash),
      ...ramParts(run).map(part('RAM')),
      ...whole('RAM', run.ram),
    ],
  )
}

function baselineTable(run: RunReport): Block {
  return table(
    [withKind(say`Flash`, deviceFigureKind(run)), say`Model`, say`Runtime`, say`Together`],
    baselineRows(run).map(({ title, modelBytes, runtimeBytes, totalBytes }) => [
      title,
      formatBytes(modelBytes),
      runtimeBytes === null ? say`unknown` : formatBytes(runtimeBytes),
      totalBytes === null ? say`unknown` : formatBytes(totalBytes),
    ]),
  )
}

function encodingTable(run: RunReport, rows: readonly TensorEncoding[]): Block {
  const sizes = withKind(say`Size`, deviceFigureKind(run))
  return table(
    [say`Tensor`, say`Weights`, say`Entropy`, say`Stored`, sizes, 'int8', say`Why`],
    rows.map((row) => [
      row.tensor,
      grouped(row.elements),
      say`${row.entropyBits.toFixed(2)} bit`,
      say`${row.codec}, ${storageModeNotes[row.mode]}`,
      formatBytes(row.bytes),
      formatBytes(row.int8Bytes),
      row.reason,
    ]),
  )
}

function latencyTable({ latency }: RunReport): Block {
  const times = [say`Minimum`, say`Median`, say`Mean`, say`Maximum`, say`Standard deviation`]
  return table(
    [withKind(say`Latency`, latency.kind), ...times, 'n', medianOf(latency), say`Clock`],
    [
      [
        say`One inference`,
        ...[latency.min, latency.median, latency.mean, latency.max, latency.std].map(formatUs),
        say`${latency.n} after ${latency.warmup} warm-up`,
        grouped(latency.cyclesMedian),
        formatHz(latency.clockHz),
      ],
    ],
  )
}

function truthTable(run: RunReport): Block {
  return table(
    [say`Quality`, say`How`, 'n', 'top-1', say`precision`, say`recall`, say`F1 (macro)`, 'AUC', 'RMSE', 'MAE'],
    qualityRows(run).map(({ title, kind, quality }) => {
      const classes = quality.task === 'classification' ? quality : null
      const regression = quality.task === 'regression' ? quality : null
      return [
        title,
        kindNotes[kind],
        grouped(quality.n),
        formatShare(classes?.top1 ?? null),
        formatShare(classes?.precision ?? null),
        formatShare(classes?.recall ?? null),
        formatShare(classes?.f1 ?? null),
        figure(classes?.auc ?? null),
        figure(regression?.rmse ?? null),
        figure(regression?.mae ?? null),
      ]
    }),
  )
}

function crossTable(run: RunReport): Block {
  return table(
    [say`Cross`, say`How`, ...crossTitles],
    crossRows(run).map(({ title, kind, cross }) => [
      title,
      kindNotes[kind],
      grouped(cross.n),
      formatShare(cross.agreement),
      figure(cross.rmse),
      figure(cross.mae),
      figure(cross.l2r),
      cross.cosine.toFixed(6),
      cross.sqnrDb === null ? '–' : `${cross.sqnrDb.toFixed(1)} dB`,
      figure(cross.maxAbs),
    ]),
  )
}

function operatorTable(run: RunReport): Block {
  const { counter, kind } = run.latency
  return table(
    [say`Operator`, say`Type`, say`Kernel`, 'MACs', withKind(counterNotes[counter], kind)],
    run.operators.map((each) => [each.name, each.op, each.kernel, grouped(each.macs), grouped(each.cycles)]),
  )
}

function recipeTable(run: RunReport): Block {
  const head = [say`Pass`, say`Parameters`, say`Notes`]
  return table(
    head,
    run.recipe.passes.map((step, i) => {
      const done = run.steps[i]?.pass === step.pass ? run.steps[i] : undefined
      const lines = [...(done?.notes ?? []), ...(done?.warnings ?? [])]
      return [step.pass, JSON.stringify(step.params), joined(lines, '; ')]
    }),
  )
}

function recordTable(run: RunReport): Block {
  const { device, model, data, reproduction } = run
  const { calibration } = data
  const samples = (count: number) => say`${grouped(count)} samples`
  return table(
    [say`Record`, say`Value`, 'SHA-256'],
    [
      [say`Run`, say`${run.id}, ${momentOf(run.createdAt)}, by ${run.producer}, seed ${run.seed}`, ''],
      [say`Device`, joined([device.id, deviceNote(device)], ': '), ''],
      [say`Agent`, joined([device.agentBuild, say`pack in ${slotNotes[device.slot]}`], ', '), ''],
      [say`Model`, joined([model.name, model.format, modelSizes(model)], ', '), model.sha256],
      [say`Data`, joined([data.name, samples(data.samples)], ', '), data.sha256],
      [
        say`Calibration`,
        calibration ? joined([calibration.name, samples(calibration.samples)], ', ') : say`none`,
        calibration?.sha256 ?? '',
      ],
      [say`Preprocessing`, JSON.stringify(data.preprocess), ''],
      [say`Recipe`, run.recipe.name, run.recipeSha256],
      [say`Pack`, formatBytes(run.pack.bytes), run.pack.sha256],
      ...(reproduction ? [[say`Outputs of the twin`, '', reproduction.twinOutputsSha256]] : []),
    ],
  )
}

const paragraph =
  (note: Note): Block =>
  (words) =>
    plain(note, words)

function table(header: readonly Cell[], rows: readonly (readonly Cell[])[]): Block {
  return (words) => {
    const cell = (each: Cell) =>
      typeof each === 'object' && 'strong' in each ? `**${plain(each.strong, words)}**` : plain(each, words)
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
    const lines = rows.map((row) => line(row.map(cell)))
    return [line(header.map(cell)), line(header.map(() => '---')), ...lines].join('\n')
  }
}

/** As text: no markup, no HTML, no line that ends a table. What is no sentence is a name, in every language the same. */
function plain(note: Note, words: Translations | null): string {
  const text = typeof note === 'string' ? note : translated(note, words)
  return text.replace(/[\\`*_{}[\]<>|#~]/g, '\\$&').replace(/\s*[\r\n]+\s*/g, ' ')
}
