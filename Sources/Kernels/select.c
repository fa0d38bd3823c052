#include <stdlib.h>
#include <string.h>

#include "kernel_sets.h"

static bool can_run(const LiltKernels *set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (set == &lilt_avx512) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
  }
  if (set == &lilt_avx2) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  }
#endif
  return set != NULL;
}

// Best first.
static const LiltKernels *const sets[] = {
#if defined(__x86_64__)
    &lilt_avx512,
    &lilt_avx2,
#endif
    &lilt_portable,
};

const LiltKernels *lilt_kernels_named(const char *name) {
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    if ((strcmp(sets[i]->name, name) == 0 ||
         (sets[i] == &lilt_portable && strcmp(name, "portable") == 0)) &&
        can_run(sets[i])) {
      return sets[i];
    }
  }
  return NULL;
}

const LiltKernels *lilt_kernels(void) {
  const char *wanted = getenv("LILT_KERNELS");
  const LiltKernels *named = wanted != NULL ? lilt_kernels_named(wanted) : NULL;
  if (named != NULL) return named;
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    if (can_run(sets[i])) return sets[i];
  }
  return &lilt_portable;
}
