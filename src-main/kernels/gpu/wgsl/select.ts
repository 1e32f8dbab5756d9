// Shaders of the masks: radix selection of the k-th largest score, and the order of equal scores by a prefix sum.
import { groupIndex } from './common.ts'

/** Keys whose order as integers is the order of the floats; -0 is 0, and NaN comes last. */
const orderedKey = /* wgsl */ `
fn keyOf(bits: u32) -> u32 {
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return 0u; }
  if (magnitude == 0u) { return 0x80000000u; }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
`

/** Counts the next eight bits of the keys that agree with the ones chosen so far. state: prefix, still to keep. */
export const selectCount = /* wgsl */ `
struct Params { count: u32, shift: u32, span: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> scores: array<u32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>>;
${groupIndex}${orderedKey}
var<workgroup> local: array<atomic<u32>, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  atomicStore(&local[thread], 0u);
  workgroupBarrier();
  let first = groupIndex(group, groups) * p.span;
  let end = min(first + p.span, p.count);
  let prefix = state[0];
  for (var i = first + thread; i < end; i += 256u) {
    let key = keyOf(scores[i]);
    let above = select(key >> (p.shift + 8u), 0u, p.shift == 24u);
    if (above == prefix) { atomicAdd(&local[(key >> p.shift) & 255u], 1u); }
  }
  workgroupBarrier();
  let count = atomicLoad(&local[thread]);
  if (count > 0u) { atomicAdd(&counts[thread], count); }
}
`

/** Takes the digit in which the k-th largest key lies, and clears the counts. One workgroup, one thread at work. */
export const selectDigit = /* wgsl */ `
@group(0) @binding(1) var<storage, read_write> state: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
  if (thread == 0u) {
    var left = state[1];
    var digit = 255u;
    while (digit > 0u && counts[digit] < left) {
      left -= counts[digit];
      digit -= 1u;
    }
    state[0] = (state[0] << 8u) | digit;
    state[1] = left;
  }
  storageBarrier();
  for (var i = thread; i < 256u; i += 64u) { counts[i] = 0u; }
}
`

/** Elements of each block of `span` that equal the chosen key. */
export const countEqual = /* wgsl */ `
struct Params { count: u32, span: u32, blocks: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> scores: array<u32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> equal: array<u32>;
${groupIndex}${orderedKey}
var<workgroup> total: atomic<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let block = groupIndex(group, groups);
  if (block >= p.blocks) { return; }
  if (thread == 0u) { atomicStore(&total, 0u); }
  workgroupBarrier();
  let first = block * p.span;
  let end = min(first + p.span, p.count);
  var mine = 0u;
  for (var i = first + thread; i < end; i += 256u) {
    if (keyOf(scores[i]) == state[0]) { mine += 1u; }
  }
  if (mine > 0u) { atomicAdd(&total, mine); }
  workgroupBarrier();
  if (thread == 0u) { equal[block] = atomicLoad(&total); }
}
`

/** Exclusive prefix sum in place, by one workgroup. */
export const prefixSum = /* wgsl */ `
struct Params { count: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> values: array<u32>;
var<workgroup> sums: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  let span = (p.count + 255u) / 256u;
  let first = min(thread * span, p.count);
  let end = min(first + span, p.count);
  var sum = 0u;
  for (var i = first; i < end; i += 1u) { sum += values[i]; }
  sums[thread] = sum;
  workgroupBarrier();
  if (thread == 0u) {
    var running = 0u;
    for (var t = 0u; t < 256u; t += 1u) {
      let own = sums[t];
      sums[t] = running;
      running += own;
    }
  }
  workgroupBarrier();
  var running = sums[thread];
  for (var i = first; i < end; i += 1u) {
    let own = values[i];
    values[i] = running;
    running += own;
  }
}
`

/** The mask, four bytes a word; a block of 1024 elements a workgroup. Of equal scores the first `state[1]` are kept. */
export const writeTopMask = /* wgsl */ `
struct Params { count: u32, blocks: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> scores: array<u32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read> before: array<u32>;
@group(0) @binding(4) var<storage, read_write> mask: array<u32>;
${groupIndex}${orderedKey}
var<workgroup> sums: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let block = groupIndex(group, groups);
  if (block >= p.blocks) { return; }
  let first = block * 1024u + thread * 4u;
  let threshold = state[0];
  var mine = 0u;
  for (var i = first; i < min(first + 4u, p.count); i += 1u) {
    if (keyOf(scores[i]) == threshold) { mine += 1u; }
  }
  sums[thread] = mine;
  workgroupBarrier();
  for (var step = 1u; step < 256u; step <<= 1u) {
    var other = 0u;
    if (thread >= step) { other = sums[thread - step]; }
    workgroupBarrier();
    sums[thread] += other;
    workgroupBarrier();
  }
  if (first >= p.count) { return; }
  var rank = before[block] + sums[thread] - mine;
  var word = 0u;
  for (var i = 0u; i < 4u && first + i < p.count; i += 1u) {
    let key = keyOf(scores[first + i]);
    var keep = key > threshold;
    if (key == threshold) {
      keep = rank < state[1];
      rank += 1u;
    }
    word |= select(0u, 1u << (8u * i), keep);
  }
  mask[first / 4u] = word;
}
`

/** The n largest of every m in a row; four elements a thread. */
export const nmMask = /* wgsl */ `
struct Params { count: u32, columns: u32, n: u32, m: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> scores: array<u32>;
@group(0) @binding(2) var<storage, read_write> mask: array<u32>;
${groupIndex}${orderedKey}
fn kept(i: u32) -> bool {
  let column = i % p.columns;
  let start = i - column % p.m;
  let end = min(start + p.m, i - column + p.columns);
  let own = keyOf(scores[i]);
  var rank = 0u;
  for (var j = start; j < end; j += 1u) {
    let key = keyOf(scores[j]);
    if (key > own || (key == own && j < i)) { rank += 1u; }
  }
  return rank < p.n;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let first = (groupIndex(group, groups) * 256u + thread) * 4u;
  if (first >= p.count) { return; }
  var word = 0u;
  for (var i = 0u; i < 4u && first + i < p.count; i += 1u) {
    word |= select(0u, 1u << (8u * i), kept(first + i));
  }
  mask[first / 4u] = word;
}
`
