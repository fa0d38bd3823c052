#ifndef LILT_TRAINING_SETS_H
#define LILT_TRAINING_SETS_H

#include "TrainingKernels.h"

#if defined(__x86_64__)
extern const LiltTraining lilt_training_avx512bf16;
extern const LiltTraining lilt_training_avx512;
extern const LiltTraining lilt_training_avx2;
#endif
extern const LiltTraining lilt_training_portable;

#endif
