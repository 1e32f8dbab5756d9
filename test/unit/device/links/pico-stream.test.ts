// The emulated Pico beside other work: the event loop lives while it computes, and it runs in a worker thread as well.
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { systemClock } from '../../../../src-main/base/clock.ts'
import { linkTo } from '../../../../src-main/device/links/drivers.ts'
import { systemLinkPorts } from '../../../../src-main/device/links/ports.ts'
import { openSession } from '../../../../src-main/device/session.ts'
import { smallInputs, smallPack } from '../../../support/small-pack.ts'

const { pack } = smallPack()
const [inputs] = smallInputs(1)

test('timers go off while it computes', async () => {
  const signal = AbortSignal.timeout(60_000)
  await using session = await openSession(linkTo('pico', systemLinkPorts), { clock: systemClock, signal })
  await session.deploy(pack)
  let working = true
  let ticks = 0
  const count = async () => {
    while (working) {
      await systemClock.sleep(1)
      ticks++
    }
  }
  const counting = count()
  await session.bench(0, 150)
  working = false
  await counting
  // 150 runs are some 25 million cycles, in slices of 400 000.
  expect(ticks).toBeGreaterThan(10)
})

test('flash outlives the power, as on a board', async () => {
  const link = linkTo('pico', systemLinkPorts)
  const options = { clock: systemClock, signal: AbortSignal.timeout(60_000) }
  {
    await using session = await openSession(link, options)
    expect(await session.deploy(pack)).toMatchObject({ uploaded: true })
  }
  await using session = await openSession(link, options)
  expect(await session.deploy(pack)).toMatchObject({ uploaded: false, slotKind: 'flash' })
  await using other = await openSession(linkTo('pico', systemLinkPorts), options)
  expect(await other.modelInfo()).toMatchObject({ size: 0 })
})

const inWorker = `
  import { parentPort, workerData } from 'node:worker_threads'
  const { root, pack, inputs } = workerData
  const load = (path) => import(new URL(path, root).href)
  const [{ openSession }, { linkTo }, { systemLinkPorts }, { systemClock }] = await Promise.all([
    load('src-main/device/session.ts'),
    load('src-main/device/links/drivers.ts'),
    load('src-main/device/links/ports.ts'),
    load('src-main/base/clock.ts'),
  ])
  const session = await openSession(linkTo('pico', systemLinkPorts), {
    clock: systemClock,
    signal: AbortSignal.timeout(60_000),
  })
  await session.deploy(pack)
  const outputs = await session.infer(inputs)
  await session.close()
  parentPort.postMessage(outputs)
`

test('a worker thread gives the same', async () => {
  const signal = AbortSignal.timeout(60_000)
  await using session = await openSession(linkTo('pico', systemLinkPorts), { clock: systemClock, signal })
  await session.deploy(pack)
  const root = new URL('../../../../', import.meta.url).href
  const source = new URL(`data:text/javascript,${encodeURIComponent(inWorker)}`)
  const worker = new Worker(source, { workerData: { root, pack, inputs } })
  const outputs = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await worker.terminate()
  expect(outputs).toEqual(await session.infer(inputs!))
})
