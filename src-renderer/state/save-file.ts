// Long enough for the download to have begun.
const revokeAfterMs = 60_000

/** As the browser saves a download. */
export function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
