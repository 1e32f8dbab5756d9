// How right the device, the twin and the original are, and how alike.
import { type Note, say } from '../base/note.ts'
import type { Quality, RunReport } from '../contract/report.ts'
import { crossRows, figure, formatShare, grouped, qualityRows } from './figures.ts'
import { kindWord } from './kind.ts'
import { type Content, columnsOf, html, type Markup, nothing, table } from './markup.ts'

export function qualitySection(run: RunReport): Markup {
  const titles = metricTitles(run.quality.original.task)
  const truth = table(
    columnsOf([say`Quality`, '', 'n', ...titles], (i) => i > 1),
    qualityRows(run).map(({ title, kind, quality }): Content[] => [
      title,
      kindWord(kind),
      grouped(quality.n),
      ...metrics(quality),
    ]),
  )
  return html`<h3>${say`Quality`}</h3>
<div class="wide">
${truth}${crossTable(run)}</div>
`
}

export const crossTitles: readonly Note[] = [
  ...['n', say`agreement`, 'RMSE', 'MAE', 'L2r', say`cosine`, 'SQNR', say`largest difference`],
]

function crossTable(run: RunReport): Markup {
  return table(
    columnsOf([say`Cross`, '', ...crossTitles], (i) => i > 1),
    crossRows(run).map(({ title, kind, cross: row }): Content[] => [
      title,
      kindWord(kind),
      grouped(row.n),
      formatShare(row.agreement),
      figure(row.rmse),
      figure(row.mae),
      figure(row.l2r),
      row.cosine.toFixed(6),
      row.sqnrDb === null ? '–' : `${row.sqnrDb.toFixed(1)} dB`,
      figure(row.maxAbs),
    ]),
  )
}

function metricTitles(task: Quality['task']): readonly Note[] {
  if (task === 'classification') return ['top-1', say`precision`, say`recall`, say`F1 (macro)`, 'AUC']
  return task === 'regression' ? ['RMSE', 'MAE'] : []
}

function metrics(quality: Quality): string[] {
  switch (quality.task) {
    case 'classification':
      return [...[quality.top1, quality.precision, quality.recall, quality.f1].map(formatShare), figure(quality.auc)]
    case 'regression':
      return [figure(quality.rmse), figure(quality.mae)]
    case 'unlabelled':
      return []
  }
}

export function confusions(run: RunReport): Markup {
  const matrices = qualityRows(run)
    .slice(0, 3)
    .flatMap(({ title, kind, quality }) =>
      quality.task === 'classification'
        ? [
            html`<figure><figcaption>${title}, n ${grouped(quality.n)} ${kindWord(kind)}</figcaption>
${confusion(quality.confusion, run.data.classNames)}</figure>
`,
          ]
        : [],
    )
  if (matrices.length === 0) return nothing
  return html`<h3>${say`Confusion`} <span class="muted">${say`rows: truth, columns: prediction`}</span></h3>
<div class="columns">
${matrices}</div>
`
}

function confusion(matrix: readonly (readonly number[])[], names: readonly string[] | null): Markup {
  const name = (i: number) => names?.[i] ?? String(i)
  const rows = matrix.map((row, truth) => {
    const cells = row.map(
      (count, guess) => html`<td class="${count === 0 ? 'muted' : truth === guess ? 'right' : 'wrong'}">${count}</td>`,
    )
    return html`<tr><th scope="row">${name(truth)}</th>${cells}</tr>
`
  })
  return html`<div class="wide"><table class="confusion">
<thead><tr><td></td>${matrix.map((_, i) => html`<th scope="col">${name(i)}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
`
}
