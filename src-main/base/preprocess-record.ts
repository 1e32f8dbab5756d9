// How a data set is read and prepared, as one record: it is kept with the set, travels with every run and stands in reports.
// Whatever a reader chooses by itself (the size of pictures, the rate of recordings) is written into it.
import { z } from 'zod'

const perChannel = z.union([z.number(), z.array(z.number()).min(1)])
const side = z.number().int().positive().max(8192)
const isPowerOfTwo = (n: number) => (n & (n - 1)) === 0

/** Features of a recording, frame by frame, as TensorFlow's tf.signal computes them (src-main/data/features.ts). */
export const audioFeatures = z.strictObject({
  kind: z.enum(['spectrogram', 'mel', 'mfcc']),
  /** Length of a frame, and the distance from one frame to the next. */
  windowMs: z.number().positive().max(1000),
  hopMs: z.number().positive().max(1000),
  /** Points of the transform; left out, the smallest power of two that holds a frame. */
  fft: z.number().int().min(2).max(32768).refine(isPowerOfTwo, 'fft must be a power of two').optional(),
  /** Bands between lowHz and highHz; 40 from 20 to 4000 Hz when left out. */
  mels: z.number().int().min(1).max(512).optional(),
  lowHz: z.number().min(0).optional(),
  highHz: z.number().positive().optional(),
  /** Of an MFCC, from the first on; 10 when left out. */
  coefficients: z.number().int().min(1).max(512).optional(),
  /** Natural logarithm of the magnitudes; an MFCC always has it, mel bands unless false, a spectrogram when true. */
  log: z.boolean().optional(),
  /** Added before the logarithm; 1e-6 when left out. */
  logOffset: z.number().positive().optional(),
  /** Divides a recording by its largest value first. */
  peak: z.boolean().optional(),
})
export type AudioFeatures = z.infer<typeof audioFeatures>

const share = z.number().min(0).max(1)

export const preprocessRecord = z.strictObject({
  /** Factor on every element, before mean and std. */
  scale: z.number().optional(),
  /** Subtracted, for the whole sample or by channel (of a table: by column). */
  mean: perChannel.optional(),
  /** Divided by, for the whole sample or by channel. */
  std: perChannel.optional(),
  /** Order of the result. */
  layout: z.enum(['nchw', 'nhwc']).optional(),
  /** Height and width, bilinear. */
  resize: z.tuple([side, side]).optional(),
  /** Pictures of other proportions: stretched (when left out), fitted in with black bars, or cropped around the middle. */
  resizeMode: z.enum(['stretch', 'fit', 'crop']).optional(),
  /** Red, green and blue to one channel (ITU-R BT.601). */
  grey: z.boolean().optional(),
  /** Hz. Recordings of another rate are resampled to it; of samples that are no files, what they were recorded with. */
  rate: z.number().int().min(100).max(384_000).optional(),
  /** Length of every recording at that rate: longer ones are cut, shorter ones end in silence. */
  length: z
    .number()
    .int()
    .positive()
    .max(2 ** 26)
    .optional(),
  features: audioFeatures.optional(),
  /** Column of a CSV that holds the truth. */
  target: z.string().min(1).optional(),
  /** Names of the classes in the model's order; left out, the order of the alphabet. */
  classes: z.array(z.string().min(1)).min(1).max(10_000).optional(),
  /** Empty cells of a CSV: the mean of their column, or the row is left out. Neither when left out: they are an error. */
  missing: z.enum(['mean', 'drop']).optional(),
  /** Asks to leave out what cannot be read; the set that comes of it names these files in `without`. */
  unreadable: z.literal('skip').optional(),
  /** Files of a folder, by their path in it, or columns of a CSV that are not read. */
  without: z.array(z.string().min(1)).max(10_000).optional(),
  /** Divides a set that has no splits of its own: the parts that test and calibrate, the rest trains; class by class. */
  split: z
    .strictObject({ seed: z.number().int().nonnegative(), test: share, calibration: share })
    .refine(
      ({ test, calibration }) => test > 0 && test + calibration <= 1,
      'the parts must be above 0, and 1 together at most',
    )
    .optional(),
})
export type PreprocessRecord = z.infer<typeof preprocessRecord>
