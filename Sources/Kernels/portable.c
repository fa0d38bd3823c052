// Vectors of four, which every compiler turns into what the processor has: NEON, SSE2 or scalars.

#define LANES 4
#if defined(__aarch64__) || defined(__FMA__)
#define HAS_FUSED_MULTIPLY_ADD 1
#else
#define HAS_FUSED_MULTIPLY_ADD 0
#endif
#define WEIGHT_OFFSET 0
#define MOST_STREAMS 1
#define MOST_HALF 1
#define MOST_HALF_BYTES 1
#define SPLITS_INPUTS 0
#define VECTOR_REGISTER "m"
#define MOST_WHOLE 1
#define NEEDS_FOUR_PRODUCTS
#define DOT(sums, weights, inputs) ((sums) + four_products((weights), (inputs)))
#define DOT_NIBBLES DOT

#include "kernel_loops.h"

const LiltKernels lilt_portable = KERNEL_SET("portable", !HAS_FUSED_MULTIPLY_ADD);
