import { LocalError } from '../api/error.ts'
import { t } from '../i18n/locale.ts'

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

/**
 * A file of the host's, part by part. A part of no bytes before the end is a failure: half a file is never saved as a whole one.
 * @param onProgress told the bytes read so far, before each part
 */
export async function readWhole(
  bytes: number,
  read: (offset: number) => Promise<{ readonly data: Blob }>,
  onProgress: (doneBytes: number) => void = () => {},
): Promise<Blob> {
  const parts: Blob[] = []
  for (let doneBytes = 0; doneBytes < bytes; ) {
    onProgress(doneBytes)
    const { data } = await read(doneBytes)
    if (data.size === 0)
      throw new LocalError('shortFile', t('notes.shortFile', { done: doneBytes, bytes }), t('notes.shortFileNext'))
    parts.push(data)
    doneBytes += data.size
  }
  return new Blob(parts)
}
