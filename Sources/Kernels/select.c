#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#include "kernel_sets.h"

static bool can_run(const LiltKernels *set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (set == &lilt_avx512) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
  }
  if (set == &lilt_avxvnni) {
    // Leaf 7.1, EAX bit 4; older compilers have no name for it.
    unsigned a = 0, b = 0, c = 0, d = 0;
    return has_avx2 && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 1u << 4) != 0;
  }
  if (set == &lilt_avx2) return has_avx2;
#endif
#if defined(__aarch64__)
  if (set == &lilt_neon) {
#if defined(__linux__)
    const unsigned long dot_product = 1ul << 20;  // HWCAP_ASIMDDP
    return (getauxval(AT_HWCAP) & dot_product) != 0;
#else
    return true;
#endif
  }
#endif
  return set != NULL;
}

// Best first.
static const LiltKernels *const sets[] = {
#if defined(__x86_64__)
    &lilt_avx512, &lilt_avxvnni, &lilt_avx2,
#endif
#if defined(__aarch64__)
    &lilt_neon,
#endif
    &lilt_portable,
};

const LiltKernels *lilt_kernels_named(const char *name) {
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    if (strcmp(sets[i]->name, name) == 0 && can_run(sets[i])) return sets[i];
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
