// Functions that several shaders include. WGSL has no import, so they are joined when the modules are loaded.

/** For dispatches made by `linearGroups`. */
export const groupIndex = /* wgsl */ `
fn groupIndex(group: vec3u, groups: vec3u) -> u32 {
  return group.y * groups.x + group.x;
}
`

/** By bits: WGSL lets a compiler take it that no value is infinite or NaN. */
export const finite = /* wgsl */ `
fn finiteBits(bits: u32) -> bool {
  return (bits & 0x7f800000u) != 0x7f800000u;
}
`

/** A sum as a pair of floats: high, and what rounding took from it (Knuth's two-sum). */
export const twoSum = /* wgsl */ `
fn addTo(sum: vec2f, value: f32) -> vec2f {
  let high = sum.x + value;
  let part = high - sum.x;
  let rest = (sum.x - (high - part)) + (value - part);
  return vec2f(high, sum.y + rest);
}
fn addPairs(a: vec2f, b: vec2f) -> vec2f {
  let sum = addTo(a, b.x);
  return vec2f(sum.x, sum.y + b.y);
}
`

/**
 * Nearest integer to the float32 quotient x / scale, ties away from zero, exactly as `quantizeOne` of the reference has it.
 * WGSL's division is off by up to 2.5 units in the last place, so near a half the question is decided in integers: a
 * quotient rounds to at least h = k + 1/2 when it lies above h less half the space to the float32 before it, which is
 * N 2^-shift with N of 25 bits; it cannot lie on that limit. So |x| is compared with N scale 2^-shift in 64 bits.
 * Quotients beyond 2^17 are cut off there; limits of grids are narrower.
 */
export const nearest = /* wgsl */ `
const farthest = 131072.0;
fn significand(bits: u32) -> u32 {
  let fraction = bits & 0x7fffffu;
  return select(fraction | 0x800000u, fraction, (bits & 0x7f800000u) == 0u);
}
fn exponent(bits: u32) -> i32 {
  return max(1, i32((bits >> 23u) & 0xffu));
}
fn shiftedLeft(value: u32, by: u32) -> vec2u {
  if (by == 0u) { return vec2u(0u, value); }
  if (by >= 32u) { return vec2u(value << (by - 32u), 0u); }
  return vec2u(value >> (32u - by), value << by);
}
fn reachesHalf(x: f32, scale: f32, k: u32) -> bool {
  let odd = 2u * k + 1u;
  // odd / 2 has its leading bit at 2^(bits - 2); for 1/2 the floats below lie half as far apart.
  let bits = 32u - countLeadingZeros(odd);
  let shift = select(26u - bits, 26u, k == 0u);
  let n = (odd << (shift - 1u)) - 1u;
  let s = significand(bitcast<u32>(scale));
  var right = vec2u(0u, 0u);
  right = addShifted(right, (n & 0xfffu) * (s & 0xfffu), 0u);
  right = addShifted(right, (n & 0xfffu) * (s >> 12u), 12u);
  right = addShifted(right, (n >> 12u) * (s & 0xfffu), 12u);
  right = addShifted(right, (n >> 12u) * (s >> 12u), 24u);
  let by = exponent(bitcast<u32>(x)) - exponent(bitcast<u32>(scale)) + i32(shift);
  if (by < 0) { return false; }
  let left = shiftedLeft(significand(bitcast<u32>(x)), u32(min(by, 39)));
  return left.x > right.x || (left.x == right.x && left.y >= right.y);
}
fn addShifted(sum: vec2u, value: u32, by: u32) -> vec2u {
  let shifted = shiftedLeft(value, by);
  let low = sum.y + shifted.y;
  return vec2u(sum.x + shifted.x + select(0u, 1u, low < sum.y), low);
}
fn nearestInteger(x: f32, scale: f32) -> i32 {
  let quotient = min(abs(x) / scale, farthest);
  let whole = floor(quotient);
  let rest = quotient - whole;
  var up = rest >= 0.5;
  if (abs(rest - 0.5) <= 1e-6 * quotient && quotient < farthest) {
    up = reachesHalf(x, scale, u32(whole));
  }
  let magnitude = i32(whole) + select(0, 1, up);
  return select(magnitude, -magnitude, x < 0.0);
}
`
