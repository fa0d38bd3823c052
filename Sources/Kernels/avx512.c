#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma"))), \
    apply_to = function)

#define LANES 16
#define HAS_FUSED_MULTIPLY_ADD 1
/// vpdpbusd wants one side unsigned: weights are kept 128 higher.
#define WEIGHT_OFFSET 128
#define MOST_STREAMS 6
#define MOST_HALF 6
#define MOST_HALF_BYTES 6
#define SPLITS_INPUTS 0
#define VECTOR_REGISTER "v"
#define MOST_WHOLE 3
#define DOT(sums, weights, inputs) \
  ((Ints)_mm512_dpbusd_epi32((__m512i)(sums), (__m512i)(weights), (__m512i)(inputs)))
#define DOT_NIBBLES DOT

#include "kernel_loops.h"

#pragma clang attribute pop

const LiltKernels lilt_avx512 = KERNEL_SET("avx512", true);
#endif
