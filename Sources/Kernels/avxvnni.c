#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)

#define LANES 8
#define HAS_FUSED_MULTIPLY_ADD 1
/// vpdpbusd wants one side unsigned: weights are kept 128 higher.
#define WEIGHT_OFFSET 128
#define MOST_STREAMS 6
#define MOST_HALF 3
#define MOST_HALF_BYTES 3
#define SPLITS_INPUTS 0
#define VECTOR_REGISTER "x"
#define MOST_WHOLE 1
#define DOT(sums, weights, inputs) \
  ((Ints)_mm256_dpbusd_avx_epi32((__m256i)(sums), (__m256i)(weights), (__m256i)(inputs)))
#define DOT_NIBBLES DOT

#include "kernel_loops.h"

#pragma clang attribute pop

const LiltKernels lilt_avxvnni = KERNEL_SET("avxvnni", true);
#endif
