export interface ParetoPoint {
  readonly id: string
  readonly label: string
  /** Smaller is better. */
  readonly cost: number
  /** Larger is better. */
  readonly gain: number
  /** Whether all budgets are met. */
  readonly met?: boolean
}

/** A part of the plot, both ends included. */
export interface Area {
  readonly cost: readonly [number, number]
  readonly gain: readonly [number, number]
}

/** The points no other point beats in both directions, by rising cost. */
export function paretoFront<T extends ParetoPoint>(points: readonly T[]): T[] {
  const front: T[] = []
  for (const point of points.toSorted((a, b) => a.cost - b.cost || b.gain - a.gain)) {
    const last = front.at(-1)
    if (!last || point.gain > last.gain) front.push(point)
  }
  return front
}

/** x, y, width and height in pixels. */
export type Box = readonly [number, number, number, number]

/** The first of the places that no point is drawn in; the first of all when every one is taken. */
export function freePlace<T extends { readonly box: Box }>(
  places: readonly [T, ...T[]],
  pixels: readonly (readonly [number, number])[],
): T {
  const isFree = ({ box: [x, y, width, height] }: T) =>
    !pixels.some(([px, py]) => px >= x && px <= x + width && py >= y && py <= y + height)
  return places.find(isFree) ?? places[0]
}

/** Index of the point that is drawn nearest, within `reach` pixels; null when none is. */
export function nearestPoint(
  pixels: readonly (readonly [number, number])[],
  [x, y]: readonly [number, number],
  reach: number,
): number | null {
  let best: number | null = null
  let least = reach * reach
  for (const [i, [px, py]] of pixels.entries()) {
    const distance = (px - x) ** 2 + (py - y) ** 2
    if (distance <= least) [best, least] = [i, distance]
  }
  return best
}

/** The area between two points, whichever way they lie. */
export function areaBetween(a: Pick<ParetoPoint, 'cost' | 'gain'>, b: Pick<ParetoPoint, 'cost' | 'gain'>): Area {
  return {
    cost: [Math.min(a.cost, b.cost), Math.max(a.cost, b.cost)],
    gain: [Math.min(a.gain, b.gain), Math.max(a.gain, b.gain)],
  }
}
