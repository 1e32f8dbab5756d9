// Seeded bytes on which zlib's levels differ, and its special cases show: stored, fixed and dynamic blocks, far matches, trees that
// are too deep, a window that slides.
import { seededRandom } from '../../../src-main/base/random.ts'

export function samples(): Readonly<Record<string, Uint8Array>> {
  const random = seededRandom(5)
  const fill = (length: number, next: (i: number) => number) => Uint8Array.from({ length }, (_, i) => next(i))
  const noise = fill(32506, () => random.below(256))
  return {
    empty: new Uint8Array(0),
    one: Uint8Array.of(97),
    zeros: new Uint8Array(300_000),
    noise: fill(120_000, () => random.below(256)),
    weights: fill(200_000, () => Math.round(12 * random.normal()) & 255),
    sparse: fill(400_000, () => (random.below(12) > 0 ? 0 : Math.round(12 * random.normal()) & 255)),
    skewed: fill(100_000, () => Math.min(255, Math.floor(2 ** (-4 * Math.log(1 - random.next()))))),
    words: fill(150_000, (i) => 'weights of a tensor, row by row; '.charCodeAt((i + (i >> 7) * random.below(3)) % 33)),
    // the farthest match that deflate's search allows, and one byte farther
    edge: Uint8Array.from([...noise, ...noise, ...noise.subarray(0, -1), 113, ...noise]),
  }
}
