#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define LANES 8
#define HAS_FUSED_MULTIPLY_ADD 1
#define WEIGHT_OFFSET 0
#define MOST_STREAMS 2
#define MOST_WHOLE 1

/// vpmaddubsw adds two products in 16 bits. With magnitudes up to 127 on both sides that is at most
/// 32258 and never saturates; the sign of the input is moved to the weight.
#define DOT(sums, weights, inputs)                                                 \
  ((sums) + (Ints)_mm256_madd_epi16(                                               \
                _mm256_maddubs_epi16(                                              \
                    _mm256_abs_epi8((__m256i)(inputs)),                            \
                    _mm256_sign_epi8((__m256i)(weights), (__m256i)(inputs))),      \
                _mm256_set1_epi16(1)))
#define DOT_NIBBLES(sums, weights, inputs)                                         \
  ((sums) + (Ints)_mm256_madd_epi16(                                               \
                _mm256_maddubs_epi16((__m256i)(weights), (__m256i)(inputs)),       \
                _mm256_set1_epi16(1)))

#include "kernel_loops.h"

#pragma clang attribute pop

const LiltKernels lilt_avx2 = KERNEL_SET("avx2", true);
#endif
