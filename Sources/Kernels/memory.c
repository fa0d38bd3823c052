#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "Kernels.h"

// From 12 MB up, 4 KB pages cost a fifth to a half of the read bandwidth.
static const size_t huge_page = (size_t)2 << 20;

static bool is_mapped(size_t size) { return size >= huge_page / 2; }

static size_t mapped_size(size_t size) { return (size + huge_page - 1) & ~(huge_page - 1); }

void *lilt_allocate(size_t size) {
  if (size > SIZE_MAX / 2) return NULL;
  if (!is_mapped(size)) {
    void *memory = aligned_alloc(64, (size + 64) & ~(size_t)63);
    if (memory != NULL) memset(memory, 0, size);
    return memory;
  }
  // Map one page more than needed and give back what lies before and after the aligned part.
  size_t length = mapped_size(size);
  char *start = mmap(
      NULL, length + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return NULL;
  char *aligned = (char *)(((uintptr_t)start + huge_page - 1) & ~(uintptr_t)(huge_page - 1));
  size_t before = (size_t)(aligned - start);
  if (before > 0) munmap(start, before);
  if (before < huge_page) munmap(aligned + length, huge_page - before);
#ifdef MADV_HUGEPAGE
  madvise(aligned, length, MADV_HUGEPAGE);
#endif
  return aligned;
}

void lilt_release(void *memory, size_t size) {
  if (memory == NULL) return;
  if (is_mapped(size)) {
    munmap(memory, mapped_size(size));
  } else {
    free(memory);
  }
}

size_t lilt_cache_size(void) {
#ifdef _SC_LEVEL2_CACHE_SIZE
  const long size = sysconf(_SC_LEVEL2_CACHE_SIZE);
  if (size >= 1 << 17) return (size_t)size;
#endif
  return (size_t)1 << 20;
}

int lilt_packed_depth(LiltFormat format, int inputs) {
  static const int multiples[] = {1, 1, 4, LILT_BLOCK};
  const int multiple = multiples[format];
  return (inputs + multiple - 1) / multiple * multiple;
}

size_t lilt_packed_size(LiltFormat format, int rows, int depth) {
  const size_t weights = (size_t)rows * (size_t)depth;
  switch (format) {
    case LILT_FLOAT32: return weights * 4;
    case LILT_BFLOAT16: return weights * 2;
    case LILT_INT8: return weights;
    // Half a byte each, and 2 for the scale of a block.
    case LILT_INT4: return weights / LILT_BLOCK * (LILT_BLOCK / 2 + 2);
  }
  return 0;
}

size_t lilt_pack_scratch(const LiltKernels *kernels, const int depth[2]) {
  return (size_t)kernels->lanes * (size_t)(depth[0] + depth[1]) + 64;
}

size_t lilt_input_size(LiltFormat format, int count) {
  const size_t bytes = ((size_t)count + LILT_BLOCK - 1) / LILT_BLOCK * LILT_BLOCK;
  if (format == LILT_FLOAT32 || format == LILT_BFLOAT16) return ((size_t)count * 4 + 63) & ~(size_t)63;
  // Three times where a set wants magnitudes and signs as well, and two sums for each 64.
  const size_t sums = (bytes / LILT_BLOCK * sizeof(int32_t) + 63) & ~(size_t)63;
  return 3 * bytes + 2 * sums;
}

// One block for each thread, freed when the thread ends.
static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static _Thread_local struct {
  void *memory;
  size_t size;
} scratch;

static void make_scratch_key(void) { pthread_key_create(&scratch_key, free); }

void *lilt_scratch(size_t size) {
  if (scratch.size >= size && scratch.memory != NULL) return scratch.memory;
  pthread_once(&scratch_once, make_scratch_key);
  const size_t rounded = (size + 4095) & ~(size_t)4095;
  void *memory = rounded < size ? NULL : aligned_alloc(64, rounded);
  if (memory == NULL) return NULL;
  memset(memory, 0, rounded);
  free(scratch.memory);
  scratch.memory = memory;
  scratch.size = rounded;
  pthread_setspecific(scratch_key, memory);
  return memory;
}
