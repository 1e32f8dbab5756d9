import { finite, groupIndex, nearest } from './common.ts'

/** Candidates that share a reading of the row. */
export const candidatesAtOnce = 8

const header = /* wgsl */ `
struct Params { columns: u32, batches: u32, low: i32, high: i32, power: f32, weighted: u32 }
struct Batch { row: u32, first: u32, count: u32, unit: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> batches: array<Batch>;
@group(0) @binding(4) var<storage, read> scale: array<f32>;
@group(0) @binding(5) var<storage, read> zeroPoint: array<i32>;
@group(0) @binding(6) var<storage, read_write> costs: array<f32>;
${groupIndex}${finite}${nearest}
fn costOf(value: f32, step: f32, zero: i32, unit: f32) -> f32 {
  let q = clamp(nearestInteger(value, step) + zero, p.low, p.high);
  let d = abs(value - step * f32(q - zero)) * unit;
  if (p.power == 2.0) { return d * d; }
  return select(0.0, pow(d, p.power), d > 0.0);
}
`

/**
 * Cost of grids: sum of weight * |(x - real) * unit|^power over the finite elements of a row. A workgroup takes eight
 * candidates of one row. `unit` is a power of two that keeps powers of any row within float32.
 */
export const scaleCosts = /* wgsl */ `
${header}
var<workgroup> sums: array<f32, 512>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let index = groupIndex(group, groups);
  if (index >= p.batches) { return; }
  let batch = batches[index];
  var total: array<f32, 8>;
  var lost: array<f32, 8>;
  for (var column = thread; column < p.columns; column += 64u) {
    let bits = x[batch.row * p.columns + column];
    if (!finiteBits(bits)) { continue; }
    let value = bitcast<f32>(bits);
    var weight = 1.0;
    if (p.weighted == 1u) { weight = weights[column]; }
    for (var i = 0u; i < batch.count; i += 1u) {
      let cost = costOf(value, scale[batch.first + i], zeroPoint[batch.first + i], batch.unit);
      let corrected = weight * cost - lost[i];
      let sum = total[i] + corrected;
      lost[i] = (sum - total[i]) - corrected;
      total[i] = sum;
    }
  }
  for (var i = 0u; i < 8u; i += 1u) { sums[i * 64u + thread] = total[i]; }
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (thread < half) {
      for (var i = 0u; i < 8u; i += 1u) { sums[i * 64u + thread] += sums[i * 64u + thread + half]; }
    }
    workgroupBarrier();
  }
  if (thread < batch.count) { costs[batch.first + thread] = sums[thread * 64u]; }
}
`

/** Rows of up to this many columns: a thread sums a row for one candidate. */
export const narrowColumns = 256

/** The same for short rows: a batch is one candidate, a thread takes it alone. */
export const scaleCostsNarrow = /* wgsl */ `
${header}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let index = groupIndex(group, groups) * 64u + thread;
  if (index >= p.batches) { return; }
  let batch = batches[index];
  let step = scale[batch.first];
  let zero = zeroPoint[batch.first];
  var total = 0.0;
  var lost = 0.0;
  for (var column = 0u; column < p.columns; column += 1u) {
    let bits = x[batch.row * p.columns + column];
    if (!finiteBits(bits)) { continue; }
    var weight = 1.0;
    if (p.weighted == 1u) { weight = weights[column]; }
    let corrected = weight * costOf(bitcast<f32>(bits), step, zero, batch.unit) - lost;
    let sum = total + corrected;
    lost = (sum - total) - corrected;
    total = sum;
  }
  costs[batch.first] = total;
}
`
