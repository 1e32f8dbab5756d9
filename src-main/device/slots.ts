import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { ResponseBody } from './protocol/codec.ts'

type Slot = ResponseBody<'hello'>['slots'][number]

/** The agent can write it. */
export const isWritable = (slot: Slot) => (slot.state & 1) === 1
/** It holds a model that the agent found whole. */
export const holdsModel = (slot: Slot | undefined) => slot !== undefined && (slot.state & 2) === 2
export const isFlash = (slot: Slot | undefined) => slot?.kind === 1

/**
 * Flash before RAM, and the flash slot that holds no valid model before the one that does.
 * @param current slot of the current model, null when there is none
 * @param programmable the link can write flash that the agent cannot
 */
export function chooseSlot(
  slots: readonly Slot[],
  pack: { readonly bytes: number; readonly device: string },
  current: number | null,
  programmable: boolean,
): number {
  const usable = slots
    .map((slot, index) => ({ slot, index }))
    .filter(({ slot }) => isWritable(slot) || (isFlash(slot) && programmable))
  const rank = ({ slot, index }: (typeof usable)[number]) =>
    (isFlash(slot) ? 0 : 4) + (index === current ? 2 : 0) + (holdsModel(slot) ? 1 : 0)
  const [chosen] = usable.filter(({ slot }) => slot.capacity >= pack.bytes).sort((a, b) => rank(a) - rank(b))
  if (chosen !== undefined) return chosen.index
  const largest = Math.max(0, ...usable.map(({ slot }) => slot.capacity))
  throw new AppError('device.refused', {
    device: pack.device,
    request: say`the upload`,
    problem: say`the pack has ${pack.bytes} bytes, the largest slot ${largest}, ${pack.bytes - largest} too few`,
    help: say`Make the model smaller, or choose a device with more memory.`,
    reason: 'tooLarge',
  })
}
