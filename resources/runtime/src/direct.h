/* conv2d and fullyConnected straight from coded weights: packed in fields of 4, 2 or 1 bits, or sparse. */
#ifndef SHOE_DIRECT_H
#define SHOE_DIRECT_H

#include "kernels.h"

/* Whether call->b, direct, has the rows that the operator takes, in a codec that there is a kernel for. */
int shoe_check_direct(const shoe_call *call);

shoe_status shoe_direct(const shoe_call *call);

#endif
