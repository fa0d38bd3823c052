#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define LANES 8
#define VECTORS 2
#define PANEL 16
#define MOST_ROWS 6

#include "product_loops.h"

#include "cell_loops.h"

#include "update_loops.h"

#pragma clang attribute pop

const LiltTraining lilt_training_avx2 = TRAINING_SET("avx2", false);
#endif
