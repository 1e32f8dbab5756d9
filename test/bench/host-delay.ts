// Preloaded into a host: how long its event loop was held up, written to the file that it is told at SIGUSR2.
import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const told = process.env.SHOEHORN_BENCH_DELAY
if (isMainThread && told !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  process.on('SIGUSR2', () => {
    // Whole when it is there.
    writeFileSync(`${told}.new`, String(delay.max / 1e6))
    renameSync(`${told}.new`, told)
    delay.reset()
  })
}
