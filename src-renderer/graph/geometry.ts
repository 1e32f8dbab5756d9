// Shapes of a drawn graph, in CSS pixels at full size.
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface GraphLayout {
  readonly width: number
  readonly height: number
  /** In the order of the graph's nodes. */
  readonly boxes: readonly Box[]
  /** In the order of the graph's edges. */
  readonly routes: readonly (readonly Point[])[]
}
