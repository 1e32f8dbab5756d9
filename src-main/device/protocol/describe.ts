// A frame in words, for the raw handshake log.
import { decodeAnswer, decodeRequest } from './codec.ts'
import { type Frame, requestBit, responseBit } from './frame.ts'
import { errorResponse, type MessageName, messages } from './messages.ts'

/** `hello #12 {protocol: 1}`; bytes are shown by their number, because the hex is beside it. */
export function describeFrame(frame: Frame): string {
  const head = (name: string) => `${name} #${frame.seq}`
  if (frame.type === (errorResponse.id | responseBit)) {
    const answer = decodeAnswer('hello', frame)
    return answer.kind === 'refusal'
      ? `${head('error')} ${show({ ...answer.refusal })}`
      : `${head('error')} not readable`
  }
  if ((frame.type & responseBit) === responseBit) {
    const name = nameOf(frame.type & ~responseBit)
    if (name === null) return head(`unknown response 0x${frame.type.toString(16)}`)
    const answer = decodeAnswer(name, frame)
    return answer.kind === 'response'
      ? `${head(`${name} answer`)} ${show(answer.body)}`
      : `${head(`${name} answer`)} not readable`
  }
  const request = (frame.type & requestBit) === requestBit ? decodeRequest(frame) : null
  if (request === null) return head(`unknown frame 0x${frame.type.toString(16)}`)
  return `${head(request.name)} ${request.body.ok ? show(request.body.body) : request.body.problem}`
}

function nameOf(id: number): MessageName | null {
  for (const [name, message] of Object.entries(messages)) if (message.id === id) return name as MessageName
  return null
}

function show(body: object): string {
  const fields = Object.entries(body).map(([name, value]) => `${name}: ${showValue(value)}`)
  return `{${fields.join(', ')}}`
}

function showValue(value: unknown): string {
  if (value instanceof Uint8Array) return `<${value.length} bytes>`
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) return show(value)
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
