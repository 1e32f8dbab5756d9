// How many zeros each layer gets when all together must reach a share: the shares with the least sum of relative errors, from
// a measured curve of each layer. Curves are taken as their lower convex hulls, so that the steepest saving goes first.

export interface CurvePoint {
  /** Share of zeros. */
  readonly share: number
  readonly error: number
}

export interface LayerCurve {
  readonly weights: number
  /** By ascending share; the first is share 0 with error 0. */
  readonly points: readonly CurvePoint[]
}

interface Segment {
  readonly layer: number
  readonly from: number
  readonly to: number
  /** Error for each weight that becomes zero. */
  readonly slope: number
}

/** @param wanted share of zeros over all layers */
export function allocateShares(curves: readonly LayerCurve[], wanted: number): number[] {
  const shares = curves.map(() => 0)
  let left = wanted * curves.reduce((sum, { weights }) => sum + weights, 0)
  const segments = curves.flatMap((curve, layer) => segmentsOf(curve, layer))
  // Slopes of one layer ascend, so its segments come in order; the sort is stable.
  for (const { layer, from, to } of segments.sort((a, b) => a.slope - b.slope)) {
    if (left <= 0) break
    const { weights } = curves[layer]!
    const taken = Math.min(to - from, left / weights)
    shares[layer] = from + taken
    left -= taken * weights
  }
  return shares
}

function segmentsOf({ weights, points }: LayerCurve, layer: number): Segment[] {
  const hull = lowerHull(points)
  return hull.slice(1).map((point, i) => {
    const before = hull[i]!
    return { layer, from: before.share, to: point.share, slope: slopeOf(before, point) / weights }
  })
}

const slopeOf = (a: CurvePoint, b: CurvePoint) => (b.error - a.error) / (b.share - a.share)

/** Andrew's monotone chain. */
function lowerHull(points: readonly CurvePoint[]): CurvePoint[] {
  const hull: CurvePoint[] = []
  for (const point of points) {
    while (hull.length >= 2 && slopeOf(hull.at(-2)!, hull.at(-1)!) >= slopeOf(hull.at(-1)!, point)) hull.pop()
    hull.push(point)
  }
  return hull
}
