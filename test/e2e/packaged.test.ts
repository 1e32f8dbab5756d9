// What electron-builder puts into the package is all that the application needs: it is packed, taken out of its archive into a
// folder with nothing else around, and does the main job there.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dropFile, hasChromium } from '../support/browser.ts'
import { repository } from '../support/cli.ts'
import { type DesktopUnderTest, isBuilt, openDouble } from '../support/electron.ts'
import { type PackagedApp, packageApp } from '../support/packaged.ts'
import { temporaryFolder } from '../support/workspace.ts'

const configuration = 'build/package/electron-builder.yml'
const sample = (name: string) => join(repository, 'resources/samples', name)

describe('the configuration of the packages', () => {
  const read = async () => {
    const { getConfig, validateConfiguration } = await import('app-builder-lib/out/util/config/config.js')
    const { DebugLogger } = await import('builder-util')
    const config = await getConfig(repository, configuration, null)
    await validateConfiguration(config, new DebugLogger(false))
    return config
  }

  test('is one that electron-builder takes, for each of the four packages', async () => {
    const { linux, win, mac } = await read()
    expect([linux?.target, win?.target, mac?.target]).toEqual([['AppImage', 'deb'], ['nsis'], ['dmg']])
  })

  test('associates every kind of file that is opened by path, with a drawing each', async () => {
    const { fileAssociations } = await read()
    const all = [fileAssociations ?? []].flat()
    expect(all.map(({ ext }) => ext)).toEqual(['onnx', 'tflite', 'shoe', 'shoeproject'])
    for (const { icon } of all)
      for (const [ending, begins] of [
        ['ico', '\0\0\u0001\0'],
        ['icns', 'icns'],
      ])
        expect(readFileSync(join(repository, 'build/package', `${icon}.${ending}`)).toString('latin1', 0, 4)).toBe(
          begins,
        )
  })

  test('has the icon in every form and size', () => {
    for (const name of [
      'icon.ico',
      'icon.icns',
      'icon.png',
      ...[16, 32, 48, 256, 512].map((n) => `icons/${n}x${n}.png`),
    ])
      expect([name, existsSync(join(repository, 'build/package', name))]).toEqual([name, true])
  })
})

describe.skipIf(!hasChromium || !isBuilt || process.platform !== 'linux')('the packaged application', () => {
  const folder = temporaryFolder()
  let packaged: PackagedApp
  let desktop: DesktopUnderTest | undefined
  const by = (name: string) => desktop!.page.locator(`[data-test="${name}"]`)

  beforeAll(async () => {
    packaged = await packageApp(folder.path)
    mkdirSync(folder.file('user'))
  }, 300_000)
  afterAll(async () => {
    await desktop?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test('has no sources and no tests of ours', () => {
    expect(existsSync(join(packaged.files, 'out/main/main.js'))).toBe(true)
    for (const name of ['src-main', 'src-renderer', 'test', 'build'])
      expect(existsSync(join(packaged.files, name))).toBe(false)
  })

  test('has its fuses set: not a Node in disguise, and only its own archive', () => {
    // Order: @electron/fuses, FuseV1Options.
    const [runAsNode, cookies, nodeOptions, inspect, integrity, onlyAsar, snapshot, fileScheme] = packaged.fuses
    expect({ runAsNode, cookies, nodeOptions, inspect, integrity, onlyAsar, snapshot, fileScheme }).toEqual({
      runAsNode: '0',
      cookies: '1',
      nodeOptions: '0',
      inspect: '0',
      integrity: '1',
      onlyAsar: '1',
      snapshot: '0',
      fileScheme: '0',
    })
  })

  test('does the main job from what it holds', { timeout: 300_000 }, async () => {
    desktop = await openDouble({
      main: join(packaged.files, 'out/main/main.js'),
      workspace: folder.file('workspace'),
      userData: folder.file('user'),
      // What is installed takes no page from elsewhere, whatever its surroundings say.
      env: { DOUBLE_PACKAGED: '1', ELECTRON_RENDERER_URL: 'https://example.com/' },
    })
    await by('new-project-home').click()
    await by('project-name').fill('Packaged')
    await desktop.page.locator('[data-test="device-option"][data-device="pico"]').click()
    await by('create-project').click()
    await dropFile(by('model-card'), sample('gestures.onnx'))
    await dropFile(by('data-card'), sample('gestures-test.npz'))
    await expect.poll(() => by('data-name').textContent(), { timeout: 20_000 }).toContain('gestures-test.npz')
    await by('compress-deploy').click()
    await by('open-run').waitFor({ timeout: 240_000 })
    await by('open-run').click()
    await by('bit-exact').waitFor()
    expect(desktop.errors).toEqual([])
  })
})
