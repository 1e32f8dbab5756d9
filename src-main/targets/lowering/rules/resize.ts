// Resize over H and W. The device has TFLite's coordinate rules; ONNX has more. A rule is accepted when it gives the same
// source positions for these very sizes, so that nothing is silently resampled in another way.
import { say } from '../../../base/note.ts'
import type { Rule, RuleContext } from '../context.ts'
import { heldImage, imageInput, imageShape } from '../window.ts'

interface Grid {
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

const grids: readonly Grid[] = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
  { alignCorners: true, halfPixelCenters: false },
]

export const resize: Rule = (context) => {
  const { builder } = context
  const mode = context.text('mode', 'nearest')
  if (mode !== 'nearest' && mode !== 'linear')
    return context.fail(say`its mode is ${mode}`, say`Use nearest or linear resizing.`)
  const input = imageInput(context)
  const from = imageShape(context.shape(0))
  const outShape = context.outShape()
  const to = imageShape(outShape)
  if (from[0] !== to[0] || from[3] !== to[3])
    return context.fail(say`it resizes the batch or the channels`, say`Resize height and width only.`)
  const grid = mode === 'nearest' ? nearestGrid(context, from, to) : linearGrid(context, from, to)
  if (!grid) {
    const rule = context.text('coordinate_transformation_mode', 'half_pixel')
    return context.fail(
      say`its coordinates (${rule}, ${context.text('nearest_mode', 'round_prefer_floor')}) are not TFLite's at these sizes`,
      say`Use half_pixel or align_corners coordinates.`,
    )
  }
  const output = builder.activation(context.outputName(), to, builder.quantOf(input))
  context.emit({ kind: mode === 'nearest' ? 'resizeNearest' : 'resizeBilinear', input, output, ...grid, macs: 0 })
  context.define(context.outputName(), heldImage(context, output, outShape))
}

type Sizes = readonly number[]

/** Source coordinate of output index `x` by ONNX's rule. */
function onnxCoordinate(context: RuleContext, from: number, to: number, scale: number): (x: number) => number {
  const upsample = context.node.op === 'Upsample' || (context.graph.opsets[''] ?? 13) < 11
  const rule = upsample ? 'asymmetric' : context.text('coordinate_transformation_mode', 'half_pixel')
  switch (rule) {
    case 'asymmetric':
      return (x) => x / scale
    case 'align_corners':
      return (x) => (to === 1 ? 0 : (x * (from - 1)) / (to - 1))
    case 'pytorch_half_pixel':
      return (x) => (to > 1 ? (x + 0.5) / scale - 0.5 : 0)
    case 'half_pixel_symmetric': {
      const offset = (from / 2) * (1 - to / (scale * from))
      return (x) => offset + (x + 0.5) / scale - 0.5
    }
    case 'half_pixel':
      return (x) => (x + 0.5) / scale - 0.5
    default:
      return context.fail(
        say`its coordinates are ${rule}`,
        say`Use half_pixel, align_corners or asymmetric coordinates.`,
      )
  }
}

/** ONNX's scale of one dimension: as given, or the ratio of the sizes. */
function scaleOf(context: RuleContext, d: number, from: number, to: number): number {
  const upsample = context.node.op === 'Upsample' || context.node.inputs.length === 2
  const scales = context.constantNumbers(upsample ? 1 : 2) ?? context.numbers('scales')
  const rank = context.shape(0).length
  return scales?.length === rank ? scales[d]! : to / from
}

const clampTo = (size: number) => (x: number) => Math.min(size - 1, Math.max(0, x))

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
}

function gridThatAgrees(
  context: RuleContext,
  from: Sizes,
  to: Sizes,
  wanted: (x: number, coordinate: (x: number) => number, size: number) => number,
  given: (x: number, grid: Grid, from: number, to: number) => number,
): Grid | null {
  const spatial = context.shape(0).length === 3 ? [2] : [1, 2]
  const agrees = (grid: Grid) =>
    spatial.every((h, k) => {
      const size = from[h]!
      const out = to[h]!
      const coordinate = onnxCoordinate(context, size, out, scaleOf(context, k + 2, size, out))
      return Array.from({ length: out }, (_, x) => x).every(
        (x) => Math.abs(wanted(x, coordinate, size) - given(x, grid, size, out)) < 1e-5,
      )
    })
  return grids.find(agrees) ?? null
}

function nearestGrid(context: RuleContext, from: Sizes, to: Sizes): Grid | null {
  const upsample = context.node.op === 'Upsample' || (context.graph.opsets[''] ?? 13) < 11
  const rounding = roundings[upsample ? 'floor' : context.text('nearest_mode', 'round_prefer_floor')]
  if (!rounding) return null
  return gridThatAgrees(
    context,
    from,
    to,
    (x, coordinate, size) => clampTo(size)(rounding(coordinate(x))),
    (x, grid, size, out) => {
      const scale = Math.fround(grid.alignCorners && out > 1 ? (size - 1) / (out - 1) : size / out)
      const at = Math.fround((x + (grid.halfPixelCenters ? 0.5 : 0)) * scale)
      return clampTo(size)(grid.alignCorners ? Math.round(at) : Math.floor(at))
    },
  )
}

function linearGrid(context: RuleContext, from: Sizes, to: Sizes): Grid | null {
  return gridThatAgrees(
    context,
    from,
    to,
    (x, coordinate, size) => clampTo(size)(coordinate(x)),
    (x, grid, size, out) => {
      const scale = grid.alignCorners && out > 1 ? (size - 1) / (out - 1) : size / out
      return clampTo(size)(grid.halfPixelCenters ? (x + 0.5) * scale - 0.5 : x * scale)
    },
  )
}
