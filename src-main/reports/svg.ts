// The report's own plots, as SVG text without scripts. Colours come from the style sheet's classes.
import { type Note, say } from '../base/note.ts'
import { html, type Markup } from './markup.ts'

export interface PlotPoint {
  readonly label: string
  readonly x: number
  readonly y: number
}

interface Axis {
  readonly ticks: readonly number[]
  at(value: number): number
}

const seriesCount = 6

export function seriesClass(index: number): string {
  return `s${(index % seriesCount) + 1}`
}

export function scatterPlot(
  points: readonly PlotPoint[],
  titles: { readonly x: Note; readonly y: Note },
  format: { readonly x: (value: number) => string; readonly y: (value: number) => string },
): Markup {
  const [width, height, left, right, top, bottom] = [460, 280, 74, 40, 14, 44]
  const x = axis(
    points.map((point) => point.x),
    left,
    width - right,
  )
  const y = axis(
    points.map((point) => point.y),
    height - bottom,
    top,
  )
  const columns = x.ticks.map(
    (
      tick,
    ) => html`<line class="grid" x1="${px(x.at(tick))}" x2="${px(x.at(tick))}" y1="${top}" y2="${height - bottom}"/>
<text x="${px(x.at(tick))}" y="${height - bottom + 16}" text-anchor="middle">${format.x(tick)}</text>
`,
  )
  const rows = y.ticks.map(
    (tick) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${px(y.at(tick))}" y2="${px(y.at(tick))}"/>
<text x="${left - 6}" y="${px(y.at(tick) + 4)}" text-anchor="end">${format.y(tick)}</text>
`,
  )
  const front = frontOf(points).map((point) => `${px(x.at(point.x))},${px(y.at(point.y))}`)
  const dots = points.map(
    (
      point,
      i,
    ) => html`<circle class="${seriesClass(i)}" cx="${px(x.at(point.x))}" cy="${px(y.at(point.y))}" r="5.5"><title>${point.label}: ${format.x(point.x)}, ${format.y(point.y)}</title></circle>
`,
  )
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${say`${titles.y} against ${titles.x}`}">
${columns}${rows}<polyline class="front" points="${front.join(' ')}"/>
${dots}<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${titles.x}</text>
</svg>
`
}

export interface Bar {
  readonly label: string
  readonly values: readonly { readonly value: number; readonly text: string }[]
}

/** Horizontal bars, one group a row; each series has its own scale, since cycles and MACs do not compare. */
export function barPlot(bars: readonly Bar[], series: readonly Note[]): Markup {
  const [width, left, barHeight, gap] = [860, 190, 12, 8]
  const groupHeight = series.length * barHeight + gap
  const most = series.map((_, s) => Math.max(1, ...bars.map((bar) => bar.values[s]?.value ?? 0)))
  const room = width - left - 110
  const groups = bars.map((bar, row) => {
    const top = row * groupHeight + 22
    const drawn = bar.values.map(({ value, text }, s) => {
      const length = (value / most[s]!) * room
      return html`<rect class="${seriesClass(s * 2)}" x="${left}" y="${px(top + s * barHeight)}" width="${px(Math.max(length, 0.5))}" height="${barHeight - 2}"><title>${bar.label}: ${text} ${series[s] ?? ''}</title></rect>
<text x="${px(left + length + 5)}" y="${px(top + s * barHeight + 9)}">${text}</text>
`
    })
    return html`<text x="${left - 8}" y="${px(top + (groupHeight - gap) / 2 + 3)}" text-anchor="end">${shortened(bar.label, 28)}</text>
${drawn}`
  })
  const legend = series.map(
    (title, s) => html`<rect class="${seriesClass(s * 2)}" x="${left + s * 120}" y="2" width="10" height="10"/>
<text x="${left + s * 120 + 15}" y="11">${title}</text>
`,
  )
  return html`<svg viewBox="0 0 ${width} ${bars.length * groupHeight + 24}" role="img" aria-label="${say`${series[0]} and ${series[1]} per operator`}">
${legend}${groups}</svg>
`
}

export interface MemoryStep {
  readonly operator: string
  readonly tensors: readonly { readonly name: string; readonly offset: number; readonly bytes: number }[]
}

/** One column an operator, one box a live tensor at its offset in the arena. */
export function memoryPlot(steps: readonly MemoryStep[], formatBytes: (bytes: number) => string): Markup {
  const [width, height, left, right, top, bottom] = [860, 250, 84, 10, 10, 60]
  const peak = Math.max(1, ...steps.flatMap((step) => step.tensors.map((tensor) => tensor.offset + tensor.bytes)))
  const y = axis([0, peak], height - bottom, top)
  const step = (width - left - right) / Math.max(1, steps.length)
  const order = new Map<string, number>()
  const boxes = steps.flatMap((each, i) =>
    each.tensors.map((tensor) => {
      const series = order.get(tensor.name) ?? order.size
      order.set(tensor.name, series)
      const [from, to] = [y.at(tensor.offset), y.at(tensor.offset + tensor.bytes)]
      return html`<rect class="${seriesClass(series)}" x="${px(left + i * step)}" y="${px(to)}" width="${px(step)}" height="${px(Math.max(0.75, from - to))}"><title>${each.operator}: ${say`${tensor.name}, ${formatBytes(tensor.bytes)} at ${formatBytes(tensor.offset)}`}</title></rect>
`
    }),
  )
  const every = Math.max(1, Math.ceil(steps.length / 24))
  const labels = steps.map((each, i) =>
    i % every === 0
      ? html`<text text-anchor="end" transform="translate(${px(left + (i + 0.5) * step + 3)},${height - bottom + 12}) rotate(-30)">${shortened(each.operator, 14)}</text>
`
      : null,
  )
  const rows = y.ticks.map(
    (tick) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${px(y.at(tick))}" y2="${px(y.at(tick))}"/>
<text x="${left - 6}" y="${px(y.at(tick) + 4)}" text-anchor="end">${formatBytes(tick)}</text>
`,
  )
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${say`Live tensors in the arena, operator by operator`}">
${rows}${boxes}${labels}</svg>
`
}

/** Points that no other point beats in both directions: smaller x, larger y. */
function frontOf(points: readonly PlotPoint[]): PlotPoint[] {
  const front: PlotPoint[] = []
  for (const point of points.toSorted((a, b) => a.x - b.x || b.y - a.y)) {
    const last = front.at(-1)
    if (!last || point.y > last.y) front.push(point)
  }
  return front
}

/** Round ticks around the values, from pixel `from` to pixel `to`. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const finite = values.filter(Number.isFinite)
  let [low, high] = finite.length === 0 ? [0, 1] : [Math.min(...finite), Math.max(...finite)]
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (size < 1e-9) [low, high] = [0, 1]
  else if (high - low <= size * 1e-9) [low, high] = [low - size * 0.05, high + size * 0.05]
  const raw = (high - low) / 4
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10) * power
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)]
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
  return { ticks, at: (value) => from + ((value / step - first) / (last - first)) * (to - from) }
}

function px(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
