#ifndef CALSA_LIBRARY_H
#define CALSA_LIBRARY_H

#include <dlfcn.h>
#include <pthread.h>

// libasound, opened once; NULL where it is not installed.
void *calsa_library(void);

#define CALSA_DECLARE(name) __typeof__(name) *name;
#define CALSA_FIND(name)                                                                           \
  alsa.name = (__typeof__(name) *)dlsym(library, #name);                                           \
  if (!alsa.name) found = 0;

// The functions of a list, as fields of `alsa`, found at the first call of `is_available`.
#define CALSA_LOAD(FUNCTIONS)                                                                      \
  static struct { FUNCTIONS(CALSA_DECLARE) } alsa;                                                 \
  static pthread_once_t once = PTHREAD_ONCE_INIT;                                                  \
  static int is_loaded = 0;                                                                        \
  static void load(void) {                                                                         \
    void *library = calsa_library();                                                               \
    int found = library != NULL;                                                                   \
    if (library) { FUNCTIONS(CALSA_FIND) }                                                         \
    is_loaded = found;                                                                             \
  }                                                                                                \
  static int is_available(void) {                                                                  \
    pthread_once(&once, load);                                                                     \
    return is_loaded;                                                                              \
  }

#endif
