// What GPTQ and one-shot pruning share: columns are settled from left to right, and each one's error is made up for by
// those after it, at once within a block and by one product beyond it.
#ifndef SHOEHORN_KERNELS_COLUMNS_H
#define SHOEHORN_KERNELS_COLUMNS_H

#include "gemm.h"
#include "kernels.h"

/** Rows that one task works on; they are of one group. */
#define TASK_ROWS ((size_t)32)
/** Columns whose errors are gathered before the rest is updated. */
#define LONGEST_BLOCK ((size_t)128)

typedef struct {
  size_t first, count, group;
} rows_t;

/** How the rows of a stacked matrix are shared out. */
typedef struct {
  size_t per_group, bands, count;
} bands_t;

bands_t bands_of(size_t rows, size_t groups, uint32_t threads);
rows_t band_rows(const bands_t *bands, size_t task);

/** Floats of the packed factors; 0 where one block holds all columns. */
size_t packed_floats(size_t groups, size_t columns);
void pack_factors(const float *factor, size_t groups, size_t columns, float *packed, team_t *team);

/** weights[to ..] -= step * u[to ..], one row. */
void compensate(float *row, const float *u, size_t from, size_t to, float step);
/** Columns from `to` on of each row -= errors (rows x stride) of columns [from, to). */
void compensate_rest(float *weights, size_t rows, size_t columns, const float *errors, size_t from, size_t to,
                     const float *packed);

#endif
