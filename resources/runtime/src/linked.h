/*
 * What is compiled in: everything by default. A library made for one model names the kinds of operator and the ways of storing
 * weights that it has; the rest is never called, is refused when a pack asks for it, and its source files may be left out.
 * A call under a constant condition is removed at any level of optimisation; a static function that calls what may be left out
 * is left out by the preprocessor.
 */
#ifndef SHOE_LINKED_H
#define SHOE_LINKED_H

#include "shoe.h"

/* Bit n: operators of kind n (shoe_kind) */
#ifndef SHOE_KINDS
#define SHOE_KINDS 0x7ffffe
#endif

/* Bit n: constants stored in way n (SHOE_PLAIN ...) */
#ifndef SHOE_STORAGES
#define SHOE_STORAGES 0xf
#endif

/* Codecs with direct kernels, bit n for codec n: those of SHOE_CODECS by default */
#ifndef SHOE_DIRECT_CODECS
#if defined(SHOE_CODECS)
#define SHOE_DIRECT_CODECS SHOE_CODECS
#else
#define SHOE_DIRECT_CODECS 0x3ff
#endif
#endif

#define SHOE_HAS_KIND(kind) (((uint32_t)SHOE_KINDS >> (kind)) & 1u)
#define SHOE_HAS_STORAGE(storage) (((uint32_t)SHOE_STORAGES >> (storage)) & 1u)
#define SHOE_HAS_RESIDENT (((SHOE_STORAGES) >> 3) & 1)
#define SHOE_HAS_CODED (((uint32_t)SHOE_STORAGES >> 1) != 0)

#endif
