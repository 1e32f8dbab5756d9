#include "walk.h"

enum { LAST = SHOE_MAX_RANK - 1 };

void shoe_walk_over(shoe_walk *walk, const shoe_view *shape) {
    const uint32_t missing = SHOE_MAX_RANK - (uint32_t)shape->rank;
    for (uint32_t d = 0; d < SHOE_MAX_RANK; ++d) {
        walk->dims[d] = d < missing ? 1 : shape->dims[d - missing];
        walk->index[d] = 0;
        walk->step[0][d] = walk->step[1][d] = 0;
    }
    walk->at[0] = walk->at[1] = 0;
}

void shoe_walk_broadcast(shoe_walk *walk, uint32_t i, const shoe_view *view) {
    const uint32_t missing = SHOE_MAX_RANK - (uint32_t)view->rank;
    int32_t stride = 1;
    for (uint32_t d = SHOE_MAX_RANK; d-- > missing;) {
        const uint32_t dim = view->dims[d - missing];
        walk->step[i][d] = dim == 1 ? 0 : stride;
        stride *= (int32_t)dim;
    }
}

/* Whether dimension `d` goes on for operand `i` where the row ends. */
static int continues(const shoe_walk *walk, uint32_t i, uint32_t d) {
    return (int64_t)walk->step[i][d] == (int64_t)walk->step[i][LAST] * walk->dims[LAST];
}

void shoe_walk_join(shoe_walk *walk) {
    for (uint32_t d = LAST; d-- > 0;) {
        if (walk->dims[d] == 1) continue;
        if (walk->dims[LAST] == 1) {
            walk->step[0][LAST] = walk->step[0][d];
            walk->step[1][LAST] = walk->step[1][d];
        } else if (!continues(walk, 0, d) || !continues(walk, 1, d)) {
            return;
        }
        walk->dims[LAST] *= walk->dims[d];
        walk->dims[d] = 1;
    }
}

int shoe_walk_next(shoe_walk *walk) {
    for (uint32_t d = LAST; d-- > 0;) {
        walk->at[0] += walk->step[0][d];
        walk->at[1] += walk->step[1][d];
        if (++walk->index[d] < walk->dims[d]) return 1;
        walk->at[0] -= walk->step[0][d] * (int32_t)walk->dims[d];
        walk->at[1] -= walk->step[1][d] * (int32_t)walk->dims[d];
        walk->index[d] = 0;
    }
    return 0;
}
