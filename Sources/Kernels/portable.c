// Vectors of four, which every compiler turns into what the processor has: NEON, SSE2 or scalars.

#define LANES 4
#if defined(__aarch64__) || defined(__FMA__)
#define HAS_FUSED_MULTIPLY_ADD 1
#else
#define HAS_FUSED_MULTIPLY_ADD 0
#endif
#define INPUT_OFFSET 0
#define DOT(sums, weights, inputs) ((sums) + four_products((weights), (inputs)))

#include "kernel_loops.h"

#if defined(__aarch64__)
const LiltKernels lilt_portable = KERNEL_SET("neon", false);
#else
const LiltKernels lilt_portable = KERNEL_SET("portable", true);
#endif
