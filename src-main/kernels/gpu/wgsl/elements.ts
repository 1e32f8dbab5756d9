// Shaders with a thread for each element, and the statistics of rows.
import { finite, groupIndex, nearest, twoSum } from './common.ts'

/** Partial sums of one row over a span of columns: min, max, sum, sum of squares (both as pairs), count. */
export const rowStatistics = /* wgsl */ `
struct Params { rows: u32, columns: u32, parts: u32, span: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;
${groupIndex}${finite}${twoSum}
var<workgroup> lows: array<f32, 64>;
var<workgroup> highs: array<f32, 64>;
var<workgroup> sums: array<vec2f, 64>;
var<workgroup> squares: array<vec2f, 64>;
var<workgroup> counts: array<u32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let item = groupIndex(group, groups);
  if (item >= p.rows * p.parts) { return; }
  let row = item / p.parts;
  let first = (item % p.parts) * p.span;
  let end = min(first + p.span, p.columns);
  var low = 3.4e38;
  var high = -3.4e38;
  var sum = vec2f(0.0);
  var square = vec2f(0.0);
  var count = 0u;
  for (var column = first + thread; column < end; column += 64u) {
    let bits = x[row * p.columns + column];
    if (finiteBits(bits)) {
      let value = bitcast<f32>(bits);
      low = min(low, value);
      high = max(high, value);
      sum = addTo(sum, value);
      square = addTo(square, value * value);
      count += 1u;
    }
  }
  lows[thread] = low;
  highs[thread] = high;
  sums[thread] = sum;
  squares[thread] = square;
  counts[thread] = count;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (thread < half) {
      lows[thread] = min(lows[thread], lows[thread + half]);
      highs[thread] = max(highs[thread], highs[thread + half]);
      sums[thread] = addPairs(sums[thread], sums[thread + half]);
      squares[thread] = addPairs(squares[thread], squares[thread + half]);
      counts[thread] += counts[thread + half];
    }
    workgroupBarrier();
  }
  if (thread == 0u) {
    let at = item * 7u;
    partial[at] = lows[0];
    partial[at + 1u] = highs[0];
    partial[at + 2u] = sums[0].x;
    partial[at + 3u] = sums[0].y;
    partial[at + 4u] = squares[0].x;
    partial[at + 5u] = squares[0].y;
    partial[at + 6u] = f32(counts[0]);
  }
}
`

/** Counts per bin, by float32 arithmetic as the reference's. A workgroup counts in its own memory when the bins fit there. */
export const histogram = /* wgsl */ `
struct Params { count: u32, bins: u32, low: f32, high: f32, binsPerUnit: f32, span: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;
${groupIndex}${finite}
const localBins = 2048u;
var<workgroup> local: array<atomic<u32>, 2048>;

fn binOf(value: f32) -> u32 {
  if (value <= p.low) { return 0u; }
  if (value >= p.high) { return p.bins - 1u; }
  return min(p.bins - 1u, u32((value - p.low) * p.binsPerUnit));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let isLocal = p.bins <= localBins;
  for (var bin = thread; bin < min(p.bins, localBins); bin += 256u) { atomicStore(&local[bin], 0u); }
  workgroupBarrier();
  let first = groupIndex(group, groups) * p.span;
  let end = min(first + p.span, p.count);
  for (var i = first + thread; i < end; i += 256u) {
    let bits = x[i];
    if (!finiteBits(bits)) { continue; }
    let bin = binOf(bitcast<f32>(bits));
    if (isLocal) { atomicAdd(&local[bin], 1u); } else { atomicAdd(&counts[bin], 1u); }
  }
  workgroupBarrier();
  if (!isLocal) { return; }
  for (var bin = thread; bin < p.bins; bin += 256u) {
    let count = atomicLoad(&local[bin]);
    if (count > 0u) { atomicAdd(&counts[bin], count); }
  }
}
`

export const quantize = /* wgsl */ `
struct Params { count: u32, columns: u32, low: i32, high: i32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> zeroPoint: array<i32>;
@group(0) @binding(4) var<storage, read_write> q: array<i32>;
${groupIndex}${finite}${nearest}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  let row = i / p.columns;
  let bits = x[i];
  var integer = 0;
  if (finiteBits(bits)) { integer = nearestInteger(bitcast<f32>(bits), scale[row]); }
  else if ((bits & 0x7fffffu) == 0u) { integer = select(i32(farthest), -i32(farthest), (bits >> 31u) == 1u); }
  q[i] = clamp(integer + zeroPoint[row], p.low, p.high);
}
`

export const dequantize = /* wgsl */ `
struct Params { count: u32, columns: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> q: array<i32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> zeroPoint: array<i32>;
@group(0) @binding(4) var<storage, read_write> x: array<f32>;
${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.count) { return; }
  let row = i / p.columns;
  x[i] = scale[row] * f32(q[i] - zeroPoint[row]);
}
`
