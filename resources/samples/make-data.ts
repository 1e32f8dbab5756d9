// Makes the sample data set: gestures of a hand-held board seen by its three-axis accelerometer. Everything is synthesised
// from a seed: gravity in a random orientation that drifts, hand tremor, sensor noise and offset, gestures of varying
// strength, speed, direction and start, some of them weak or cut off, so that the classes overlap a little.
//   node resources/samples/make-data.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Random, seededRandom } from '../../src-main/base/random.ts'
import { writeNpz } from '../../src-main/data/npz.ts'

const steps = 128
const rateHz = 100
/** An 8-bit accelerometer at +-4 g. */
const countsPerG = 32
const perClass = { train: 190, test: 60 }
const seeds = { train: 2026, test: 1122 }

type Vector = readonly [number, number, number]
/** Acceleration in g at a time in seconds, in the hand's frame: x to the right, y forward, z up. */
type Motion = (seconds: number) => Vector
type Gesture = (random: Random) => Motion

const between = (random: Random, low: number, high: number) => low + (high - low) * random.next()
const bump = (t: number, centre: number, width: number) => Math.exp(-0.5 * ((t - centre) / width) ** 2)

/** Rest, now and then with a small knock, or carried along (a slow sway). */
const idle: Gesture = (random) => {
  const at = between(random, 0, 1.28)
  const knock = random.next() < 0.3 ? between(random, 0.1, 0.6) : 0
  const sway = random.next() < 0.4 ? between(random, 0.05, 0.3) : 0
  const [hz, phase] = [between(random, 0.4, 1.6), between(random, 0, 6.28)]
  return (t) => {
    const swayed = sway * Math.sin(2 * Math.PI * hz * t + phase)
    return [swayed, 0.5 * swayed, knock * bump(t, at, 0.015)]
  }
}

const circle: Gesture = (random) => {
  const strength = between(random, 0.2, 0.9)
  const turn = random.next() < 0.5 ? 1 : -1
  const [hz, phase, squash] = [between(random, 1, 2.4), between(random, 0, 6.28), between(random, 0.5, 1)]
  const [from, to] = [between(random, 0, 0.35), between(random, 0.85, 1.28)]
  return (t) => {
    const angle = 2 * Math.PI * hz * t + phase
    const on = strength / ((1 + Math.exp((from - t) / 0.04)) * (1 + Math.exp((t - to) / 0.04)))
    return [on * Math.cos(angle), squash * on * turn * Math.sin(angle), 0.15 * on * Math.sin(2 * angle)]
  }
}

/** Speeding up and slowing down again: one push one way, one the other way. */
const swipe =
  (side: 1 | -1): Gesture =>
  (random) => {
    const strength = side * between(random, 0.25, 1.4)
    const [start, length] = [between(random, 0.15, 0.75), between(random, 0.14, 0.36)]
    const [skew, lift] = [between(random, 0.6, 1.3), between(random, -0.3, 0.3)]
    const width = length / 4
    return (t) => {
      const push = bump(t, start, width) - skew * bump(t, start + length, width / skew)
      return [strength * push, 0.2 * strength * push, lift * strength * bump(t, start + length / 2, width)]
    }
  }

const shake: Gesture = (random) => {
  const strength = between(random, 0.25, 1.8)
  const direction = between(random, -0.7, 0.7)
  const [hz, phase] = [between(random, 2.8, 6.5), between(random, 0, 6.28)]
  const [centre, width] = [between(random, 0.4, 0.9), between(random, 0.2, 0.5)]
  return (t) => {
    const wave = strength * bump(t, centre, width) * Math.sin(2 * Math.PI * hz * t + phase)
    return [wave * Math.cos(direction), wave * Math.sin(direction), 0.2 * wave]
  }
}

/** Two short knocks; each rings for a few milliseconds. */
const doubleTap: Gesture = (random) => {
  const [first, gap] = [between(random, 0.1, 0.75), between(random, 0.14, 0.4)]
  const [a, b] = [between(random, 0.3, 2), between(random, 0.3, 2)]
  const ring = (t: number, at: number) =>
    t < at ? 0 : Math.exp((at - t) / 0.022) * Math.cos(2 * Math.PI * 28 * (t - at))
  return (t) => {
    const hit = a * ring(t, first) + b * ring(t, first + gap)
    return [0.2 * hit, 0.1 * hit, hit]
  }
}

const gestures: Readonly<Record<string, Gesture>> = {
  circle,
  'double-tap': doubleTap,
  idle,
  shake,
  'swipe-left': swipe(-1),
  'swipe-right': swipe(1),
}
export const classNames = Object.keys(gestures)

/** Turns about x (pitch), y (roll) and z (yaw), in radians. */
function rotate([x, y, z]: Vector, pitch: number, roll: number, yaw: number): Vector {
  const [x1, y1] = [x * Math.cos(yaw) - y * Math.sin(yaw), x * Math.sin(yaw) + y * Math.cos(yaw)]
  const [x2, z2] = [x1 * Math.cos(roll) + z * Math.sin(roll), z * Math.cos(roll) - x1 * Math.sin(roll)]
  return [x2, y1 * Math.cos(pitch) - z2 * Math.sin(pitch), y1 * Math.sin(pitch) + z2 * Math.cos(pitch)]
}

/** One recording, [3][128] in counts. */
function record(random: Random, gesture: Gesture): Int8Array {
  const motion = gesture(random)
  const [pitch, roll, yaw] = [0.35 * random.normal(), 0.35 * random.normal(), 0.3 * random.normal()]
  const drift = [0.12 * random.normal(), 0.12 * random.normal()] as const
  const offsets = [0, 1, 2].map(() => 0.03 * random.normal())
  const noise = between(random, 0.02, 0.07)
  const tremor = between(random, 0, 0.05)
  const [tremorHz, tremorPhase] = [between(random, 7, 11), between(random, 0, 6.28)]
  const counts = new Int8Array(3 * steps)
  for (let i = 0; i < steps; i++) {
    const t = i / rateHz
    const [x, y, z] = motion(t)
    const shiver = tremor * Math.sin(2 * Math.PI * tremorHz * t + tremorPhase)
    const seen = rotate([x + shiver, y, z + 1 + 0.5 * shiver], pitch + drift[0] * t, roll + drift[1] * t, yaw)
    for (const [axis, g] of seen.entries()) {
      const value = Math.round((g + offsets[axis]! + noise * random.normal()) * countsPerG)
      counts[axis * steps + i] = Math.max(-128, Math.min(127, value))
    }
  }
  return counts
}

function makeSplit(seed: number, count: number): Uint8Array {
  const random = seededRandom(seed)
  const samples = count * classNames.length
  const x = new Int8Array(samples * 3 * steps)
  const y = new Uint8Array(samples)
  for (let i = 0; i < samples; i++) {
    const label = i % classNames.length
    x.set(record(random, gestures[classNames[label]!]!), i * 3 * steps)
    y[i] = label
  }
  return writeNpz({
    x: { dtype: 'i8', shape: [samples, 3, steps], data: x },
    y: { dtype: 'u8', shape: [samples], data: y },
  })
}

const folder = import.meta.dirname
writeFileSync(join(folder, 'gestures-train.npz'), makeSplit(seeds.train, perClass.train))
writeFileSync(join(folder, 'gestures-test.npz'), makeSplit(seeds.test, perClass.test))
const description = { preprocess: { scale: 1 / countsPerG }, classNames, rateHz, unit: 'g' }
writeFileSync(join(folder, 'gestures.json'), `${JSON.stringify(description, null, 2)}\n`)
