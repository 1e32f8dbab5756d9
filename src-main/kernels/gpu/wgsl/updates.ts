// Shaders of GPTQ and OBS: 32 columns one after the other inside a workgroup of eight rows; the columns after them are
// updated by matrix multiplication.
import { groupIndex, nearest } from './common.ts'

export const updateBlock = 32

const sharedState = /* wgsl */ `
var<workgroup> factors: array<f32, 1024>;
var<workgroup> steps: array<f32, 8>;

fn loadFactors(matrix: u32, width: u32, thread: u32) {
  for (var at = thread; at < 1024u; at += 256u) {
    let row = at / 32u;
    let column = at % 32u;
    if (row < width && column < width) {
      factors[at] = factor[(matrix * p.columns + p.first + row) * p.columns + p.first + column];
    }
  }
}
`

/** Quantises the columns; `errors` gets error / U[j][j], rows x 32. */
export const gptqBlock = /* wgsl */ `
struct Params {
  columns: u32, first: u32, width: u32, rowsPerGroup: u32, gridColumns: u32, gridsPerRow: u32,
  low: i32, high: i32, keepZeros: u32, firstGroup: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> original: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> factor: array<f32>;
@group(0) @binding(4) var<storage, read> scale: array<f32>;
@group(0) @binding(5) var<storage, read> zeroPoint: array<i32>;
@group(0) @binding(6) var<storage, read_write> integers: array<i32>;
@group(0) @binding(7) var<storage, read_write> errors: array<f32>;
${nearest}${sharedState}
@compute @workgroup_size(32, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let matrix = group.z + p.firstGroup;
  let rowInGroup = group.x * 8u + local.y;
  let row = matrix * p.rowsPerGroup + rowInGroup;
  let isMine = rowInGroup < p.rowsPerGroup && local.x < p.width;
  let at = row * p.columns + p.first + local.x;
  loadFactors(matrix, p.width, thread);
  var value = 0.0;
  if (isMine) { value = w[at]; }
  workgroupBarrier();
  for (var j = 0u; j < p.width; j += 1u) {
    if (isMine && local.x == j) {
      let grid = row * p.gridsPerRow + (p.first + j) / p.gridColumns;
      let zero = zeroPoint[grid];
      var q = zero;
      if (p.keepZeros == 0u || original[at] != 0.0) {
        q = clamp(nearestInteger(value, scale[grid]) + zero, p.low, p.high);
      }
      let step = (value - scale[grid] * f32(q - zero)) / factors[j * 33u];
      integers[at] = q;
      errors[row * 32u + j] = step;
      steps[local.y] = step;
    }
    workgroupBarrier();
    if (local.x > j && local.x < p.width) { value -= steps[local.y] * factors[j * 32u + local.x]; }
    workgroupBarrier();
  }
}
`

/**
 * Removes weights: those that `mask` (bytes, rows x block) leaves out, or with m > 0 all but the n best of every m columns,
 * chosen when the first of them is reached. Survivors are written back, the removed are 0.
 */
export const obsBlock = /* wgsl */ `
struct Params {
  columns: u32, first: u32, width: u32, rowsPerGroup: u32, maskFirst: u32, maskColumns: u32,
  n: u32, m: u32, firstGroup: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> mask: array<u32>;
@group(0) @binding(2) var<storage, read> factor: array<f32>;
@group(0) @binding(3) var<storage, read_write> w: array<f32>;
@group(0) @binding(4) var<storage, read_write> errors: array<f32>;
var<workgroup> scores: array<f32, 256>;
${sharedState}
@compute @workgroup_size(32, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let matrix = group.z + p.firstGroup;
  let rowInGroup = group.x * 8u + local.y;
  let row = matrix * p.rowsPerGroup + rowInGroup;
  let isMine = rowInGroup < p.rowsPerGroup && local.x < p.width;
  let at = row * p.columns + p.first + local.x;
  loadFactors(matrix, p.width, thread);
  var value = 0.0;
  var keep = true;
  if (isMine) {
    value = w[at];
    if (p.m == 0u) {
      let index = row * p.maskColumns + p.maskFirst + local.x;
      keep = ((mask[index / 4u] >> (8u * (index % 4u))) & 1u) == 1u;
    }
  }
  workgroupBarrier();
  for (var j = 0u; j < p.width; j += 1u) {
    if (p.m > 0u && j % p.m == 0u) {
      let ratio = value / factors[local.x * 33u];
      scores[thread] = ratio * ratio;
      workgroupBarrier();
      if (isMine && local.x >= j && local.x < j + p.m) {
        var rank = 0u;
        for (var k = j; k < min(j + p.m, p.width); k += 1u) {
          let other = scores[local.y * 32u + k];
          if (other > scores[thread] || (other == scores[thread] && k < local.x)) { rank += 1u; }
        }
        keep = rank < p.n;
      }
    }
    if (isMine && local.x == j) {
      let step = select(value / factors[j * 33u], 0.0, keep);
      if (!keep) { value = 0.0; }
      errors[row * 32u + j] = step;
      steps[local.y] = step;
    }
    workgroupBarrier();
    if (local.x > j && local.x < p.width) { value -= steps[local.y] * factors[j * 32u + local.x]; }
    workgroupBarrier();
  }
  if (isMine) { w[at] = value; }
}
`

/** (w / U[j][j])^2 of the columns [first, first + width). */
export const obsScores = /* wgsl */ `
struct Params { count: u32, columns: u32, first: u32, width: u32, rowsPerGroup: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> factor: array<f32>;
@group(0) @binding(3) var<storage, read_write> scores: array<f32>;
${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  let row = i / p.width;
  let column = p.first + i % p.width;
  let matrix = row / p.rowsPerGroup;
  let ratio = w[row * p.columns + column] / factor[(matrix * p.columns + column) * p.columns + column];
  scores[i] = ratio * ratio;
}
`
