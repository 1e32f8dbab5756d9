// Why a socket was not opened: the host refuses it, is not there, or took too long.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Refused } from '../../../src-renderer/api/link.ts'
import { socketOpener } from '../../../src-renderer/api/openers.ts'

const timeoutMs = 10_000

/** One that is never opened; `refusing` is closed by the host at once. */
class ClosedSocket extends EventTarget {
  static refusing = true
  constructor() {
    super()
    if (ClosedSocket.refusing) queueMicrotask(() => this.close())
  }
  close() {
    this.dispatchEvent(new Event('close'))
  }
}

const asked: RequestInit[] = []
function answers(isThere: boolean) {
  vi.stubGlobal('fetch', async (_: URL, init: RequestInit) => {
    asked.push(init)
    if (!isThere) throw new TypeError('fetch failed')
    return new Response()
  })
}

beforeEach(() => {
  asked.length = 0
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', ClosedSocket)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function failure(isRefusing: boolean, isThere: boolean): Promise<unknown> {
  ClosedSocket.refusing = isRefusing
  answers(isThere)
  const opened = socketOpener(new URL('http://127.0.0.1:7421/'), 'old')().catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(timeoutMs)
  return opened
}

test('closed at once by a host that answers: it wants another token', async () => {
  expect(await failure(true, true)).toBeInstanceOf(Refused)
  expect(asked.map(({ method, signal }) => [method, signal instanceof AbortSignal])).toEqual([['HEAD', true]])
})

test('closed at once, and nobody answers: the host is gone', async () => {
  const error = await failure(true, false)
  expect([error instanceof Refused, error instanceof Error]).toEqual([false, true])
})

test('not opened in time: a busy host has refused nothing', async () => {
  const error = await failure(false, true)
  expect([error instanceof Refused, error instanceof Error, asked.length]).toEqual([false, true, 0])
})
