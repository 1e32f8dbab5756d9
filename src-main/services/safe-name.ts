/** Letters, digits and what is harmless in a file name on every system; `fallback` when nothing is left. */
export const safeName = (text: string, fallback: string): string =>
  text.replace(/[^\p{L}\p{N} ._-]+/gu, '-').replace(/^[. ]+|[. ]+$/g, '') || fallback
