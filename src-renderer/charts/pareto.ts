export interface ParetoPoint {
  readonly id: string
  readonly label: string
  /** Smaller is better. */
  readonly cost: number
  /** Larger is better. */
  readonly gain: number
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
