// General matrix multiplication, C = beta C + alpha A B, over a batch; every operand has its own strides, so that a
// transposed or inner matrix needs no copy. 16 x 16 threads, each with `per` x `per` results; partial sums of one tile of the
// inner dimension are added to the total with Kahan's compensation, which keeps float32 near its last place for long sums.

const header = /* wgsl */ `
struct Operand { offset: u32, row: u32, column: u32, batch: u32 }
struct Params {
  m: u32, n: u32, k: u32,
  // Inner elements of all batches together, when the batch splits the inner dimension; else 0.
  kTotal: u32,
  a: Operand, b: Operand, c: Operand,
  alpha: f32, beta: f32,
  // 1: leave out what is above the diagonal of C.
  lower: u32,
  // Batches from here on, for more of them than a dispatch has.
  firstBatch: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> B: array<f32>;
@group(0) @binding(3) var<storage, read_write> C: array<f32>;
`

/** Edges of the tiles in C, by results of a thread per dimension. */
export const tileOf = (per: 1 | 4) => 16 * per

/** A line for each row of a thread's results. Indexed arrays would leave the registers on many devices. */
const lines = (per: 1 | 4, line: (row: number) => string) => Array.from({ length: per }, (_, i) => line(i)).join('\n')

const storeLine = (per: 1 | 4, i: number, j: number) =>
  `  store(batch, firstRow + local.y + ${16 * i}u, column + ${16 * j}u, total${i}${per === 4 ? `[${j}]` : ''});`

export const gemmOf = (per: 1 | 4) => /* wgsl */ `
${header}
const tile = ${tileOf(per)}u;
const depth = 16u;
// One more column a row: threads that read a column use different banks.
const pitch = ${tileOf(per) + 1}u;
var<workgroup> tileA: array<f32, ${16 * (tileOf(per) + 1)}>;
var<workgroup> tileB: array<f32, ${16 * (tileOf(per) + 1)}>;
// Results of a thread in one row, 16 columns apart.
alias Row = ${per === 4 ? 'vec4f' : 'f32'};

fn store(batch: u32, row: u32, column: u32, value: f32) {
  if (row >= p.m || column >= p.n || (p.lower == 1u && column > row)) { return; }
  let at = p.c.offset + batch * p.c.batch + row * p.c.row + column * p.c.column;
  if (p.beta == 0.0) { C[at] = p.alpha * value; }
  else { C[at] = p.alpha * value + p.beta * C[at]; }
}

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let firstRow = group.y * tile;
  let firstColumn = group.x * tile;
  if (p.lower == 1u && firstColumn >= firstRow + tile) { return; }
  let batch = group.z + p.firstBatch;
  var inner = p.k;
  if (p.kTotal > 0u) { inner = min(p.k, p.kTotal - min(p.kTotal, batch * p.k)); }
  let aStart = p.a.offset + batch * p.a.batch;
  let bStart = p.b.offset + batch * p.b.batch;
  // Neighbouring threads read neighbouring words.
  let aAlong = p.a.column == 1u;
  let bAlong = p.b.row == 1u && p.b.column != 1u;
${lines(
  per,
  (i) => `  var total${i} = Row(0.0);
  var lost${i} = Row(0.0);`,
)}
  for (var k0 = 0u; k0 < inner; k0 += depth) {
    for (var at = thread; at < tile * depth; at += 256u) {
      let aI = select(at % tile, at / depth, aAlong);
      let aK = select(at / tile, at % depth, aAlong);
      var aValue = 0.0;
      if (firstRow + aI < p.m && k0 + aK < inner) {
        aValue = A[aStart + (firstRow + aI) * p.a.row + (k0 + aK) * p.a.column];
      }
      tileA[aK * pitch + aI] = aValue;
      let bJ = select(at % tile, at / depth, bAlong);
      let bK = select(at / tile, at % depth, bAlong);
      var bValue = 0.0;
      if (firstColumn + bJ < p.n && k0 + bK < inner) {
        bValue = B[bStart + (k0 + bK) * p.b.row + (firstColumn + bJ) * p.b.column];
      }
      tileB[bK * pitch + bJ] = bValue;
    }
    workgroupBarrier();
${lines(per, (i) => `    var part${i} = Row(0.0);`)}
    for (var kk = 0u; kk < depth; kk += 1u) {
      let a = kk * pitch + local.y;
      let b = kk * pitch + local.x;
      let row = ${per === 4 ? 'vec4f(tileB[b], tileB[b + 16u], tileB[b + 32u], tileB[b + 48u])' : 'tileB[b]'};
${lines(per, (i) => `      part${i} += tileA[a + ${16 * i}u] * row;`)}
    }
    workgroupBarrier();
${lines(
  per,
  (i) => `    let corrected${i} = part${i} - lost${i};
    let sum${i} = total${i} + corrected${i};
    lost${i} = (sum${i} - total${i}) - corrected${i};
    total${i} = sum${i};`,
)}
  }
  let column = firstColumn + local.x;
${lines(per, (i) => lines(per, (j) => storeLine(per, i, j)))}
}
`

/**
 * Sums the parts that a split inner dimension left, onto what is in `sum`; and mirrors the lower triangle, which is all that
 * the parts hold.
 */
export const sumParts = /* wgsl */ `
struct Params { count: u32, size: u32, parts: u32, perPart: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> part: array<f32>;
@group(0) @binding(2) var<storage, read_write> sum: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = (group.y * groups.x + group.x) * 64u + thread;
  if (i >= p.count) { return; }
  let square = p.size * p.size;
  let column = i % p.size;
  let row = (i % square) / p.size;
  let source = i - i % square + max(row, column) * p.size + min(row, column);
  var total = sum[i];
  var lost = 0.0;
  for (var at = 0u; at < p.parts; at += 1u) {
    let corrected = part[at * p.perPart + source] - lost;
    let next = total + corrected;
    lost = (next - total) - corrected;
    total = next;
  }
  sum[i] = total;
}
`
