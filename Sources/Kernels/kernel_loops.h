// The kernels themselves, compiled once for each kind of processor.
//
// Before including this, define
//   LANES                    32-bit numbers in a vector
//   HAS_FUSED_MULTIPLY_ADD   whether the processor rounds a * b + c only once
//   WEIGHT_OFFSET            what is added to weights of one byte
//   MOST_STREAMS             streams of a tile of two vectors
//   MOST_HALF, MOST_HALF_BYTES          of four vectors, for floats and for bytes
//   MOST_WHOLE               of eight vectors
//   SPLITS_INPUTS            whether bytes are multiplied as magnitudes and signs
//   DOT(sums, weights, inputs)          adds four products of bytes to each 32-bit sum; with
//                                       SPLITS_INPUTS, less the magnitudes of negative inputs
//   DOT_NIBBLES(sums, weights, inputs)  the same for weights 0...15

#include <string.h>

#include "kernel_sets.h"

// A product and a sum are fused only where the text says so, or the bits would depend on the set.
#pragma STDC FP_CONTRACT OFF

/// Bytes of a packed group.
#define GROUP_BYTES(format, rows, depth)                                                         \
  ((format) == LILT_FLOAT32    ? (size_t)(rows) * (size_t)(depth) * 4                            \
   : (format) == LILT_BFLOAT16 ? (size_t)(rows) * (size_t)(depth) * 2                            \
   : (format) == LILT_INT8     ? (size_t)(rows) * (size_t)(depth)                                \
                               : (size_t)(rows) * (size_t)(depth) / LILT_BLOCK * 34)

// Prepared bytes: the bytes themselves, the sum of each 64; with SPLITS_INPUTS also magnitudes, signs,
// and the sum of the magnitudes of the negative ones of each 64.
#define BYTES_OF(depth) (((size_t)(depth) + LILT_BLOCK - 1) / LILT_BLOCK * LILT_BLOCK)
#define SUM_BYTES_OF(depth) ((BYTES_OF(depth) / LILT_BLOCK * 4 + 63) / 64 * 64)
#define SUMS_AT(depth) BYTES_OF(depth)
#define MAGNITUDES_AT(depth) (SUMS_AT(depth) + SUM_BYTES_OF(depth))
#define SIGNS_AT(depth) (MAGNITUDES_AT(depth) + BYTES_OF(depth))
#define NEGATIVES_AT(depth) (SIGNS_AT(depth) + BYTES_OF(depth))

#include "kernel_vectors.h"

typedef uint16_t Halves __attribute__((vector_size(2 * LANES)));

#ifdef NEEDS_FOUR_PRODUCTS
/// Four products of bytes for each 32-bit number.
INLINE Ints four_products(Ints weights, Ints inputs) {
  Ints sum = {0};
  for (int byte = 0; byte < 4; byte++) {
    int up = 24 - 8 * byte;
    sum += ((weights << up) >> 24) * ((inputs << up) >> 24);
  }
  return sum;
}
#endif

#include "kernel_products.h"
#include "kernel_blocked.h"
#include "kernel_lstm.h"
#include "kernel_packing.h"
#include "kernel_drawing.h"
#include "kernel_memory.h"

#define KERNEL_SET(set_name, has_fast_bytes)                                                     \
  {                                                                                              \
      .name = set_name, .lanes = LANES, .prefers_int8 = has_fast_bytes, .pack = pack,            \
      .lstm = lstm, .lstm_part = lstm_part, .dense = dense, .quantize = quantize, .largest = largest, .widen = widen,    \
      .read = read_all, .checksum = checksum, .spread = spread, .choose = choose, .likelier = likelier,                \
      .multiply = multiply, .squash = squash, .product = product, .recall = recall,                                                                      \
  }
