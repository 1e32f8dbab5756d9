// What the device, or its silence, said, as an AppError with a next step.
import { AppError } from '../base/errors.ts'
import { ForeignAnswerError, RefusedError, UnansweredError } from './channel.ts'
import type { DeviceRefusal } from './protocol/codec.ts'
import { type MessageName, protocolVersion } from './protocol/messages.ts'

interface Explanation {
  readonly problem: string
  readonly help: string
}

const sameVersion = 'Flash the agent of this version of Shoehorn onto the board.'

const explanations: Record<DeviceRefusal['error'], Explanation> = {
  unknownRequest: { problem: 'its agent does not know this request', help: sameVersion },
  badPayload: { problem: 'its agent could not read the request', help: sameVersion },
  noModel: { problem: 'it holds no model', help: 'Deploy a pack first.' },
  tooLarge: { problem: 'the pack is larger than the slot', help: 'Make the model smaller, or choose a larger device.' },
  badSlot: { problem: 'it has no such slot', help: 'Choose one of the slots that "shoehorn devices" shows.' },
  notWritable: { problem: 'this slot cannot be written', help: 'Choose another slot.' },
  flashFailed: {
    problem: 'its flash could not be written',
    help: 'Try again; if it happens twice, the flash is worn out.',
  },
  crcMismatch: { problem: 'the pack arrived damaged', help: 'Check the cable and try again.' },
  badPack: { problem: 'its runtime does not accept the pack', help: 'Pack the model again with this version.' },
  arena: {
    problem: 'the working memory of the model does not fit its RAM',
    help: 'Make the model smaller, or choose a device with more RAM.',
  },
  badRange: { problem: 'the range asked for is outside the tensor', help: sameVersion },
  runFailed: { problem: 'the runtime stopped with an error', help: 'Pack the model again and deploy it.' },
  notBegun: { problem: 'no upload was begun', help: 'Deploy the pack again.' },
  unknown: { problem: 'for a reason this version does not know', help: sameVersion },
}

const requestNames: Record<MessageName, string> = {
  hello: 'the greeting',
  modelBegin: 'the upload',
  modelChunk: 'the upload',
  modelCommit: 'the model',
  modelInfo: 'the question for its model',
  input: 'the input',
  run: 'the run',
  output: 'the question for the output',
  bench: 'the benchmark',
  profile: 'the profile',
  memory: 'the question for its memory',
  paint: 'the painting of its memory',
  reset: 'the reset',
  inspect: 'the look at a tensor',
}

/** `error` itself when it is no answer or silence of the device. */
export function deviceFailure(device: string, request: MessageName, error: unknown, damagedFrames: number): unknown {
  if (error instanceof RefusedError) return refused(device, request, error)
  if (error instanceof ForeignAnswerError) return foreign(device, error)
  if (!(error instanceof UnansweredError)) return error
  if (damagedFrames > 0) return new AppError('device.corrupt', { device, count: damagedFrames }, { cause: error })
  return new AppError('device.noAnswer', { device, waitedMs: error.waitedMs }, { cause: error })
}

/** The pack is in flash, but the agent did not find it valid when it started. */
export function notTaken(device: string): AppError {
  return new AppError('device.refused', {
    device,
    request: 'the model',
    problem: 'its runtime does not accept the pack, or the working memory of the model does not fit its RAM',
    help: 'Pack the model again with this version, or choose a device with more RAM.',
    reason: 'badPack',
  })
}

/** An answer that is well formed and cannot be. */
export function otherAgent(device: string, request: string, problem: string): AppError {
  return new AppError('device.refused', { device, request, problem, help: sameVersion, reason: 'badPayload' })
}

function refused(device: string, request: MessageName, error: RefusedError): AppError {
  const { refusal } = error
  const { problem, help } = explanations[refusal.error]
  const detail = refusal.detail === 0 ? '' : ` (status ${refusal.detail})`
  const sentence = refusal.note === '' ? `${problem}${detail}` : `${problem}: ${refusal.note}${detail}`
  if (refusal.error === 'runFailed')
    return new AppError('device.fault', { device, problem: sentence }, { cause: error })
  return new AppError(
    'device.refused',
    { device, request: requestNames[request], problem: sentence, help, reason: refusal.error },
    { cause: error },
  )
}

/** Another version's answer to hello starts with its number too. */
function foreign(device: string, error: ForeignAnswerError): AppError {
  const [low, high] = error.payload
  const found = low === undefined || high === undefined ? 'unknown' : low | (high << 8)
  return new AppError(
    'device.protocol',
    { device, found: found === protocolVersion ? 'another' : found, expected: protocolVersion },
    { cause: error },
  )
}
