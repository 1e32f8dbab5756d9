// Long enough for a download to have begun, or a new window to have read it.
const revokeAfterMs = 60_000

/** An address of these bytes that ends by itself. */
export function temporaryUrl(blob: Blob): string {
  const url = URL.createObjectURL(blob)
  setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs)
  return url
}

/** As the browser saves a download. */
export function saveAs(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = temporaryUrl(blob)
  link.download = name
  link.click()
}
