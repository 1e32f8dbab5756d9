// Options that several commands share, parsed once.
import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { AppError } from '../../base/errors.ts'
import type { PreprocessRecord } from '../../contract/data-set.ts'
import { type EncodingGoal, encodingGoal } from '../../contract/report.ts'
import { withPreprocessOptions } from './preprocess-options.ts'

export function wholeNumber(least: number) {
  return (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`)
    return value
  }
}

export interface DataOptions {
  readonly data?: string
  readonly calibration?: string
  readonly limit?: number
  readonly calibrationLimit?: number
  readonly preprocess?: PreprocessRecord
  readonly seed?: number
}

export interface CompressOptions extends DataOptions {
  readonly recipe?: string
  readonly encoding?: EncodingGoal
}

export function withDataOptions(command: Command): Command {
  command
    .option('--data <path>', 'what is measured on: npz, a folder (IDX files, class folders, y_labels.csv) or a CSV')
    .option('--calibration <path>', 'calibration samples; left out, a seeded part of the data')
    .option('--limit <n>', 'samples to measure on', wholeNumber(1))
    .option('--calibration-limit <n>', 'samples to calibrate with', wholeNumber(1))
    .option('--seed <n>', "seed of every random choice; left out, the recipe's own", wholeNumber(0))
  return withPreprocessOptions(command)
}

export function withRecipeOption(command: Command): Command {
  return command.option(
    '--recipe <file-or-preset>',
    'int8, int8-minmax, int8-percentile, int8-mse, int8-kl, float, or a file',
  )
}

export function withEncodingOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--encoding <goal>',
      'how weights are stored: auto codes them only when int8 misses the flash budget; streamed is smallest without RAM for whole tensors',
    ).choices(encodingGoal.options),
  )
}

/** A preset's name as it is, else the text of the file. */
export async function recipeText(recipe: string): Promise<string> {
  if (!/[./\\]/.test(recipe)) return recipe
  return readFile(recipe, 'utf8').catch((cause) => {
    throw new AppError('usage.missingFile', { path: recipe }, { cause })
  })
}
