// Translated blocks against rp2040js's interpreter: the same registers, flags, memory and cycle count, for programs made
// of every instruction that is translated, with operands that hit RAM, flash and neither.
import fc from 'fast-check'
import { RP2040 } from 'rp2040js'
import { expect, test } from 'vitest'
import { flashBase, memoryOf, ramBase, translate } from '../../../../src-main/device/links/pico/thumb-blocks.ts'

const start = flashBase + 0x200
/** For BKPT, where a program ends. */
const end = 0xbe00

interface Program {
  readonly code: readonly number[]
  readonly registers: readonly number[]
  readonly flags: number
}

/** Made once: a chip has 16 MiB of flash. */
const [forBlocks, forInterpreter] = [new RP2040(), new RP2040()]
for (const chip of [forBlocks, forInterpreter]) chip.logger = { debug() {}, info() {}, warn() {}, error() {} }

function prepare(chip: RP2040, { code, registers, flags }: Program): RP2040 {
  chip.core.cycles = 0
  chip.core.waiting = false
  for (let i = 0; i < 8192; i++) chip.sram[i] = (i * 37) & 0xff
  for (let i = 0; i < 0x800; i++) chip.flash[i] = (i * 91) & 0xff
  for (const [i, opcode] of [...code, end].entries()) chip.flash16[(start - flashBase) / 2 + i] = opcode
  const { core } = chip
  core.registers.set(registers)
  core.SP = ramBase + 1024 + (registers[13]! & 0xff) * 4
  core.PC = start
  core.interruptsUpdated = false
  core.N = (flags & 1) !== 0
  core.Z = (flags & 2) !== 0
  core.C = (flags & 4) !== 0
  core.V = (flags & 8) !== 0
  return chip
}

const stateOf = ({ core, sram }: RP2040) => ({
  registers: [...core.registers],
  flags: [core.N, core.Z, core.C, core.V],
  cycles: core.cycles,
  ram: Buffer.from(sram.buffer, 0, 8192).toString('base64'),
})

const number = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0, max: 64 }),
  fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff, 0),
  fc.integer({ min: 0, max: 1020 }).map((offset) => ramBase + offset * 4),
  fc.integer({ min: 0, max: 4000 }).map((offset) => ramBase + offset),
  fc.integer({ min: 0, max: 100 }).map((offset) => flashBase + offset * 4),
)
const bits = (count: number) => fc.integer({ min: 0, max: (1 << count) - 1 })
const form = (prefix: number, free: number) => bits(free).map((rest) => (prefix << free) | rest)
/** Forward a little, or back to the start. */
const branches = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 3 })).map(([c, by]) => 0xd000 | (c << 8) | by),
  fc
    .tuple(fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0xf6, max: 0xff }))
    .map(([c, by]) => 0xd000 | (c << 8) | by),
  fc.integer({ min: 0, max: 3 }).map((by) => 0xe000 | by),
)
const instruction = fc.oneof(
  { weight: 4, arbitrary: form(0b000, 13) },
  { weight: 4, arbitrary: form(0b001, 13) },
  { weight: 4, arbitrary: form(0b010000, 10) },
  { weight: 2, arbitrary: form(0b010001, 10) },
  { weight: 1, arbitrary: form(0b01001, 11) },
  { weight: 3, arbitrary: form(0b0101, 12) },
  { weight: 3, arbitrary: form(0b011, 13) },
  { weight: 3, arbitrary: form(0b100, 13) },
  { weight: 1, arbitrary: form(0b1010, 12) },
  { weight: 1, arbitrary: form(0b10110000, 8) },
  { weight: 2, arbitrary: form(0b10110010, 8) },
  { weight: 1, arbitrary: form(0b1011010, 9) },
  { weight: 1, arbitrary: form(0b1011110, 9) },
  { weight: 2, arbitrary: form(0b1100, 12) },
  { weight: 3, arbitrary: branches },
)
const programs = fc.record({
  code: fc.array(instruction, { minLength: 1, maxLength: 12 }),
  registers: fc.array(number, { minLength: 16, maxLength: 16 }),
  flags: bits(4),
})

function run(program: Program, limit: number) {
  const translated = prepare(forBlocks, program)
  const { core, sram, flash } = translated
  const state = { core, ram: memoryOf(sram), flash: memoryOf(flash.subarray(0, 1 << 21)) }
  const block = translate(state, start)
  if (block === null) return null
  block(state, limit)
  const interpreted = prepare(forInterpreter, program)
  while (interpreted.core.cycles < core.cycles) interpreted.core.executeInstruction()
  return { translated: stateOf(translated), interpreted: stateOf(interpreted) }
}

test('a block does what the interpreter does', () => {
  let longest = 0
  fc.assert(
    fc.property(programs, (program) => {
      const result = run(program, 300)
      if (result === null) return
      longest = Math.max(longest, result.translated.cycles)
      expect(result.translated).toEqual(result.interpreted)
    }),
    { numRuns: 3000, seed: 7 },
  )
  expect(longest).toBeGreaterThanOrEqual(300)
})

test('every kind of instruction is translated alone, with all its operands', () => {
  const forms: readonly [number, number][] = [
    ...[0b000, 0b001, 0b011].map((prefix): [number, number] => [prefix, 13]),
    ...[0b0101, 0b1000, 0b1001, 0b1010, 0b1100].map((prefix): [number, number] => [prefix, 12]),
  ]
  const registers = Array.from({ length: 16 }, (_, i) => ramBase + 1024 + i * 4)
  for (const [prefix, free] of forms) {
    for (let rest = 0; rest < 1 << free; rest += 17) {
      const program = { code: [(prefix << free) | rest], registers, flags: rest & 15 }
      const result = run(program, 10)
      if (result !== null) expect(result.translated).toEqual(result.interpreted)
    }
  }
})

test('a loop ends at the limit, and a loop that never leaves RAM is one call', () => {
  // subs r0, #1; bne -4
  const program = { code: [0x3801, 0xd1fd], registers: [1000, ...Array(15).fill(0)], flags: 0 }
  expect(run(program, 1e9)!.translated).toMatchObject({ cycles: 1000 * 3 - 1 + 0, flags: [false, true, true, false] })
  expect(run(program, 30)!.translated.cycles).toBe(30)
})
