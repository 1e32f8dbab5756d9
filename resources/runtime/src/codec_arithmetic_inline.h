/* How the arithmetic codec is compiled. Where speed counts, on the host, a tensor's loop is one function with the model in
 * registers, once for each kind of model; on microcontrollers there is one loop, compiled for size, and its larger parts (SHARED) are
 * there once. */
#ifndef SHOE_CODEC_ARITHMETIC_INLINE_H
#define SHOE_CODEC_ARITHMETIC_INLINE_H

#if !defined(__GNUC__)
#define FAST 0
#define INLINE static inline
#define ALWAYS static inline
#define SHARED static
#define APART static
#elif defined(__OPTIMIZE_SIZE__) || (defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M') || defined(__ARM_ARCH_6M__)
#define FAST 0
#if !defined(__clang__)
#pragma GCC optimize("Os")
#endif
#define INLINE static inline
#define ALWAYS static inline __attribute__((always_inline))
#define SHARED static __attribute__((noinline))
#define APART static
#else
#define FAST 1
#define INLINE static inline __attribute__((always_inline))
#define ALWAYS INLINE
#define SHARED INLINE
#define APART static __attribute__((noinline))
#endif

#endif
