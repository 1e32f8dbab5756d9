import { expect, test } from 'vitest'
import { agentCodeBytes } from '../../../src-main/services/agent-images.ts'
import { profileOf } from '../../../src-main/services/devices.ts'
import { packTarget } from '../../../src-main/services/run/pack-target.ts'

const board = profileOf('qemu:netduinoplus2')
const code = agentCodeBytes(board.agent)

test('the agent of a board with an image of ours has a size', () => {
  expect(code).toBeGreaterThan(20_000)
})

test('without budgets the memories of the board limit', () => {
  const { flashBytes, ramBytes } = board.limits
  expect(packTarget(board, {})).toMatchObject({ core: 'Cortex-M4F', flashBytes, ramBytes, latencyMs: null })
})

test('a flash budget is for everything: the agent is subtracted', () => {
  expect(packTarget(board, { flashBytes: 120_000, latencyMs: 50 })).toMatchObject({
    flashBytes: 120_000 - code!,
    latencyMs: 50,
  })
})

test('a budget that the agent alone exceeds leaves nothing, not less', () => {
  expect(packTarget(board, { flashBytes: 1000, ramBytes: 10 })).toMatchObject({ flashBytes: 0, ramBytes: 0 })
})
