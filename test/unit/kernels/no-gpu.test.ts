// What is said where there is no GPU, and that nothing of it is loaded unless it is asked for. Own processes: a driver that
// was loaded once stays.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const root = new URL('../../..', import.meta.url).pathname

function run(code: string) {
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, VK_ICD_FILENAMES: '/nowhere.json', XDG_CACHE_HOME: '/nowhere' },
    timeout: 50_000,
  })
}

test.runIf(process.platform === 'linux')('asking for the GPU where there is none says so', () => {
  const { stdout, status } = run(`
    import { openKernels } from './src-main/kernels/open.ts'
    await openKernels('gpu').catch(({ code, message, next }) => console.log(JSON.stringify({ code, message, next })))`)
  expect({ status, ...JSON.parse(stdout) }).toEqual({
    status: 0,
    code: 'kernel.noGpu',
    message: 'No GPU can be used on this machine: the drivers of this machine offer no adapter.',
    next: 'Choose the backend "auto" or "cpu", or install a driver with Vulkan, Metal or Direct3D 12.',
  })
})

test('auto without a calibration computes on the CPU and loads no driver', () => {
  const { stdout, status } = run(`
    import { openKernels } from './src-main/kernels/open.ts'
    await using kernels = await openKernels('auto')
    const { data } = await kernels.multiply({ rows: 1, columns: 2, data: Float32Array.of(2, 3) }, { rows: 2, columns: 1, data: Float32Array.of(5, 7) })
    const loaded = process.report.getReport().sharedObjects.filter((path) => path.includes('dawn.node'))
    console.log(JSON.stringify({ backend: kernels.backend, product: data[0], loaded }))`)
  expect({ status, ...JSON.parse(stdout) }).toEqual({ status: 0, backend: 'cpu', product: 31, loaded: [] })
})
