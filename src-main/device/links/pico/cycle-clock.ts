// The emulated board's time. It is computed from the core's cycle count when somebody asks, so that the emulator's inner
// loop does not touch a clock at every instruction; timers that go off are found by comparing cycle counts.

interface Alarm {
  readonly ring: () => void
  /** Nanoseconds of the board's time; infinite when not set. */
  atNanos: number
}

export class CycleClock {
  readonly #cycles: () => number
  readonly #alarms: Alarm[] = []
  #baseNanos = 0
  #baseCycles = 0
  #nanosPerCycle: number
  /** The core's cycle count at which the next alarm goes off. */
  nextAlarmCycles = Number.POSITIVE_INFINITY

  constructor(cycles: () => number, frequencyHz: number) {
    this.#cycles = cycles
    this.#nanosPerCycle = 1e9 / frequencyHz
  }

  get nanos(): number {
    return this.#baseNanos + (this.#cycles() - this.#baseCycles) * this.#nanosPerCycle
  }

  /** rp2040js asks for the clock's microseconds too. */
  get micros(): number {
    return this.nanos / 1000
  }

  createAlarm(callback: () => void) {
    const alarm: Alarm = { ring: callback, atNanos: Number.POSITIVE_INFINITY }
    this.#alarms.push(alarm)
    return {
      schedule: (deltaNanos: number) => {
        alarm.atNanos = this.nanos + deltaNanos
        this.#findNext()
      },
      cancel: () => {
        alarm.atNanos = Number.POSITIVE_INFINITY
        this.#findNext()
      },
    }
  }

  /** From now on a cycle takes as long as at this frequency. */
  changeFrequency(frequencyHz: number) {
    this.#baseNanos = this.nanos
    this.#baseCycles = this.#cycles()
    this.#nanosPerCycle = 1e9 / frequencyHz
    this.#findNext()
  }

  /** Rings what is due. */
  ringDue() {
    const now = this.nanos
    for (const alarm of this.#alarms) {
      if (alarm.atNanos > now) continue
      alarm.atNanos = Number.POSITIVE_INFINITY
      alarm.ring()
    }
    this.#findNext()
  }

  /** A sleeping core executes nothing: time jumps to the next alarm. False when there is none. */
  skipToAlarm(): boolean {
    const next = this.#nextNanos()
    if (next === Number.POSITIVE_INFINITY) return false
    this.#baseNanos += Math.max(0, next - this.nanos)
    this.ringDue()
    return true
  }

  #nextNanos() {
    return this.#alarms.reduce((next, alarm) => Math.min(next, alarm.atNanos), Number.POSITIVE_INFINITY)
  }

  #findNext() {
    const next = this.#nextNanos()
    this.nextAlarmCycles = this.#baseCycles + (next - this.#baseNanos) / this.#nanosPerCycle
  }
}
