// How data are read and prepared, as options. Each says one thing of the record that --preprocess gives whole, and is put on
// top of it.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { audioFeatures, type PreprocessRecord, preprocessRecord } from '../../base/preprocess-record.ts'
import { featureStandards } from '../../contract/feature-standards.ts'

const heading = 'How data are read and prepared:'

interface PreprocessOptions {
  readonly preprocess?: PreprocessRecord
  readonly resize?: [number, number]
  readonly resizeMode?: PreprocessRecord['resizeMode']
  readonly grey?: true
  readonly scale?: number
  readonly layout?: PreprocessRecord['layout']
  readonly rate?: number
  readonly length?: number
  readonly features?: Pick<PreprocessRecord, 'rate' | 'length' | 'features'>
  readonly target?: string
  readonly classes?: string[]
  readonly missing?: PreprocessRecord['missing']
  readonly leaveOut?: string[]
  readonly leaveOutUnreadable?: true
  readonly split?: PreprocessRecord['split']
}

export function withPreprocessOptions(command: Command): Command {
  const standards = Object.keys(featureStandards).join(', ')
  const add = (flags: string, text: string, parse?: (text: string) => unknown) => {
    const option = new Option(flags, text).helpGroup(heading)
    command.addOption(parse ? option.argParser(parse) : option)
  }
  add(
    '--preprocess <json>',
    `the whole record: any of ${Object.keys(preprocessRecord.shape).join(' ')}`,
    parsePreprocess,
  )
  add('--resize <HxW>', 'pictures to this height and width, bilinear', parseSize)
  command.addOption(
    new Option('--resize-mode <mode>', 'for other proportions: stretch, fit with black bars, or crop the middle')
      .choices(['stretch', 'fit', 'crop'])
      .helpGroup(heading),
  )
  add('--grey', 'red, green and blue to one channel')
  add('--scale <factor>', 'on every value, a number or a fraction such as 1/255', parseFactor)
  command.addOption(
    new Option('--layout <order>', 'channels first or last').choices(['nchw', 'nhwc']).helpGroup(heading),
  )
  add('--rate <hz>', 'recordings are resampled to it; of arrays, what they were recorded with', parseNumber)
  add('--length <samples>', 'of every recording: cut, or filled with silence', parseNumber)
  add(
    '--features <json-or-name>',
    `of recordings: ${standards}, or JSON with any of ${Object.keys(audioFeatures.shape).join(' ')}; kind is ${audioFeatures.shape.kind.options.join(', ')}`,
    parseFeatures,
  )
  add('--target <column>', 'label column of a CSV')
  add('--classes <names>', "class names in the model's order, with commas between", (text) => text.split(/\s*,\s*/))
  command.addOption(
    new Option('--missing <how>', 'empty cells of a CSV: the mean of the column, or the row is dropped')
      .choices(['mean', 'drop'])
      .helpGroup(heading),
  )
  add('--leave-out <names...>', 'files of a folder, by their path in it, or columns of a CSV')
  add('--leave-out-unreadable', 'files that cannot be decoded')
  add(
    '--split <test,calibration[,seed]>',
    'parts that test and calibrate, by class; the rest trains: 0.2,0.1',
    parseSplit,
  )
  command.hook('preAction', (_, acting) => {
    const record = recordOf(acting.opts<PreprocessOptions>())
    if (record) acting.setOptionValue('preprocess', record)
  })
  return command
}

function recordOf(options: PreprocessOptions): PreprocessRecord | null {
  const { resize, resizeMode, grey, scale, layout, rate, length, target, classes, missing, split } = options
  const single = { resize, resizeMode, grey, scale, layout, rate, length, target, classes, missing, split }
  const given = Object.fromEntries(Object.entries(single).filter(([, value]) => value !== undefined))
  const { leaveOut, leaveOutUnreadable, preprocess } = options
  const record: PreprocessRecord = {
    ...preprocess,
    ...options.features,
    ...given,
    ...(leaveOut ? { without: leaveOut } : {}),
    ...(leaveOutUnreadable ? { unreadable: 'skip' } : {}),
  }
  return Object.keys(record).length > 0 || preprocess ? checked(record, preprocessRecord) : null
}

function parsePreprocess(text: string): PreprocessRecord {
  return parsedJson(text, preprocessRecord)
}

function parsedJson<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return checked(JSON.parse(text), schema)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new AppError('data.preprocess', { problem: cause.message }, { cause })
  }
}

function checked<T>(value: unknown, schema: z.ZodType<T>): T {
  const { data, error, success } = schema.safeParse(value)
  if (success) return data
  const problem = z.prettifyError(error).replaceAll(/\s*\n\s*/g, ' ')
  throw new AppError('data.preprocess', { problem }, { cause: error })
}

function parseSize(text: string): [number, number] {
  const [, height, width] = /^(\d+)\s*[x×,]\s*(\d+)$/.exec(text) ?? []
  if (!height || !width) throw new InvalidArgumentError('It must be a height and a width, such as 96x96.')
  return [Number(height), Number(width)]
}

function parseFactor(text: string): number {
  const [value, divisor = '1'] = text.split('/')
  return parseNumber(String(Number(value) / Number(divisor)))
}

function parseNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.')
  return value
}

function parseFeatures(text: string): Pick<PreprocessRecord, 'rate' | 'length' | 'features'> {
  const standard = Object.entries(featureStandards).find(([name]) => name === text)
  return standard ? standard[1] : { features: parsedJson(text, audioFeatures) }
}

function parseSplit(text: string): PreprocessRecord['split'] {
  const [test, calibration = 0, seed = 0] = text.split(',').map(Number)
  const parsed = preprocessRecord.shape.split.safeParse({ test, calibration, seed })
  if (!parsed.success) throw new InvalidArgumentError('It must be two parts of 1, such as 0.2,0.1.')
  return parsed.data
}
