#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
    apply_to = function)

#define LANES 16
#define VECTORS 2
#define PANEL 32
#define MOST_ROWS 12

#include "product_loops.h"

#include "cell_loops.h"

#include "update_loops.h"

#pragma clang attribute pop

const LiltTraining lilt_training_avx512 = TRAINING_SET("avx512", false);
#endif
