// The same model under the runtime that most boards run today, to stand beside our figures. Known for models whose TFLite int8
// file was measured, by their hash; of any other model nothing is said.
import type { Baseline } from '../../contract/report.ts'

interface Network {
  /** The int8 file, and the float file that it was quantised from. */
  readonly sha256: readonly string[]
  readonly file: string
  readonly modelBytes: number
  readonly cores: readonly {
    readonly core: RegExp
    readonly name: string
    readonly runtimeBytes: number
    readonly arenaBytes: number
  }[]
}

const source =
  'MLPerf Tiny reference model; TensorFlow Lite Micro 90b983c2 with CMSIS-NN 4ab83cc3, int8 operators only, GCC 12.2 -O3, measured November 2026 under QEMU 7.2'

const m0 = /m0/i
const m4 = /m4|m33/i

const networks: readonly Network[] = [
  {
    sha256: [
      'aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae',
      'e5004c6f1012246e33fa068d8488325538e0444073cd361f5a7edb40c73f12d2',
    ],
    file: 'kws_ref_model.tflite',
    modelBytes: 53_936,
    cores: [
      { core: m4, name: 'Cortex-M4', runtimeBytes: 61_170, arenaBytes: 22_820 },
      { core: m0, name: 'Cortex-M0+', runtimeBytes: 64_738, arenaBytes: 22_820 },
    ],
  },
  {
    sha256: [
      '3c002613d1b2475eb51dd78dfb85a546c8ae658dee71cf6ade43b022fe205415',
      'b5c0046d6e0328b4956afd6baa29555a29b1f1c65bdd45aaed75b7cd484d9f79',
    ],
    file: 'pretrainedResnet_quant.tflite',
    modelBytes: 98_496,
    cores: [
      { core: m4, name: 'Cortex-M4', runtimeBytes: 60_482, arenaBytes: 54_996 },
      { core: m0, name: 'Cortex-M0+', runtimeBytes: 64_594, arenaBytes: 54_980 },
    ],
  },
]

/** @param core as the device names it */
export function baselineOf(modelSha256: string, core: string): Baseline | null {
  const network = networks.find(({ sha256 }) => sha256.includes(modelSha256))
  const measured = network?.cores.find((each) => each.core.test(core))
  if (!network || !measured) return null
  const { modelBytes } = network
  const { runtimeBytes, arenaBytes, name } = measured
  const title = `${network.file} with TensorFlow Lite Micro on ${name}`
  return { title, modelBytes, runtimeBytes, totalBytes: modelBytes + runtimeBytes, arenaBytes, source }
}
