// 64-bit ARM with the dot product of bytes, which every one since 2018 has.
#if defined(__aarch64__)
#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#define LANES 4
#define HAS_FUSED_MULTIPLY_ADD 1
#define WEIGHT_OFFSET 0
#define MOST_STREAMS 6
#define MOST_HALF 6
#define MOST_HALF_BYTES 6
#define SPLITS_INPUTS 0
#define VECTOR_REGISTER "w"
#define MOST_WHOLE 3
#define DOT(sums, weights, inputs) \
  ((Ints)vdotq_s32((int32x4_t)(sums), (int8x16_t)(weights), (int8x16_t)(inputs)))
#define DOT_NIBBLES DOT

#include "kernel_loops.h"

#pragma clang attribute pop

const LiltKernels lilt_neon = KERNEL_SET("neon", true);
#endif
