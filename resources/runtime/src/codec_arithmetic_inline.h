/* Where speed counts, everything is one function and the model lives in registers. */
#ifndef SHOE_ARITHMETIC_INLINE_H
#define SHOE_ARITHMETIC_INLINE_H

#if defined(__OPTIMIZE_SIZE__) || !defined(__GNUC__)
#define FAST 0
#define APART static
#define INLINE static inline
#else
#define FAST 1
#define APART static __attribute__((noinline))
#define INLINE static inline __attribute__((always_inline))
#endif

#endif
