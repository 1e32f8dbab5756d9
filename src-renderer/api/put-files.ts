import { ORPCError } from '@orpc/client'

/** All files in one request. The browser reads them itself as they are taken: their bytes never pass through the page. */
export function putFiles(
  address: string,
  files: readonly Blob[],
  signal: AbortSignal,
  sent: (bytes: number) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  signal.throwIfAborted()
  // Not fetch, which does not tell how much was sent.
  const request = new XMLHttpRequest()
  request.open('PUT', address)
  request.upload.addEventListener('progress', ({ loaded }) => sent(loaded))
  request.addEventListener('load', () => {
    if (request.status === 204) resolve()
    else reject(refusal(request.responseText))
  })
  request.addEventListener('error', () => reject(new Error('the host did not take the files')))
  request.addEventListener('abort', () => reject(signal.reason))
  signal.addEventListener('abort', () => request.abort(), { once: true })
  request.send(new Blob([...files]))
  return promise
}

/** As a refused call is. */
function refusal(text: string): Error {
  try {
    const data: unknown = JSON.parse(text)
    return new ORPCError('APP_ERROR', { data })
  } catch {
    return new Error('the host answered in another language')
  }
}
