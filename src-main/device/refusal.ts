// What the device, or its silence, said, as an AppError with a next step.
import { AppError } from '../base/errors.ts'
import { joined, type Note, say } from '../base/note.ts'
import { ForeignAnswerError, RefusedError, UnansweredError } from './channel.ts'
import type { DeviceRefusal } from './protocol/codec.ts'
import { type MessageName, protocolVersion } from './protocol/messages.ts'

interface Explanation {
  readonly problem: Note
  readonly help: Note
}

const sameVersion = say`Flash the agent of this version of Shoehorn onto the board.`

const explanations: Record<DeviceRefusal['error'], Explanation> = {
  unknownRequest: { problem: say`its agent does not know this request`, help: sameVersion },
  badPayload: { problem: say`its agent could not read the request`, help: sameVersion },
  noModel: { problem: say`it holds no model`, help: say`Deploy a pack first.` },
  tooLarge: {
    problem: say`the pack is larger than the slot`,
    help: say`Make the model smaller, or choose a larger device.`,
  },
  badSlot: { problem: say`it has no such slot`, help: say`Choose one of the slots that "shoehorn devices" shows.` },
  notWritable: { problem: say`this slot cannot be written`, help: say`Choose another slot.` },
  flashFailed: {
    problem: say`its flash could not be written`,
    help: say`Try again; if it happens twice, the flash is worn out.`,
  },
  crcMismatch: { problem: say`the pack arrived damaged`, help: say`Check the cable and try again.` },
  badPack: { problem: say`its runtime does not accept the pack`, help: say`Pack the model again with this version.` },
  arena: {
    problem: say`the working memory of the model does not fit its RAM`,
    help: say`Make the model smaller, or choose a device with more RAM.`,
  },
  badRange: { problem: say`the range asked for is outside the tensor`, help: sameVersion },
  runFailed: { problem: say`the runtime stopped with an error`, help: say`Pack the model again and deploy it.` },
  notBegun: { problem: say`no upload was begun`, help: say`Deploy the pack again.` },
  unknown: { problem: say`for a reason this version does not know`, help: sameVersion },
}

const requestNames: Record<MessageName, Note> = {
  hello: say`the greeting`,
  modelBegin: say`the upload`,
  modelChunk: say`the upload`,
  modelCommit: say`the model`,
  modelInfo: say`the question for its model`,
  input: say`the input`,
  run: say`the run`,
  output: say`the question for the output`,
  bench: say`the benchmark`,
  profile: say`the profile`,
  memory: say`the question for its memory`,
  paint: say`the painting of its memory`,
  reset: say`the reset`,
  inspect: say`the look at a tensor`,
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
    request: say`the model`,
    problem: say`its runtime does not accept the pack, or the working memory of the model does not fit its RAM`,
    help: say`Pack the model again with this version, or choose a device with more RAM.`,
    reason: 'badPack',
  })
}

/** An answer that is well formed and cannot be. */
export function otherAgent(device: string, request: Note, problem: Note): AppError {
  return new AppError('device.refused', { device, request, problem, help: sameVersion, reason: 'badPayload' })
}

function refused(device: string, request: MessageName, error: RefusedError): AppError {
  const { refusal } = error
  const { problem, help } = explanations[refusal.error]
  const detail = refusal.detail === 0 ? '' : say` (status ${refusal.detail})`
  const said = refusal.note === '' ? '' : `: ${refusal.note}`
  const sentence = joined([problem, said, detail], '')
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
  const found = low === undefined || high === undefined ? say`unknown` : low | (high << 8)
  return new AppError(
    'device.protocol',
    { device, found: found === protocolVersion ? say`another` : found, expected: protocolVersion },
    { cause: error },
  )
}
