// Shaders of learned rounding (AdaRound). One vec4 a weight: variable, Adam's two moments, floor of the integer.
import { groupIndex, nearest } from './common.ts'

const shared = /* wgsl */ `
// Ends of the stretched sigmoid (Nagel et al. 2020, eq. 23).
const stretchLow = -0.1;
const stretchHigh = 1.1;
fn sigmoid(v: f32) -> f32 { return 1.0 / (1.0 + exp(-v)); }
fn stretched(v: f32) -> f32 { return (stretchHigh - stretchLow) * sigmoid(v) + stretchLow; }
`

/** Variables whose soft integer is w / scale, and the difference that they make. */
export const roundingStart = /* wgsl */ `
struct Params { count: u32, columns: u32, low: f32, high: f32, keepZeros: u32 }
struct Grid { scale: f32, zero: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> grids: array<Grid>;
@group(0) @binding(3) var<storage, read_write> state: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> difference: array<f32>;
${groupIndex}${shared}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  let grid = grids[i / p.columns];
  let quotient = w[i] / grid.scale;
  let whole = floor(quotient);
  let v = -log((stretchHigh - stretchLow) / (quotient - whole - stretchLow) - 1.0);
  state[i] = vec4f(v, 0.0, 0.0, whole + grid.zero);
  let q = clamp(whole + grid.zero + clamp(stretched(v), 0.0, 1.0), p.low, p.high);
  difference[i] = select(grid.scale * (q - grid.zero) - w[i], 0.0, p.keepZeros == 1u && w[i] == 0.0);
}
`

/** One step of Adam on every variable, and the difference that the new ones make. `product` is difference H. */
export const roundingStep = /* wgsl */ `
struct Params {
  count: u32, columns: u32, low: f32, high: f32, keepZeros: u32,
  // 2 / samples
  share: f32,
  learningRate: f32,
  regularization: f32,
  // Of the regulariser; 0: none.
  exponent: f32,
  // 1 / (1 - beta^t) of Adam's two moments.
  firstBias: f32, secondBias: f32,
}
struct Grid { scale: f32, zero: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> grids: array<Grid>;
@group(0) @binding(3) var<storage, read> product: array<f32>;
@group(0) @binding(4) var<storage, read_write> state: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> difference: array<f32>;
${groupIndex}${shared}
// Adam (Kingma & Ba 2015, algorithm 1).
const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

// Derivative by h of 1 - |2h - 1|^exponent (AdaRound, eq. 24).
fn pull(h: f32) -> f32 {
  let x = 2.0 * h - 1.0;
  if (x == 0.0) { return 0.0; }
  return -2.0 * p.exponent * sign(x) * pow(abs(x), p.exponent - 1.0);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  if (p.keepZeros == 1u && w[i] == 0.0) { return; }
  let grid = grids[i / p.columns];
  var s = state[i];
  let h = stretched(s.x);
  var gradient = 0.0;
  if (h > 0.0 && h < 1.0) {
    let q = s.w + h;
    if (q >= p.low && q <= p.high) { gradient = p.share * grid.scale * product[i]; }
    if (p.exponent > 0.0) { gradient += p.regularization * pull(h); }
    let slope = sigmoid(s.x);
    gradient *= (stretchHigh - stretchLow) * slope * (1.0 - slope);
  }
  s.y = beta1 * s.y + (1.0 - beta1) * gradient;
  s.z = beta2 * s.z + (1.0 - beta2) * gradient * gradient;
  s.x -= p.learningRate * s.y * p.firstBias / (sqrt(s.z * p.secondBias) + epsilon);
  state[i] = s;
  let q = clamp(s.w + clamp(stretched(s.x), 0.0, 1.0), p.low, p.high);
  difference[i] = grid.scale * (q - grid.zero) - w[i];
}
`

/** The integers, learned or nearest, and w - real. */
export const roundingEnd = /* wgsl */ `
struct Params { count: u32, columns: u32, low: i32, high: i32, keepZeros: u32, learned: u32 }
struct Grid { scale: f32, zero: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> grids: array<Grid>;
@group(0) @binding(3) var<storage, read> state: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> integers: array<i32>;
@group(0) @binding(5) var<storage, read_write> difference: array<f32>;
${groupIndex}${nearest}${shared}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  let grid = grids[i / p.columns];
  let zero = i32(grid.zero);
  var q = zero;
  if (p.learned == 0u) { q = nearestInteger(w[i], grid.scale) + zero; }
  else if (p.keepZeros == 0u || w[i] != 0.0) { q = i32(state[i].w) + select(0, 1, stretched(state[i].x) >= 0.5); }
  q = clamp(q, p.low, p.high);
  integers[i] = q;
  difference[i] = w[i] - grid.scale * f32(q - zero);
}
`

/** Sum of a b over each row. */
export const rowProducts = /* wgsl */ `
struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
${groupIndex}
var<workgroup> partial: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let row = groupIndex(group, groups);
  if (row >= p.rows) { return; }
  var total = 0.0;
  for (var column = thread; column < p.columns; column += 64u) {
    total += a[row * p.columns + column] * b[row * p.columns + column];
  }
  partial[thread] = total;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (thread < half) { partial[thread] += partial[thread + half]; }
    workgroupBarrier();
  }
  if (thread == 0u) { sums[row] = partial[0]; }
}
`
