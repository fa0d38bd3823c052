#ifndef LILT_KERNELS_H
#define LILT_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The inner loops of a recurrent network, one set for each kind of processor.
//
// Every set gives the same bits. A 32-bit sum takes its terms in the order of the inputs, one fused
// multiply-add each; sums of bytes are exact; exp and tanh are the same polynomials everywhere.

/// How weights are kept.
typedef enum {
  LILT_FLOAT32 = 0,
  /// The upper half of a 32-bit float; products and sums are those of 32-bit floats.
  LILT_BFLOAT16 = 1,
  /// Whole numbers -127...127 with one scale for each row; inputs are bytes too.
  LILT_INT8 = 2
} LiltFormat;

/// A matrix packed as `[group][input][row of the group]`, so that a product reads it as one stream.
///
/// Inputs come in two parts (what the layer below says, and the layer's own last output), whose
/// weights follow each other within a group.
typedef struct {
  LiltFormat format;
  /// Groups of `vectors * lanes` rows each.
  int groups;
  /// Vectors of rows in a group, 1...8.
  int vectors;
  /// Inputs of each part; a multiple of 4 in `LILT_INT8`.
  int depth[2];
  const void *weights;
  /// One for each row. `scale` and `offset` are used by `LILT_INT8` only.
  const float *bias;
  const float *scale;
  const int32_t *offset;
} LiltMatrix;

typedef struct {
  const char *name;
  /// 32-bit numbers in a vector.
  int lanes;
  /// Whether bytes are faster than floats.
  bool prefers_int8;

  /// Writes `rows` weights of `depth[0] + depth[1]` inputs into the packed order.
  ///
  /// Row r of the packed matrix is row `source[r]` of `first` and of `second`, or zero where
  /// `source[r]` is negative. `stride` is the row length of each part in memory.
  /// `scale`, `offset` and `scratch` (`depth[0] + depth[1]` floats) are for `LILT_INT8`.
  void (*pack)(
      LiltFormat format, int groups, int vectors, const int32_t *source, const float *first,
      const float *second, const int depth[2], const int stride[2], void *weights, float *scale,
      int32_t *offset, float *scratch);

  /// One step of a long short-term memory: gates in the order input, forget, cell, output.
  ///
  /// `below` and `own` are floats, or bytes from `quantize`, as the matrix wants them. `addend`
  /// (one for each packed row) may be null. `hidden` is written, `cell` updated: `groups * lanes
  /// * 2` floats each.
  void (*lstm)(
      const LiltMatrix *matrix, const void *below, const void *own, const float *addend,
      float *hidden, float *cell);

  /// `matrix * input + bias`, negative results replaced by 0 when `rectified`.
  ///
  /// `input_scale` is what one unit of a byte input is worth.
  void (*dense)(
      const LiltMatrix *matrix, const void *input, float input_scale, bool rectified,
      float *output);

  /// Brings `value * factor` to whole numbers -127...127, as the products of this set want them.
  void (*quantize)(const float *values, int count, float factor, uint8_t *bytes);

  /// The largest magnitude.
  float (*largest)(const float *values, int count);

  /// 16-bit numbers to floats; false when one of them is not finite.
  bool (*widen)(const void *values, size_t count, bool is_bfloat16, float *floats);

  /// Reads every byte once: what a product costs when arithmetic is free.
  uint64_t (*read)(const void *bytes, size_t count);
} LiltKernels;

/// The best set for this processor, or the one that `LILT_KERNELS` names (avx512, avx2, neon,
/// portable) where it can run here.
const LiltKernels *lilt_kernels(void);

/// A set by name; null when this processor or this build cannot run it.
const LiltKernels *lilt_kernels_named(const char *name);

/// Bytes of the weights of a packed matrix.
size_t lilt_packed_size(LiltFormat format, int rows, int depth);

/// Whether every one is a finite number.
bool lilt_are_finite(const float *values, size_t count);

/// The nearest 16-bit number, ties to even; infinite where there is none.
uint16_t lilt_half(float value);
uint16_t lilt_bfloat16(float value);

/// Goes on from `value` through all bytes.
uint64_t lilt_hash(uint64_t value, const void *bytes, size_t count);

/// Zeroed memory at a multiple of 64 bytes, in 2 MB pages where that is worth while; null when
/// there is none.
void *lilt_allocate(size_t size);
void lilt_release(void *memory, size_t size);

#endif
