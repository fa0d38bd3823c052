#ifndef LILT_KERNEL_SETS_H
#define LILT_KERNEL_SETS_H

#include "Kernels.h"

#if defined(__x86_64__)
extern const LiltKernels lilt_avx512;
extern const LiltKernels lilt_avxvnni;
extern const LiltKernels lilt_avx2;
#endif
#if defined(__aarch64__)
extern const LiltKernels lilt_neon;
#endif
extern const LiltKernels lilt_portable;

#endif
