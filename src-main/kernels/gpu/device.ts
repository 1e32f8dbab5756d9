// The GPU as Dawn (the `webgpu` package) gives it. The package is loaded here and nowhere else, and only when a GPU is asked
// for: loading it starts Vulkan, Metal or Direct3D.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'

export interface GpuAdapter {
  /** As the driver calls it. */
  readonly name: string
  readonly vendor: string
  /** The "GPU" is a program on the CPU (SwiftShader, lavapipe, WARP): right answers, no speed. */
  readonly software: boolean
}

/** An open device. `lost` is set once the driver has taken it away; nothing works on it from then on. */
export interface GpuDevice extends Disposable {
  readonly adapter: GpuAdapter
  readonly device: GPUDevice
  readonly limits: GPUSupportedLimits
  readonly lost: Note | null
}

/** Limits that kernels can use when the adapter has more than WebGPU's defaults. */
const wantedLimits = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const

/** Fails with kernel.noGpu when there is no adapter. */
export async function openDevice(): Promise<GpuDevice> {
  const found = await requestAdapter()
  const requiredLimits = Object.fromEntries(wantedLimits.map((name) => [name, found.adapter.limits[name]]))
  const device = await found.adapter.requestDevice({ requiredLimits }).catch((cause: unknown) => {
    throw new AppError('kernel.noGpu', { problem: messageOf(cause) }, { cause })
  })
  return holdDevice(found, device)
}

function holdDevice(found: FoundAdapter, device: GPUDevice): GpuDevice {
  let lost: Note | null = null
  // Dawn lives as long as the object that `create` gave is referred to, and keeps the process alive.
  let instance: GPU | null = found.instance
  void device.lost.then(({ message }) => {
    lost ??= message || say`no reason given`
  })
  return {
    adapter: describeAdapter(found.adapter),
    device,
    limits: device.limits,
    get lost() {
      return lost
    },
    [Symbol.dispose]() {
      if (!instance) return
      instance = null
      device.destroy()
    },
  }
}

interface FoundAdapter {
  readonly instance: GPU
  readonly adapter: GPUAdapter
}

async function requestAdapter(): Promise<FoundAdapter> {
  const instance = await createInstance()
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new AppError('kernel.noGpu', { problem: say`the drivers of this machine offer no adapter` })
  return { instance, adapter }
}

async function createInstance(): Promise<GPU> {
  try {
    const { create } = await import('webgpu')
    return create(instanceOptions())
  } catch (cause) {
    throw new AppError('kernel.noGpu', { problem: messageOf(cause) }, { cause })
  }
}

/** Dawn tries OpenGL too on Linux, which lacks what compute needs and complains on stderr where there is no display. */
const instanceOptions = () => (process.platform === 'linux' ? ['backend=vulkan'] : [])

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

/** SwiftShader, Mesa's lavapipe and Microsoft's WARP. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|warp|basic render/i

function describeAdapter({ info }: GPUAdapter): GpuAdapter {
  const { vendor, architecture, device, description } = info
  const name = device || description || architecture || vendor || 'unnamed adapter'
  const software = info.isFallbackAdapter || softwareNames.test([architecture, device, description].join(' '))
  return { name, vendor, software }
}
