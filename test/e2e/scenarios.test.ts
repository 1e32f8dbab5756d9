// One set of scenarios on every host there is here.
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasShared, sharedData, sharedModel } from '../support/shared.ts'
import { temporaryFolder } from '../support/workspace.ts'
import { doubleHost, electronHost, type OpenHost, webHost } from './scenarios/host.ts'
import { findPlace } from './scenarios/place.ts'
import { screensOf } from './scenarios/screens.ts'
import * as story from './scenarios/stories.ts'
import { User } from './scenarios/user.ts'

const hosts = [webHost, doubleHost, electronHost]
for (const { name, missing } of hosts) if (missing) console.log(`not run: scenarios on ${name}: ${missing}`)

/** After dropping the files a first-time user has this many presses of the mouse. */
const mostClicks = 6

if (!hasShared) console.log('not run: a model of the user’s own: there are no shared models')

describe.skipIf(webHost.missing || !hasShared)('a first-time user with a model of their own', () => {
  test('is at a measured run in at most six clicks', { timeout: 400_000 }, async () => {
    using folder = temporaryFolder()
    await using opened = await webHost.open(folder.path)
    const files = [sharedModel('kws_ref_model.tflite'), sharedData('kws/kws.npz')]
    const clicks = await story.ownModelMeasured(new User(opened.page), files, 'twin')
    console.log(
      `${clicks} clicks from the drop of ${files.map((path) => basename(path)).join(' and ')} to the measured run`,
    )
    expect(clicks).toBeLessThanOrEqual(mostClicks)
    expect(opened.complaints()).toEqual([])
  })
})

describe.for(hosts.filter(({ missing }) => !missing))('$name', (host) => {
  const folder = temporaryFolder()
  let opened: OpenHost
  let user: User

  beforeAll(async () => {
    opened = await host.open(folder.path)
    user = new User(opened.page)
  })
  afterAll(async () => {
    await opened?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test('an empty workspace says what to do', () => story.emptyWorkspaceSaysWhatToDo(user))

  test('story: one-click compress and deploy', { timeout: 400_000 }, async () => {
    const clicks = await story.oneClickCompressAndDeploy(user)
    console.log(`${host.name}: ${clicks} clicks from the empty workspace to the measured run`)
    expect(clicks).toBeLessThanOrEqual(mostClicks)
  })

  test('story: a project per device', () => story.aProjectPerDevice(user))

  test('a wrong file gets an error with a next step', () => story.aWrongFileIsExplained(user))

  test('story: comparing on-device benchmarks', { timeout: 400_000 }, () => story.comparingBenchmarks(user))

  test('story: exporting reports', { timeout: 120_000 }, () => story.exportingReports(user))

  test('story: a pack that was sent is measured', { timeout: 240_000 }, () => story.measuringAPack(user, folder.path))

  test('every screen opens', { timeout: 240_000 }, async () => {
    for (const screen of screensOf(await findPlace(user))) {
      await screen.open(user)
      expect([screen.name, await user.by('error').count()]).toEqual([screen.name, 0])
      await screen.close?.(user)
    }
  })

  test('neither page nor host complained', () => expect(opened.complaints()).toEqual([]))
})
