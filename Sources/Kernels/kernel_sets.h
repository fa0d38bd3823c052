#ifndef LILT_KERNEL_SETS_H
#define LILT_KERNEL_SETS_H

#include "Kernels.h"

#if defined(__x86_64__)
extern const LiltKernels lilt_avx512;
extern const LiltKernels lilt_avx2;
#endif
/// NEON where the processor is a 64-bit ARM, plain C elsewhere.
extern const LiltKernels lilt_portable;

#endif
