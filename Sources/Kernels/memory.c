#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

size_t lilt_packed_size(LiltFormat format, int rows, int depth) {
  static const size_t bytes[] = {4, 2, 1};
  return (size_t)rows * (size_t)depth * bytes[format];
}
