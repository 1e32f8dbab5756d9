// Why a tensor is stored as it is, in a sentence for the user.
import { type Note, say } from '../../base/note.ts'
import { storageModeNotes } from '../plan.ts'
import type { Candidate, TensorCandidates } from './candidates.ts'
import type { Situation, TensorDecision } from './situation.ts'

/** What was chosen for one tensor. */
export interface Explained {
  readonly tensor: TensorCandidates
  readonly chosen: Candidate
  /** In flash, with its share of a table. */
  readonly bytes: number
  /** Tensors that read its table, itself included. */
  readonly sharers: number
  readonly entropyBits: number
}

export function explain(choices: readonly Explained[], situation: Situation): TensorDecision[] {
  return choices.map((each) => {
    const { tensor, chosen, bytes, entropyBits } = each
    return {
      tensor: tensor.name,
      elements: tensor.rows.data.length,
      codec: chosen.storage?.codec ?? 'int8',
      mode: chosen.mode,
      bytes,
      int8Bytes: tensor.rows.data.length,
      entropyBits,
      reason: chosen.storage ? codedReason(each, situation) : plainReason(each, situation),
    }
  })
}

function plainReason({ tensor }: Explained, { goal, flashOver, limits }: Situation): Note {
  if (goal === 'int8') return say`int8, direct: asked for.`
  if (goal === 'auto' && flashOver === 0) return say`int8, direct: it fits the budgets, and nothing decodes faster.`
  const isOffered = ({ mode }: Candidate) => mode !== 'resident' || (limits.residentBytes ?? 0) > 0
  const smallest = smallestOf(tensor, isOffered)
  const plain = tensor.options[0]
  if (smallest === plain || smallest.flashBytes >= plain.flashBytes)
    return say`int8, direct: no codec takes fewer bytes, with what its decoder needs in the plan.`
  const saved = plain.flashBytes - smallest.flashBytes
  if (goal === 'smallest' || goal === 'streamed')
    return say`int8, direct: ${smallest.codec} would save ${bytesText(saved)}, but ${obstacle(limits)}.`
  if (goal === 'fastest') return say`int8, direct: ${smallest.codec} would save ${bytesText(saved)} and cost time.`
  return say`int8, direct: the flash budget is kept without coding it; ${smallest.codec} would save ${bytesText(saved)}.`
}

const obstacle = ({ extraCycles }: Situation['limits']) =>
  extraCycles === null ? say`its decoder needs more RAM than there is` : say`the latency budget or the RAM forbids it`

function codedReason({ tensor, chosen, bytes, sharers }: Explained, situation: Situation): Note {
  const plain = tensor.options[0].flashBytes
  const smaller = Math.round((1 - bytes / plain) * 100)
  const shared = sharers > 1 ? say`, one table for ${sharers} tensors` : ''
  const head = say`${chosen.codec}, ${storageModeNotes[chosen.mode]}: ${smaller} % smaller than int8${shared}, ${timeText(chosen, situation)}`
  return say`${head}; ${purpose(tensor, chosen, situation)}.`
}

function timeText({ mode, extraCycles, residentBytes }: Candidate, { cycles }: Situation): Note {
  if (mode === 'resident') return say`decoded once into ${bytesText(residentBytes)} of RAM`
  const percent = (100 * extraCycles) / Math.max(1, cycles)
  return say`${signed(percent)} % time (estimated)`
}

function purpose(tensor: TensorCandidates, chosen: Candidate, { goal, flashOver, target }: Situation): Note {
  if (goal === 'auto') return say`direct int8 would miss the flash budget by ${bytesText(flashOver)}`
  if (goal === 'fastest') return say`the fewest bytes that cost no inference any time`
  const smallest = smallestOf(tensor, ({ mode }) => mode === chosen.mode)
  if (smallest.codec === chosen.codec) return say`the fewest bytes of all codecs`
  const ram = target.ramBytes === null ? '' : say` or RAM`
  return say`${smallest.codec} would save ${bytesText(chosen.flashBytes - smallest.flashBytes)} more, but the latency budget${ram} forbids it`
}

const smallestOf = ({ options }: TensorCandidates, among: (option: Candidate) => boolean = () => true): Candidate =>
  options.filter(among).reduce((best, option) => (option.flashBytes < best.flashBytes ? option : best), options[0])

const signed = (percent: number) => `${percent < 0 ? '−' : '+'}${Math.abs(percent).toPrecision(2)}`

const bytesText = (bytes: number) =>
  bytes < 2048 ? say`${Math.round(bytes)} bytes` : `${(bytes / 1024).toFixed(1)} KiB`
