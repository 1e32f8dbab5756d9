/* Going over all positions of a tensor of up to six dimensions, row by row, with up to two strided operands alongside. */
#ifndef SHOE_WALK_H
#define SHOE_WALK_H

#include "model.h"

/* Dimensions are right-aligned, filled with 1 on the left. The last one is the row, which the caller loops over. */
typedef struct {
    uint32_t dims[SHOE_MAX_RANK];
    uint32_t index[SHOE_MAX_RANK];
    int32_t step[2][SHOE_MAX_RANK]; /* elements from one position to the next, per operand */
    int32_t at[2];                  /* offset of the row's first element, per operand */
} shoe_walk;

/* Starts at the first row of `shape`, both operands standing still. */
void shoe_walk_over(shoe_walk *walk, const shoe_view *shape);

/* Operand `i` is `view`, repeated along its dimensions of size 1 and those it lacks. */
void shoe_walk_broadcast(shoe_walk *walk, uint32_t i, const shoe_view *view);

/* Makes the row as long as possible: joins it with dimensions before it that both operands cross evenly. */
void shoe_walk_join(shoe_walk *walk);

/* Goes to the next row; 0 when there is none. */
int shoe_walk_next(shoe_walk *walk);

#endif
