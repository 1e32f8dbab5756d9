// Shaders of the blocked factorisations: blocks of 32 columns; what is below and beside them is matrix multiplication.
import { groupIndex } from './common.ts'

export const factorBlock = 32

/** The lower triangle of every matrix with its new diagonal, the rest 0; reversed: J A J of it. */
export const prepareFactor = /* wgsl */ `
struct Params { count: u32, size: u32, reversed: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> diagonal: array<f32>;
@group(0) @binding(3) var<storage, read_write> work: array<f32>;
${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  let square = p.size * p.size;
  let at = i % square;
  let base = i - at;
  let row = at / p.size;
  let column = at % p.size;
  if (column > row) { work[i] = 0.0; return; }
  let source = select(at, square - 1u - at, p.reversed == 1u);
  if (row == column) { work[i] = diagonal[i / square * p.size + source / p.size]; return; }
  work[i] = a[base + source];
}
`

/**
 * Cholesky factor of one diagonal block of every matrix, and its inverse (32 x 32 a matrix). `failed` gets the smallest
 * 1 + matrix * size + pivot whose pivot is not positive. `factor` 0: the block is triangular already and only inverted.
 */
export const diagonalBlock = /* wgsl */ `
struct Params { groups: u32, size: u32, first: u32, factor: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> work: array<f32>;
@group(0) @binding(2) var<storage, read_write> inverse: array<f32>;
@group(0) @binding(3) var<storage, read_write> failed: atomic<u32>;
${groupIndex}
var<workgroup> block: array<f32, 1024>;
var<workgroup> inverted: array<f32, 1024>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let matrix = groupIndex(group, groups);
  if (matrix >= p.groups) { return; }
  let start = matrix * p.size * p.size;
  let width = min(32u, p.size - p.first);
  for (var at = thread; at < 1024u; at += 256u) {
    let row = at / 32u;
    let column = at % 32u;
    var value = select(0.0, 1.0, row == column);
    if (row < width && column <= row) { value = work[start + (p.first + row) * p.size + p.first + column]; }
    block[at] = value;
    inverted[at] = 0.0;
  }
  workgroupBarrier();
  if (p.factor == 1u) {
    for (var j = 0u; j < width; j += 1u) {
      if (thread == 0u) {
        let pivot = block[j * 33u];
        if (!(pivot > 0.0)) { atomicMin(&failed, 1u + matrix * p.size + p.first + j); }
        block[j * 33u] = sqrt(max(pivot, 1e-38));
      }
      workgroupBarrier();
      if (thread > j && thread < 32u) { block[thread * 32u + j] /= block[j * 33u]; }
      workgroupBarrier();
      for (var at = thread; at < 1024u; at += 256u) {
        let row = at / 32u;
        let column = at % 32u;
        if (column > j && row >= column) { block[at] -= block[row * 32u + j] * block[column * 32u + j]; }
      }
      workgroupBarrier();
    }
    for (var at = thread; at < 1024u; at += 256u) {
      let row = at / 32u;
      let column = at % 32u;
      if (row < width && column <= row) { work[start + (p.first + row) * p.size + p.first + column] = block[at]; }
    }
  }
  if (thread < 32u) {
    let column = thread;
    for (var row = column; row < 32u; row += 1u) {
      var value = select(0.0, 1.0, row == column);
      for (var k = column; k < row; k += 1u) { value -= block[row * 32u + k] * inverted[k * 32u + column]; }
      inverted[row * 32u + column] = value / block[row * 33u];
    }
  }
  workgroupBarrier();
  for (var at = thread; at < 1024u; at += 256u) { inverse[matrix * 1024u + at] = inverted[at]; }
}
`

/** The panel below a factored block times the inverse's transpose, in place and into `panel` (rows below x 32). */
export const scalePanel = /* wgsl */ `
struct Params { size: u32, first: u32, firstGroup: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> work: array<f32>;
@group(0) @binding(2) var<storage, read> inverse: array<f32>;
@group(0) @binding(3) var<storage, read_write> panel: array<f32>;
var<workgroup> rows: array<f32, 256>;
var<workgroup> inverted: array<f32, 1056>;

@compute @workgroup_size(32, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let matrix = group.z + p.firstGroup;
  let below = p.size - p.first - 32u;
  let row = group.x * 8u + local.y;
  let at = (matrix * p.size + p.first + 32u + row) * p.size + p.first + local.x;
  for (var i = thread; i < 1024u; i += 256u) { inverted[i / 32u * 33u + i % 32u] = inverse[matrix * 1024u + i]; }
  if (row < below) { rows[thread] = work[at]; }
  workgroupBarrier();
  if (row >= below) { return; }
  var sum = 0.0;
  for (var k = 0u; k <= local.x; k += 1u) { sum += rows[local.y * 32u + k] * inverted[local.x * 33u + k]; }
  work[at] = sum;
  panel[(matrix * below + row) * 32u + local.x] = sum;
}
`

/** Rows [first, first + 32) of the first `used` right-hand sides times the inverse of the block, or its transpose. */
export const solveBlock = /* wgsl */ `
struct Params { size: u32, first: u32, columns: u32, used: u32, transposed: u32, firstGroup: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read> inverse: array<f32>;
@group(0) @binding(3) var<storage, read_write> solved: array<f32>;
var<workgroup> inverted: array<f32, 1024>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let matrix = group.z + p.firstGroup;
  let width = min(32u, p.size - p.first);
  for (var i = thread; i < 1024u; i += 64u) { inverted[i] = inverse[matrix * 1024u + i]; }
  workgroupBarrier();
  let column = group.x * 64u + thread;
  if (column >= p.used) { return; }
  let start = (matrix * p.size + p.first) * p.columns + column;
  var b: array<f32, 32>;
  for (var k = 0u; k < width; k += 1u) { b[k] = x[start + k * p.columns]; }
  for (var row = 0u; row < width; row += 1u) {
    var sum = 0.0;
    if (p.transposed == 1u) {
      for (var k = row; k < width; k += 1u) { sum += inverted[k * 32u + row] * b[k]; }
    } else {
      for (var k = 0u; k <= row; k += 1u) { sum += inverted[row * 32u + k] * b[k]; }
    }
    x[start + row * p.columns] = sum;
    solved[(matrix * 32u + row) * p.columns + column] = sum;
  }
}
`

/** Inverse of a lower triangular L begins as the identity; and J L⁻¹ J, which is upper triangular, is what is asked for. */
export const identity = /* wgsl */ `
struct Params { count: u32, size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  x[i] = select(0.0, 1.0, (i / p.size) % p.size == i % p.size);
}
`

export const reverseStack = /* wgsl */ `
struct Params { count: u32, square: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  let at = i % p.square;
  y[i] = x[i - at + p.square - 1u - at];
}
`
