// Which rows of a long table are in the page: those that are seen, and a few around them.
export interface VisibleRows {
  readonly first: number
  /** Not included. */
  readonly end: number
}

const around = 6

export function visibleRows(scrolled: number, height: number, rowHeight: number, count: number): VisibleRows {
  const first = Math.max(0, Math.min(count, Math.floor(scrolled / rowHeight)) - around)
  return { first, end: Math.min(count, Math.ceil((scrolled + height) / rowHeight) + around) }
}

/** How far to scroll so that a row is whole in sight; no further than needed. `covered`: what the head hides. */
export function scrollToRow(
  row: number,
  { scrolled, height, rowHeight, covered }: { scrolled: number; height: number; rowHeight: number; covered: number },
): number {
  const top = row * rowHeight
  if (top < scrolled) return top
  return Math.max(scrolled, top + rowHeight - (height - covered))
}
