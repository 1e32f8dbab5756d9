import { groupIndex, twoSum } from './common.ts'

/**
 * One step of Lloyd's algorithm over ascending distinct values: a workgroup for each centroid finds the stretch of values
 * nearest to it by bisection and takes their weighted mean. Centroids are pairs of floats (about 48 bits), so that the
 * path is that of double precision but for rare ties.
 */
export const lloydStep = /* wgsl */ `
struct Params { values: u32, centroids: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> mass: array<f32>;
@group(0) @binding(3) var<storage, read> isFixed: array<u32>;
@group(0) @binding(4) var<storage, read> old: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> next: array<vec2f>;
${groupIndex}${twoSum}
var<workgroup> weights: array<vec2f, 128>;
var<workgroup> moments: array<vec2f, 128>;

// How many values are at most halfway between centroids i - 1 and i.
fn upTo(i: u32) -> u32 {
  if (i == 0u) { return 0u; }
  if (i == p.centroids) { return p.values; }
  let a = old[i - 1u];
  let b = old[i];
  var low = 0u;
  var high = p.values;
  while (low < high) {
    let middle = (low + high) / 2u;
    let v = values[middle];
    let excess = ((v - a.x) - (b.x - v)) - (a.y + b.y);
    if (excess <= 0.0) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups);
  if (i >= p.centroids) { return; }
  let first = upTo(i);
  let end = upTo(i + 1u);
  let centre = old[i].x;
  var weight = vec2f(0.0);
  var moment = vec2f(0.0);
  for (var at = first + thread; at < end; at += 128u) {
    weight = addTo(weight, mass[at]);
    moment = addTo(moment, mass[at] * (values[at] - centre));
  }
  weights[thread] = weight;
  moments[thread] = moment;
  workgroupBarrier();
  for (var half = 64u; half > 0u; half >>= 1u) {
    if (thread < half) {
      weights[thread] = addPairs(weights[thread], weights[thread + half]);
      moments[thread] = addPairs(moments[thread], moments[thread + half]);
    }
    workgroupBarrier();
  }
  if (thread > 0u) { return; }
  let total = weights[0].x + weights[0].y;
  if (isFixed[i] == 1u || first >= end) { next[i] = old[i]; }
  else if (total > 0.0) { next[i] = addTo(vec2f(centre, 0.0), (moments[0].x + moments[0].y) / total); }
  else { next[i] = addTo(vec2f(0.5 * values[first], 0.0), 0.5 * values[end - 1u]); }
}
`

/** Index of the nearest centroid: how many limits lie below the value. Two indices of 16 bits a word. */
export const assign = /* wgsl */ `
struct Params { count: u32, limits: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> limits: array<f32>;
@group(0) @binding(3) var<storage, read_write> assignment: array<u32>;
${groupIndex}
fn below(value: f32) -> u32 {
  var low = 0u;
  var high = p.limits;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (limits[middle] < value) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let first = (groupIndex(group, groups) * 256u + thread) * 2u;
  if (first >= p.count) { return; }
  var word = below(x[first]);
  if (first + 1u < p.count) { word |= below(x[first + 1u]) << 16u; }
  assignment[first / 2u] = word;
}
`
