// Thumb code as JavaScript: a run of instructions becomes one function, so that a network's inner loops go some ten times
// faster than one executeInstruction() each. What a function does is what rp2040js does, flags and cycle counts included
// (a test compares them). It touches RAM and flash alone: before any other access, and before any instruction that is
// not known here, it stops, and the emulator's own interpreter does that one.

/** What a block works on. Typed arrays are in the machine's byte order, which is little-endian wherever Node runs. */
export interface BlockState {
  readonly core: {
    readonly registers: Uint32Array
    cycles: number
    N: boolean
    Z: boolean
    C: boolean
    V: boolean
  }
  readonly ram: Memory
  readonly flash: Memory
}

export interface Memory {
  readonly i8: Int8Array
  readonly u8: Uint8Array
  readonly i16: Int16Array
  readonly u16: Uint16Array
  readonly i32: Int32Array
}

/** Runs until it leaves the block, or `limit` cycles are reached at a loop's end. True when the interpreter must do the next. */
export type Block = (state: BlockState, limit: number) => boolean

export function memoryOf(bytes: Uint8Array): Memory {
  const { buffer, byteOffset, length } = bytes
  return {
    i8: new Int8Array(buffer, byteOffset, length),
    u8: new Uint8Array(buffer, byteOffset, length),
    i16: new Int16Array(buffer, byteOffset, length / 2),
    u16: new Uint16Array(buffer, byteOffset, length / 2),
    i32: new Int32Array(buffer, byteOffset, length / 4),
  }
}

export const ramBase = 0x2000_0000
export const flashBase = 0x1000_0000
export const mostInstructions = 160

/** Null when already the first instruction is one for the interpreter. */
export function translate(state: BlockState, start: number): Block | null {
  const writer = new BlockWriter(state, start)
  while (writer.step());
  return writer.finish()
}

type Width = 'i8' | 'u8' | 'i16' | 'u16' | 'i32'
const widthBytes: Record<Width, number> = { i8: 1, u8: 1, i16: 2, u16: 2, i32: 4 }

class BlockWriter {
  readonly #state: BlockState
  readonly #start: number
  #at: number
  #count = 0
  /** Cycles from the block's start to the instruction at #at. */
  #cycles = 0
  #code = ''
  #ended = false

  constructor(state: BlockState, start: number) {
    this.#state = state
    this.#start = start
    this.#at = start
  }

  /** Translates one instruction; false at the end of the block. */
  step(): boolean {
    const inFlash = this.#at - flashBase
    const opcode = this.#state.flash.u16[inFlash >>> 1]
    if (opcode === undefined || this.#count >= mostInstructions) return this.#stop(false)
    const known = this.#arithmetic(opcode) || this.#immediate(opcode) || this.#memory(opcode) || this.#branch(opcode)
    if (!known) return this.#stop(true)
    this.#count++
    return !this.#ended
  }

  finish(): Block | null {
    if (this.#count === 0) return null
    const used = [...new Set([...this.#code.matchAll(/\br(\d+)\b/g)].map(([, n]) => Number(n)))]
    const source = `
      const { core, ram, flash } = state
      const R = core.registers
      const rb = ram.u8.length, fb = flash.u8.length
      let ${['t = 0', 'a = 0', 'b = 0', 'pc = 0', 'step = false', ...used.map((n) => `r${n} = R[${n}] | 0`)].join(', ')}
      let n = core.N ? -1 : 0, z = core.Z ? 0 : 1, c = core.C ? 1 : 0, v = core.V ? -1 : 0
      let cycles = core.cycles
      block: for (;;) {
        ${this.#code}
      }
      ${used.map((n) => `R[${n}] = r${n}`).join('\n')}
      R[15] = pc
      core.N = n < 0
      core.Z = z === 0
      core.C = c !== 0
      core.V = v < 0
      core.cycles = cycles
      return step`
    return new Function('state', 'limit', source) as Block
  }

  #emit(code: string, cycles = 1): true {
    this.#code += `${code}\n`
    this.#cycles += cycles
    this.#at += 2
    return true
  }

  /** Leaves before the instruction at #at. */
  #leave(step: boolean): string {
    return `cycles += ${this.#cycles}; pc = ${this.#at}; ${step ? 'step = true; ' : ''}break block`
  }

  #stop(step: boolean): false {
    this.#code += `${this.#leave(step)}\n`
    this.#ended = true
    return false
  }

  /** `bytes` at `address`, or away to the interpreter. `act` sees the memory as `m` and the element's index as `t`. */
  #access(address: string, width: Width, act: (array: string) => string, writes: boolean) {
    const bytes = widthBytes[width]
    const aligned = bytes === 1 ? '' : ` && (t & ${bytes - 1}) === 0`
    const index = bytes === 1 ? 't' : `t >> ${bytes >> 1}`
    const flash = writes
      ? ''
      : `else if ((t = (${address}) - ${flashBase} >>> 0) < fb${aligned}) { ${act(`flash.${width}[${index}]`)} }`
    return `if ((t = (${address}) - ${ramBase} >>> 0) < rb${aligned}) { ${act(`ram.${width}[${index}]`)} }
      ${flash}
      else { ${this.#leave(true)} }`
  }

  #load(target: number, address: string, width: Width): true {
    return this.#emit(
      this.#access(address, width, (from) => `r${target} = ${from}`, false),
      2,
    )
  }

  #store(source: number, address: string, width: Width): true {
    return this.#emit(
      this.#access(address, width, (to) => `${to} = r${source}`, true),
      2,
    )
  }

  /** target = left + right with flags; both are int32 expressions. */
  #add(target: number | null, left: string, right: string): true {
    return this.#emit(`a = ${left}; b = ${right}; t = a + b | 0; n = z = t; c = (t >>> 0) < (a >>> 0) ? 1 : 0
      v = (a ^ t) & (b ^ t)${target === null ? '' : `; r${target} = t`}`)
  }

  #subtract(target: number | null, left: string, right: string): true {
    return this.#emit(`a = ${left}; b = ${right}; t = a - b | 0; n = z = t; c = (a >>> 0) >= (b >>> 0) ? 1 : 0
      v = (a ^ b) & (a ^ t)${target === null ? '' : `; r${target} = t`}`)
  }

  #logic(target: number | null, value: string): true {
    return this.#emit(`n = z = ${value}${target === null ? '' : `; r${target} = n`}`)
  }

  /** Data processing between low registers (010000), and the register and small-immediate forms before it. */
  #arithmetic(opcode: number): boolean {
    const low = opcode & 7
    const mid = (opcode >> 3) & 7
    const high = (opcode >> 6) & 7
    switch (opcode >> 9) {
      case 0b0001100:
        return this.#add(low, `r${mid}`, `r${high}`)
      case 0b0001101:
        return this.#subtract(low, `r${mid}`, `r${high}`)
      case 0b0001110:
        return this.#add(low, `r${mid}`, `${high}`)
      case 0b0001111:
        return this.#subtract(low, `r${mid}`, `${high}`)
    }
    switch (opcode >> 6) {
      case 0b0100000000:
        return this.#logic(low, `r${low} & r${mid}`)
      case 0b0100000001:
        return this.#logic(low, `r${low} ^ r${mid}`)
      case 0b0100001000:
        return this.#logic(null, `r${low} & r${mid}`)
      case 0b0100001001:
        return this.#subtract(low, '0', `r${mid}`)
      case 0b0100001010:
        return this.#subtract(null, `r${low}`, `r${mid}`)
      case 0b0100001011:
        return this.#add(null, `r${low}`, `r${mid}`)
      case 0b0100001100:
        return this.#logic(low, `r${low} | r${mid}`)
      case 0b0100001101:
        return this.#logic(low, `Math.imul(r${low}, r${mid})`)
      case 0b0100001110:
        return this.#logic(low, `r${low} & ~r${mid}`)
      case 0b0100001111:
        return this.#logic(low, `~r${mid}`)
      case 0b1011001000:
        return this.#emit(`r${low} = r${mid} << 16 >> 16`)
      case 0b1011001001:
        return this.#emit(`r${low} = r${mid} << 24 >> 24`)
      case 0b1011001010:
        return this.#emit(`r${low} = r${mid} & 0xffff`)
      case 0b1011001011:
        return this.#emit(`r${low} = r${mid} & 0xff`)
      case 0b0100000101:
        // ADCS: the sum of three in doubles, as the carry needs 33 bits.
        return this.#emit(`a = r${mid}; b = r${low}; t = (a >>> 0) + (b >>> 0) + c
          v = (t | 0) !== a + (b + c | 0) ? -1 : 0; c = t > 0xffffffff ? 1 : 0; t = t | 0; n = z = t; r${low} = t`)
    }
    return false
  }

  /** Shifts by, and operations with, an immediate; moves between registers; the stack pointer. */
  #immediate(opcode: number): boolean {
    const low = opcode & 7
    const mid = (opcode >> 3) & 7
    const shift = (opcode >> 6) & 31
    const target = (opcode >> 8) & 7
    const byte = opcode & 0xff
    switch (opcode >> 11) {
      case 0b00000:
        if (shift === 0) return this.#logic(low, `r${mid}`)
        return this.#emit(`a = r${mid}; c = a >>> ${32 - shift} & 1; n = z = a << ${shift}; r${low} = n`)
      case 0b00001:
        if (shift === 0) return this.#emit(`c = r${mid} >>> 31; n = z = 0; r${low} = 0`)
        return this.#emit(`a = r${mid}; c = a >>> ${shift - 1} & 1; n = z = a >>> ${shift} | 0; r${low} = n`)
      case 0b00010: {
        const by = shift === 0 ? 31 : shift
        return this.#emit(`a = r${mid}; c = a >>> ${shift === 0 ? 31 : shift - 1} & 1; n = z = a >> ${by}; r${low} = n`)
      }
      case 0b00100:
        return this.#emit(`n = z = r${target} = ${byte}`)
      case 0b00101:
        return this.#subtract(null, `r${target}`, `${byte}`)
      case 0b00110:
        return this.#add(target, `r${target}`, `${byte}`)
      case 0b00111:
        return this.#subtract(target, `r${target}`, `${byte}`)
      case 0b10100:
        return this.#emit(`r${target} = ${((this.#at & ~3) + 4 + (byte << 2)) | 0}`)
      case 0b10101:
        return this.#emit(`r${target} = r13 + ${byte << 2} | 0`)
    }
    if (opcode >> 7 === 0b101100000) return this.#emit(`r13 = r13 + ${(opcode & 0x7f) << 2} | 0`)
    if (opcode >> 7 === 0b101100001) return this.#emit(`r13 = r13 - ${(opcode & 0x7f) << 2} | 0`)
    if (opcode === 0xbf00) return this.#emit('')
    return this.#highRegisters(opcode)
  }

  /** ADD, CMP and MOV that reach r8 to r14. The program counter as target is a branch. */
  #highRegisters(opcode: number): boolean {
    const source = (opcode >> 3) & 15
    const target = ((opcode >> 4) & 8) | (opcode & 7)
    const value = source === 15 ? `${(this.#at + 4) | 0}` : `r${source}`
    const kept = target === 13 ? ' & ~3' : ''
    if (target === 15) return false
    switch (opcode >> 8) {
      case 0b01000100:
        return this.#emit(`r${target} = (r${target} + ${value} | 0)${kept}`)
      case 0b01000101:
        return source === 15 ? false : this.#subtract(null, `r${target}`, value)
      case 0b01000110:
        return this.#emit(`r${target} = ${value}${kept}`)
    }
    return false
  }

  #memory(opcode: number): boolean {
    const low = opcode & 7
    const mid = (opcode >> 3) & 7
    const offset = (opcode >> 6) & 31
    const target = (opcode >> 8) & 7
    const byte = opcode & 0xff
    switch (opcode >> 11) {
      case 0b01001:
        return this.#load(target, `${(((this.#at + 4) & ~3) + (byte << 2)) | 0}`, 'i32')
      case 0b01100:
        return this.#store(low, `r${mid} + ${offset << 2}`, 'i32')
      case 0b01101:
        return this.#load(low, `r${mid} + ${offset << 2}`, 'i32')
      case 0b01110:
        return this.#store(low, `r${mid} + ${offset}`, 'u8')
      case 0b01111:
        return this.#load(low, `r${mid} + ${offset}`, 'u8')
      case 0b10000:
        return this.#store(low, `r${mid} + ${offset << 1}`, 'u16')
      case 0b10001:
        return this.#load(low, `r${mid} + ${offset << 1}`, 'u16')
      case 0b10010:
        return this.#store(target, `r13 + ${byte << 2}`, 'i32')
      case 0b10011:
        return this.#load(target, `r13 + ${byte << 2}`, 'i32')
      case 0b11000:
        return this.#multiple(opcode, true)
      case 0b11001:
        return this.#multiple(opcode, false)
    }
    const address = `r${mid} + r${offset & 7}`
    switch (opcode >> 9) {
      case 0b0101000:
        return this.#store(low, address, 'i32')
      case 0b0101001:
        return this.#store(low, address, 'u16')
      case 0b0101010:
        return this.#store(low, address, 'u8')
      case 0b0101011:
        return this.#load(low, address, 'i8')
      case 0b0101100:
        return this.#load(low, address, 'i32')
      case 0b0101101:
        return this.#load(low, address, 'u16')
      case 0b0101110:
        return this.#load(low, address, 'u8')
      case 0b0101111:
        return this.#load(low, address, 'i16')
      case 0b1011010:
        return this.#push(opcode)
      case 0b1011110:
        return (opcode & 0x100) === 0 && this.#pop(opcode)
    }
    return false
  }

  /** RAM only, all of it or none: the checks come before the first access. */
  #range(from: string, words: number): string {
    return `t = (${from}) - ${ramBase} >>> 0
      if (t + ${words * 4} > rb || (t & 3) !== 0) { ${this.#leave(true)} }
      t >>= 2`
  }

  /** LDMIA and STMIA with their write-back. */
  #multiple(opcode: number, stores: boolean): boolean {
    const base = (opcode >> 8) & 7
    const list = registersIn(opcode & 0xff)
    if (list.length === 0 || (stores && list.includes(base))) return false
    const moves = list.map((n, i) => (stores ? `ram.i32[t + ${i}] = r${n}` : `r${n} = ram.i32[t + ${i}]`))
    const back = list.includes(base) ? '' : `r${base} = r${base} + ${4 * list.length} | 0`
    return this.#emit(`${this.#range(`r${base}`, list.length)}\n${moves.join('\n')}\n${back}`, 1 + list.length)
  }

  /** The link register costs no cycle in rp2040js. */
  #push(opcode: number): boolean {
    const low = registersIn(opcode & 0xff)
    const list = opcode & 0x100 ? [...low, 14] : low
    if (list.length === 0) return false
    const moves = list.map((n, i) => `ram.i32[t + ${i}] = r${n}`)
    const from = `r13 - ${4 * list.length}`
    return this.#emit(`${this.#range(from, list.length)}\n${moves.join('\n')}\nr13 = ${from} | 0`, 1 + low.length)
  }

  #pop(opcode: number): boolean {
    const list = registersIn(opcode & 0xff)
    if (list.length === 0) return false
    const moves = list.map((n, i) => `r${n} = ram.i32[t + ${i}]`)
    return this.#emit(
      `${this.#range('r13', list.length)}\n${moves.join('\n')}\nr13 = r13 + ${4 * list.length} | 0`,
      1 + list.length,
    )
  }

  #branch(opcode: number): boolean {
    if (opcode >> 12 === 0b1101 && (opcode & 0x0e00) !== 0x0e00) {
      const target = this.#at + 4 + ((opcode << 24) >> 23)
      const taken = this.#jump(target, this.#cycles + 2)
      return this.#emit(`if (${conditions[(opcode >> 8) & 15]}) { ${taken} }`)
    }
    if (opcode >> 11 === 0b11100) {
      this.#code += `${this.#jump(this.#at + 4 + ((opcode << 21) >> 20), this.#cycles + 2)}\n`
      this.#ended = true
      return true
    }
    if (opcode >> 11 === 0b11110) return this.#call(opcode)
    return this.#return(opcode)
  }

  #call(opcode: number): boolean {
    const second = this.#state.flash.u16[(this.#at + 2 - flashBase) >>> 1] ?? 0
    if (second >> 14 !== 0b11 || ((second >> 12) & 1) !== 1) return false
    const sign = (opcode >> 10) & 1
    const i1 = 1 - (sign ^ ((second >> 13) & 1))
    const i2 = 1 - (sign ^ ((second >> 11) & 1))
    const offset =
      (sign ? 0xff << 24 : 0) | (i1 << 23) | (i2 << 22) | ((opcode & 0x3ff) << 12) | ((second & 0x7ff) << 1)
    this.#code += `r14 = ${(this.#at + 4) | 1}; cycles += ${this.#cycles + 3}; pc = ${this.#at + 4 + offset}; break block\n`
    this.#ended = true
    return true
  }

  /** BX and POP {.., pc}; the end of an interrupt handler is the interpreter's. */
  #return(opcode: number): boolean {
    if ((opcode & 0xff87) === 0x4700 && ((opcode >> 3) & 15) !== 15) {
      const value = `r${(opcode >> 3) & 15}`
      this.#code += `if (${value} >>> 28 === 15) { ${this.#leave(true)} }
        cycles += ${this.#cycles + 2}; pc = (${value} & ~1) >>> 0; break block\n`
      this.#ended = true
      return true
    }
    if (opcode >> 8 !== 0b10111101) return false
    const list = registersIn(opcode & 0xff)
    const moves = list.map((n, i) => `r${n} = ram.i32[t + ${i}]`)
    this.#code += `${this.#range('r13', list.length + 1)}
      a = ram.i32[t + ${list.length}]
      if (a >>> 28 === 15) { ${this.#leave(true)} }
      ${moves.join('\n')}
      r13 = r13 + ${4 * (list.length + 1)} | 0
      cycles += ${this.#cycles + 3 + list.length}; pc = (a & ~1) >>> 0; break block\n`
    this.#ended = true
    return true
  }

  /** To the block's own start it is a loop. */
  #jump(target: number, cycles: number): string {
    const leave = `cycles += ${cycles}; pc = ${target}; break block`
    return target === this.#start
      ? `cycles += ${cycles}; if (cycles < limit) continue block; pc = ${target}; break block`
      : leave
  }
}

const registersIn = (list: number) => [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => list & (1 << n))

/** n < 0 is N, z === 0 is Z, c is C, v < 0 is V. */
const conditions = [
  'z === 0',
  'z !== 0',
  'c !== 0',
  'c === 0',
  'n < 0',
  'n >= 0',
  'v < 0',
  'v >= 0',
  'c !== 0 && z !== 0',
  'c === 0 || z === 0',
  '(n < 0) === (v < 0)',
  '(n < 0) !== (v < 0)',
  'z !== 0 && (n < 0) === (v < 0)',
  'z === 0 || (n < 0) !== (v < 0)',
] as const
