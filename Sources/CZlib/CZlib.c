#include "CZlib.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <zlib.h>

// One entry for each function used; the types come from zlib's own header.
#define ZLIB_FUNCTIONS(entry)                                                                      \
  entry(inflateInit2_) entry(inflate) entry(inflateEnd) entry(deflateInit2_) entry(deflate)        \
      entry(deflateEnd) entry(crc32)

#define DECLARE(name) __typeof__(name) *name##_;
static struct { ZLIB_FUNCTIONS(DECLARE) } zlib;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded = 0;

static void load(void) {
  void *library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  int found = 1;
#define FIND(name)                                                                                 \
  zlib.name##_ = (__typeof__(name) *)dlsym(library, #name);                                        \
  if (!zlib.name##_) found = 0;
  ZLIB_FUNCTIONS(FIND)
  is_loaded = found;
}

int czlib_available(void) {
  pthread_once(&once, load);
  return is_loaded;
}

int czlib_inflate(const uint8_t *packed, size_t packed_size, uint8_t *bytes, size_t size) {
  if (!czlib_available() || !packed || packed_size > UINT_MAX || size >= UINT_MAX) return 0;
  uint8_t nowhere = 0;
  z_stream stream = {0};
  stream.next_in = (Bytef *)packed;
  stream.avail_in = (uInt)packed_size;
  stream.next_out = size ? bytes : &nowhere;
  stream.avail_out = size ? (uInt)size : 1;
  // Negative window bits: no zlib header.
  if (zlib.inflateInit2__(&stream, -MAX_WBITS, ZLIB_VERSION, (int)sizeof stream) != Z_OK) return 0;
  int outcome = zlib.inflate_(&stream, Z_FINISH);
  int is_whole = outcome == Z_STREAM_END && stream.total_out == size;
  zlib.inflateEnd_(&stream);
  return is_whole;
}

size_t czlib_deflate(const uint8_t *bytes, size_t count, uint8_t *packed, size_t size) {
  if (!czlib_available() || !bytes || count > UINT_MAX || !packed || size > UINT_MAX) return 0;
  z_stream stream = {0};
  stream.next_in = (Bytef *)bytes;
  stream.avail_in = (uInt)count;
  stream.next_out = packed;
  stream.avail_out = (uInt)size;
  // Negative window bits: no zlib header.
  int outcome = zlib.deflateInit2__(
      &stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      (int)sizeof stream);
  if (outcome != Z_OK) return 0;
  size_t written = zlib.deflate_(&stream, Z_FINISH) == Z_STREAM_END ? stream.total_out : 0;
  zlib.deflateEnd_(&stream);
  return written;
}

size_t czlib_inflate_beginning(
    const uint8_t *packed, size_t packed_size, uint8_t *bytes, size_t size) {
  if (!czlib_available() || !packed || packed_size > UINT_MAX || !size || size >= UINT_MAX) return 0;
  z_stream stream = {0};
  stream.next_in = (Bytef *)packed;
  stream.avail_in = (uInt)packed_size;
  stream.next_out = bytes;
  stream.avail_out = (uInt)size;
  if (zlib.inflateInit2__(&stream, MAX_WBITS, ZLIB_VERSION, (int)sizeof stream) != Z_OK) return 0;
  int outcome = zlib.inflate_(&stream, Z_SYNC_FLUSH);
  int is_good = outcome == Z_OK || outcome == Z_STREAM_END || outcome == Z_BUF_ERROR;
  size_t count = is_good ? stream.total_out : 0;
  zlib.inflateEnd_(&stream);
  return count;
}

uint32_t czlib_crc32(const uint8_t *bytes, size_t size) {
  if (!czlib_available() || size >= UINT_MAX) return 0;
  return bytes ? (uint32_t)zlib.crc32_(0, bytes, (uInt)size) : 0;
}
