#ifndef CZLIB_H
#define CZLIB_H

#include <stddef.h>
#include <stdint.h>

/// Loads libz.so.1 at the first call, so that starting the program does not pay for it. Returns 1,
/// or 0 when it is not installed.
int czlib_available(void);

/// Inflates a raw deflate stream that is known to hold `size` bytes. Returns 1 when it holds
/// exactly as many, else 0; never writes more.
int czlib_inflate(
    const uint8_t *_Nullable packed, size_t packed_size, uint8_t *_Nullable bytes, size_t size);

/// Deflates bytes to a raw stream of at most `size` bytes. Returns how many it has; 0 where they would
/// be more, or libz is missing.
size_t czlib_deflate(
    const uint8_t *_Nullable bytes, size_t count, uint8_t *_Nullable packed, size_t size);

/// Inflates the beginning of a zlib stream, at most `size` bytes of it. Returns how many there were;
/// 0 for a stream that is damaged before.
size_t czlib_inflate_beginning(
    const uint8_t *_Nullable packed, size_t packed_size, uint8_t *_Nullable bytes, size_t size);

/// The CRC-32 of bytes, as zip archives have it.
uint32_t czlib_crc32(const uint8_t *_Nullable bytes, size_t size);

#endif
