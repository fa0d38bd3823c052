#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define LANES 8
#define HAS_FUSED_MULTIPLY_ADD 1
#define WEIGHT_OFFSET 0
#define MOST_STREAMS 6
#define MOST_HALF 3
#define MOST_HALF_BYTES 2
#define SPLITS_INPUTS 1
#define VECTOR_REGISTER "x"
#define MOST_WHOLE 1

/// vpmaddubsw multiplies unsigned bytes with signed ones and adds two products in 16 bits. With
/// magnitudes up to 127 on one side and -128...127 on the other that is at most 32512 and never
/// saturates. -w - 1, which an exclusive or makes of a weight under a negative input, takes the
/// input's magnitude off besides; that is put right once for each stream. Exclusive ors run where
/// multiplications do not.
#define DOT(sums, weights, four)                                                   \
  ((sums) + (Ints)_mm256_madd_epi16(                                               \
                _mm256_maddubs_epi16(                                              \
                    (__m256i)(four).magnitudes, (__m256i)((weights) ^ (four).signs)), \
                _mm256_set1_epi16(1)))
#define DOT_NIBBLES(sums, weights, inputs)                                         \
  ((sums) + (Ints)_mm256_madd_epi16(                                               \
                _mm256_maddubs_epi16((__m256i)(weights), (__m256i)(inputs)),       \
                _mm256_set1_epi16(1)))

#include "kernel_loops.h"

#pragma clang attribute pop

const LiltKernels lilt_avx2 = KERNEL_SET("avx2", true);
#endif
