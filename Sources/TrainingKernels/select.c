#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "training_sets.h"

static bool can_run(const LiltTraining *set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (set == &lilt_training_avx512bf16) {
    return has_avx512 && __builtin_cpu_supports("avx512bf16");
  }
  if (set == &lilt_training_avx512) return has_avx512;
  if (set == &lilt_training_avx2) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  }
#endif
  return set != NULL;
}

// Best first.
static const LiltTraining *const sets[] = {
#if defined(__x86_64__)
    &lilt_training_avx512bf16,
    &lilt_training_avx512,
    &lilt_training_avx2,
#endif
    &lilt_training_portable,
};

const LiltTraining *lilt_training_named(const char *name) {
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    if (strcmp(sets[i]->name, name) == 0 && can_run(sets[i])) return sets[i];
  }
  return NULL;
}

const LiltTraining *lilt_training(void) {
  const char *wanted = getenv("LILT_KERNELS");
  // Sets that differ only in how bytes are multiplied, or in having bfloat16 besides.
  if (wanted != NULL && strcmp(wanted, "avxvnni") == 0) wanted = "avx2";
  if (wanted != NULL && strcmp(wanted, "avx512") == 0) wanted = NULL;
  const LiltTraining *named = wanted != NULL ? lilt_training_named(wanted) : NULL;
  if (named != NULL) return named;
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    if (can_run(sets[i])) return sets[i];
  }
  return &lilt_training_portable;
}

size_t lilt_panel_words(int depth, int columns, int width, bool is_bfloat16) {
  const size_t words = is_bfloat16 ? ((size_t)depth + 1) / 2 : (size_t)depth;
  const size_t padded = ((size_t)columns + (size_t)width - 1) / (size_t)width * (size_t)width;
  return words * padded;
}

void *lilt_training_allocate(size_t size) {
  const size_t large = 2 << 20;
  const size_t page = size >= large ? large : 64;
  // Products read up to three words more than there are.
  const size_t rounded = (size + 64 + page - 1) / page * page;
  if (rounded < size) return NULL;
  void *memory = aligned_alloc(page, rounded);
  if (memory == NULL) return NULL;
  if (page == large) (void)madvise(memory, rounded, MADV_HUGEPAGE);
  memset(memory, 0, rounded);
  return memory;
}

void lilt_training_release(void *memory) { free(memory); }

void lilt_training_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}
