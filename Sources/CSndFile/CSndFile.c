#include "CSndFile.h"

#include <dlfcn.h>
#include <pthread.h>

// One entry for each function used; the types come from libsndfile's own header.
#define SOUND_FILE_FUNCTIONS(entry)                                                                \
  entry(sf_format_check) entry(sf_open) entry(sf_close) entry(sf_strerror) entry(sf_error_number) \
  entry(sf_writef_short) entry(sf_writef_float) entry(sf_readf_float)

#define DECLARE(name) __typeof__(name) *name##_;
static struct { SOUND_FILE_FUNCTIONS(DECLARE) } library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded = 0;

static void load(void) {
  void *handle = dlopen("libsndfile.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return;
  int found = 1;
#define FIND(name)                                                                                 \
  library.name##_ = (__typeof__(name) *)dlsym(handle, #name);                                      \
  if (!library.name##_) found = 0;
  SOUND_FILE_FUNCTIONS(FIND)
  is_loaded = found;
}

int csnd_available(void) {
  pthread_once(&once, load);
  return is_loaded;
}

int csnd_format_check(const SF_INFO *info) { return library.sf_format_check_(info); }

SNDFILE *csnd_open(const char *path, int mode, SF_INFO *info) {
  return library.sf_open_(path, mode, info);
}

int csnd_close(SNDFILE *file) { return library.sf_close_(file); }

const char *csnd_strerror(SNDFILE *file) { return library.sf_strerror_(file); }

const char *csnd_error_number(int error) { return library.sf_error_number_(error); }

sf_count_t csnd_writef_short(SNDFILE *file, const short *samples, sf_count_t frames) {
  return library.sf_writef_short_(file, samples, frames);
}

sf_count_t csnd_writef_float(SNDFILE *file, const float *samples, sf_count_t frames) {
  return library.sf_writef_float_(file, samples, frames);
}

sf_count_t csnd_readf_float(SNDFILE *file, float *samples, sf_count_t frames) {
  return library.sf_readf_float_(file, samples, frames);
}
