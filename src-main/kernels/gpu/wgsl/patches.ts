import { groupIndex } from './common.ts'

/** im2col of some output positions, columns of one part of the channels. */
export const patches = /* wgsl */ `
struct Params {
  rows: u32, columns: u32, firstRow: u32, firstColumn: u32,
  channels: u32, height: u32, width: u32, kernelHeight: u32, kernelWidth: u32,
  strideY: u32, strideX: u32, dilationY: u32, dilationX: u32, padTop: u32, padLeft: u32,
  outHeight: u32, outWidth: u32, picked: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> positions: array<u32>;
@group(0) @binding(3) var<storage, read_write> matrix: array<f32>;
${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group, groups) * 256u + thread;
  if (i >= p.rows * p.columns) { return; }
  var position = p.firstRow + i / p.columns;
  if (p.picked == 1u) { position = positions[position]; }
  let column = p.firstColumn + i % p.columns;
  let outX = position % p.outWidth;
  let outY = (position / p.outWidth) % p.outHeight;
  let sample = position / (p.outWidth * p.outHeight);
  let kx = column % p.kernelWidth;
  let ky = (column / p.kernelWidth) % p.kernelHeight;
  let channel = column / (p.kernelWidth * p.kernelHeight);
  let y = i32(outY * p.strideY + ky * p.dilationY) - i32(p.padTop);
  let xx = i32(outX * p.strideX + kx * p.dilationX) - i32(p.padLeft);
  var value = 0.0;
  if (y >= 0 && y < i32(p.height) && xx >= 0 && xx < i32(p.width)) {
    value = x[((sample * p.channels + channel) * p.height + u32(y)) * p.width + u32(xx)];
  }
  matrix[i] = value;
}
`
