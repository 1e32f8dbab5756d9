// Audio features that are known by a name, with the rate and length of recording that they are made for.
import type { AudioFeatures } from '../base/preprocess-record.ts'

export const featureStandards = {
  /** MLPerf Tiny's keyword spotting (mlcommons/tiny, keyword_spotting/get_dataset.py): 49 x 10 for a second at 16 kHz. */
  'mlperf-tiny-kws': {
    rate: 16_000,
    length: 16_000,
    features: {
      ...{ kind: 'mfcc', windowMs: 30, hopMs: 20, fft: 512, mels: 40, lowHz: 20, highHz: 4000, coefficients: 10 },
      peak: true,
    },
  },
  /** The log-mel patches of VGGish and YAMNet (tensorflow/models, audioset): 96 x 64 for 0.975 s at 16 kHz. */
  yamnet: {
    rate: 16_000,
    length: 15_600,
    features: {
      ...{ kind: 'mel', windowMs: 25, hopMs: 10, fft: 512, mels: 64, lowHz: 125, highHz: 7500, logOffset: 0.001 },
    },
  },
} as const satisfies Record<string, { rate: number; length: number; features: AudioFeatures }>
export type FeatureStandard = keyof typeof featureStandards
