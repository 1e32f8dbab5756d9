// The compression kernels: one contract, three implementations (reference, cpu, gpu) that one case list holds together.
//
// Matrices are row-major Float32Arrays. Every kernel leaves its arguments as they are and gives new arrays, unless its
// comment says otherwise. Sums run in at least float32 with pairwise or float64 accumulation, so that results agree within
// the tolerance that each kernel states; chosen integers (grids, masks, assignments) agree exactly except where two choices
// cost the same within that tolerance.

/** A row-major matrix. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  /** rows * columns elements. */
  readonly data: Float32Array
}

/** What is known of each row of a matrix. */
export interface RowStatistics {
  readonly min: Float32Array
  readonly max: Float32Array
  readonly mean: Float32Array
  /** Mean of the squares. */
  readonly meanSquare: Float32Array
}

export interface HistogramOptions {
  readonly low: number
  readonly high: number
  /** Equal bins over [low, high]; elements outside count in the first and last. */
  readonly bins: number
}

/** Integers of a grid: real = scale * (q - zeroPoint), q within [min, max]. */
export interface GridLimits {
  readonly min: number
  readonly max: number
  /** Zero point 0 and one scale; otherwise scale and zero point are both searched. */
  readonly symmetric: boolean
  /** Scales are powers of two. */
  readonly powerOfTwo: boolean
}

/** What a scale search makes small. 'mse' is 'lp' with p = 2. 'kl' compares histograms (TensorRT's calibration, 2017). */
export type ScaleMetric =
  | { readonly kind: 'max' }
  | { readonly kind: 'mse' }
  | { readonly kind: 'lp'; readonly p: number }
  | { readonly kind: 'kl'; readonly bins: number }

export interface ScaleSearch extends GridLimits {
  readonly metric: ScaleMetric
  /** Candidates tried between `shrinkTo` times the full range and the full range, both included. */
  readonly candidates: number
  /** Smallest share of the full range that is tried, 0 to 1. */
  readonly shrinkTo: number
  /** Weight of each column's squared error (a diagonal Hessian); null: all equal. Not for 'kl'. */
  readonly columnWeights: Float32Array | null
}

/** One grid for each row of a matrix. Scales are positive and exact float32 numbers. */
export interface RowGrids {
  readonly scale: Float32Array
  readonly zeroPoint: Int32Array
}

export interface Quantized {
  /** Integers, row-major. */
  readonly integers: Int32Array
}

export interface Clusters {
  /** Ascending, k or fewer when there are fewer distinct values. */
  readonly centroids: Float32Array
  /** Index of the nearest centroid of every element. */
  readonly assignment: Uint16Array
  /** Sum of weight * (x - centroid)^2. */
  readonly error: number
}

/** Square matrices of one size, one after the other: one for each group of a grouped layer, one for a dense layer. */
export interface SquareStack {
  readonly groups: number
  readonly size: number
  /** groups * size * size, row-major. */
  readonly data: Float32Array
}

/**
 * Sum of x xᵀ over samples: the matrix H of layer-wise least squares (Frantar & Alistarh, OBC, 2022, section 3). Symmetric.
 * `size` is the number of features (columns of the weights).
 */
export interface Gram extends SquareStack {
  /** Rows that were summed. */
  readonly samples: number
}

/** What im2col needs to know of a convolution; NCHW. */
export interface PatchShape {
  readonly batch: number
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly kernel: readonly [height: number, width: number]
  readonly strides: readonly [number, number]
  readonly dilations: readonly [number, number]
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number]
}

export interface GptqOptions extends GridLimits {
  /** Grids of the rows: for each row one per block of `gridColumns` columns, row after row. */
  readonly grids: RowGrids
  /** Columns that share a grid, the last block may be shorter; `columns` for one grid a row. */
  readonly gridColumns: number
  /** Columns that are quantised before the rest is updated (GPTQ, Frantar et al. 2022, section 3.3, step 2). */
  readonly blockSize: number
  /** Elements that are exactly zero stay zero. */
  readonly keepZeros: boolean
}

/** How many weights of a row survive: a share of all, or n of every m in a row of the matrix. */
export type Sparsity =
  | { readonly kind: 'share'; readonly zeros: number }
  | { readonly kind: 'n:m'; readonly n: number; readonly m: number }

export interface ObsPruneOptions {
  readonly sparsity: Sparsity
  /** Columns whose mask is chosen together before the rest is updated (SparseGPT, Frantar & Alistarh 2023, section 3.3). */
  readonly blockSize: number
}

export interface RoundingOptions extends GridLimits {
  readonly grids: RowGrids
  readonly iterations: number
  readonly learningRate: number
  /** Weight of the regulariser that drives every variable to 0 or 1 (AdaRound, Nagel et al. 2020, eq. 21 to 25). */
  readonly regularization: number
  /** Annealed exponent of the regulariser, from high to low. */
  readonly beta: readonly [high: number, low: number]
  /** Share of the iterations without regulariser. */
  readonly warmup: number
  /** Elements that are exactly zero stay zero. */
  readonly keepZeros: boolean
}

export interface Rounded extends Quantized {
  /** tr((W - Q) H (W - Q)ᵀ) / samples at rounding to nearest, and at the end. */
  readonly errorBefore: number
  readonly errorAfter: number
}

export type BackendName = 'reference' | 'cpu' | 'gpu'

/** A set of kernels. Tolerances are relative to the largest magnitude of the result. */
export interface Kernels extends AsyncDisposable {
  readonly backend: BackendName

  /** Tolerance 1e-5. NaN and infinities do not count; a row without finite numbers gives zeros. */
  rowStatistics(x: Matrix): Promise<RowStatistics>
  /** Counts, exact up to 2^32 - 1 a bin. Elements that are not finite do not count. */
  histogram(x: Float32Array, options: HistogramOptions): Promise<Uint32Array>

  /** A grid for each row. Rows of zeros get scale 1. The same candidates in every backend; ties take the larger scale. */
  searchScales(x: Matrix, search: ScaleSearch): Promise<RowGrids>
  /** Nearest integers, ties away from zero (TFLite), within the limits. */
  quantize(x: Matrix, grids: RowGrids, limits: GridLimits): Promise<Quantized>
  /** scale * (q - zeroPoint), in float32. */
  dequantize(
    q: Quantized,
    shape: { readonly rows: number; readonly columns: number },
    grids: RowGrids,
  ): Promise<Float32Array>

  /**
   * Weighted one-dimensional k-means. Exact (dynamic programme over the sorted values, Wang & Song 2011) when
   * k * distinct values is at most `exactLimit`, else Lloyd's algorithm from quantiles. `fixed` centroids (0 for a pruned
   * layer) stay where they are. weights null: all equal. Ties go to the lower centroid.
   */
  kmeans(
    x: Float32Array,
    weights: Float32Array | null,
    options: {
      readonly k: number
      readonly exactLimit: number
      readonly iterations: number
      readonly fixed: readonly number[]
    },
  ): Promise<Clusters>

  /** 1 for the `keep` elements of the largest score, 0 for the others; of equal scores the earlier is kept. */
  topMask(scores: Float32Array, keep: number): Promise<Uint8Array>
  /** 1 for the n largest scores among every m in a row; of equal scores the earlier is kept. A rest shorter than m keeps at most n. */
  nmMask(scores: Matrix, n: number, m: number): Promise<Uint8Array>

  /**
   * im2col. Rows are output positions (batch, then row-major), columns are channel, kernel row, kernel column; padding is 0.
   * @param positions output positions (index within all rows) to take, null: all
   */
  patches(x: Float32Array, shape: PatchShape, positions: Uint32Array | null): Promise<Matrix>
  /** XᵀX of a matrix whose rows are samples, added to `sum` when it is given (which is not changed). Tolerance 1e-5. */
  gram(x: Matrix, sum: Gram | null): Promise<Gram>
  /** The Gram matrix of the patches of each of `groups` equal parts of the channels, without holding the patches. */
  patchGram(
    x: Float32Array,
    shape: PatchShape,
    groups: number,
    positions: Uint32Array | null,
    sum: Gram | null,
  ): Promise<Gram>
  /** X Y; tolerance 1e-5. */
  multiply(x: Matrix, y: Matrix): Promise<Matrix>

  // The rest works on stacks: row r of a weight matrix belongs to group floor(r / (rows / groups)).

  /**
   * Lower triangular L with L Lᵀ = A + damping * mean(diagonal) * I; a zero on the diagonal counts as 1. Fails with
   * kernel.notPositive when a pivot is not positive. Tolerance 1e-4 for condition numbers to 1e4.
   */
  cholesky(a: SquareStack, damping: number): Promise<SquareStack>
  /** A⁻¹ B with A = L Lᵀ; B has groups * size rows. Tolerance 1e-3 for condition numbers to 1e4. */
  solve(lower: SquareStack, b: Matrix): Promise<Matrix>
  /** Upper triangular U with Uᵀ U = (A + damping * mean(diagonal) * I)⁻¹, which GPTQ and OBS take. */
  inverseFactor(a: SquareStack, damping: number): Promise<SquareStack>

  /** Blocked GPTQ (Frantar et al. 2022, algorithm 1). @param factor `inverseFactor` of the Gram matrix, columns in order */
  gptq(w: Matrix, factor: SquareStack, options: GptqOptions): Promise<Quantized>
  /** One-shot pruning with weight update (SparseGPT, algorithm 1). Zeros of the result are exact zeros. */
  obsPrune(w: Matrix, factor: SquareStack, options: ObsPruneOptions): Promise<Matrix>
  /** Rounding up or down of each weight by gradient descent on the layer's squared error (AdaRound, section 3), Adam. */
  optimizeRounding(w: Matrix, gram: Gram, options: RoundingOptions): Promise<Rounded>
}
