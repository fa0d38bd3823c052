#ifndef CHDF5_H
#define CHDF5_H

#include <stddef.h>
#include <stdint.h>

/// How reading an HDF5 file ended.
typedef enum {
  CHDF5_DONE,
  /// libhdf5 is not installed.
  CHDF5_NO_LIBRARY,
  /// The library does not take the bytes for an HDF5 file, or gave up inside it.
  CHDF5_NOT_READ,
  /// The library crashed, or used more memory or time than it may.
  CHDF5_STOPPED,
  /// There is more in the file than `limit` bytes.
  CHDF5_TOO_LARGE,
  /// No process or pipe could be made.
  CHDF5_NO_PROCESS,
} chdf5_outcome;

/// Whether libhdf5 is installed; loads it at the first call, so that starting the program does not
/// pay for it.
int chdf5_available(void);

/// Reads everything in an HDF5 file that is given as bytes.
///
/// The library runs in a child process that can neither see files nor outlive `seconds`, nor
/// compute for longer than `cpu_seconds`, because damaged files can crash it. What it finds comes back as one block of records, all numbers
/// little-endian, texts as a 32-bit length and bytes:
///
///     'G' path                                   a group, before what is in it
///     'S' name count(32) texts                   an attribute of the object before: texts
///     'N' name count(32) doubles                 … numbers
///     'D' path kind(8) rank(32) sizes(64)        a dataset; kind is 2, 4 or 8 (bytes of a float)
///         floats(32 bits each)                   or 0 for anything else, without data
///     'E'                                        the end
///
/// `*out` is freed with `chdf5_free`; it is NULL unless the outcome is `CHDF5_DONE`.
chdf5_outcome chdf5_read(
    const uint8_t *_Nonnull file, size_t size, size_t limit, int seconds, int cpu_seconds,
    uint8_t *_Nullable *_Nonnull out, size_t *_Nonnull out_size);

void chdf5_free(uint8_t *_Nullable bytes);

#endif
