#ifndef CEXPAT_H
#define CEXPAT_H

#include <stddef.h>
#include <stdint.h>

/// What a document consists of, in its order; each function gets the context first and returns 0 to
/// go on. Names and texts are UTF-8 and belong to the parser.
typedef struct {
  int (*_Nonnull start)(
      void *_Nonnull context, const char *_Nonnull name,
      const char *_Nullable const *_Nonnull attributes);
  int (*_Nonnull end)(void *_Nonnull context);
  int (*_Nonnull text)(void *_Nonnull context, const char *_Nonnull bytes, int count);
} cexpat_handlers;

typedef enum {
  CEXPAT_READ = 0,
  /// libexpat.so.1 is not installed.
  CEXPAT_MISSING,
  /// The document is no XML: `place` says where and why.
  CEXPAT_MALFORMED,
  /// It declares entities of its own, which are never expanded.
  CEXPAT_ENTITIES,
  /// A handler stopped it.
  CEXPAT_STOPPED,
} cexpat_outcome;

typedef struct {
  unsigned long line, column;
  /// Of expat; never freed.
  const char *_Nullable reason;
} cexpat_place;

/// Loads libexpat.so.1 at the first call, so that starting the program does not pay for it. Returns 1,
/// or 0 when it is not installed.
int cexpat_available(void);

/// Reads a whole document. Entities are not expanded, nothing outside of the bytes is read.
cexpat_outcome cexpat_read(
    const uint8_t *_Nullable bytes, size_t size, cexpat_handlers handlers, void *_Nonnull context,
    cexpat_place *_Nonnull place);

#endif
