// The kernels themselves, compiled once for each kind of processor.
//
// Before including this, define
//   LANES                    32-bit numbers in a vector
//   HAS_FUSED_MULTIPLY_ADD   whether the processor rounds a * b + c only once
//   INPUT_OFFSET             what is added to byte inputs
//   DOT(sums, weights, inputs)  adds four products of bytes to each 32-bit sum

#include <string.h>

#include "kernel_sets.h"

// A product and a sum are fused only where the text says so, or the bits would depend on the set.
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

typedef float Floats __attribute__((vector_size(4 * LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * LANES)));
typedef double Doubles __attribute__((vector_size(8 * LANES)));
typedef int64_t Longs __attribute__((vector_size(8 * LANES)));
typedef int8_t Bytes __attribute__((vector_size(LANES)));
typedef int8_t ManyBytes __attribute__((vector_size(4 * LANES)));

INLINE Floats load(const float *from) {
  Floats value;
  memcpy(&value, from, sizeof value);
  return value;
}

INLINE Ints load_ints(const void *from) {
  Ints value;
  memcpy(&value, from, sizeof value);
  return value;
}

INLINE void store(float *to, Floats value) { memcpy(to, &value, sizeof value); }

INLINE Floats all(float value) { return value - (Floats){0}; }

INLINE Ints all_ints(int32_t value) { return value + (Ints){0}; }

INLINE Floats to_floats(Ints value) { return __builtin_convertvector(value, Floats); }

/// a * b + c, rounded once.
INLINE Floats fused(Floats a, Floats b, Floats c) {
#if HAS_FUSED_MULTIPLY_ADD
  return __builtin_elementwise_fma(a, b, c);
#else
  // The product of two floats is exact in a double. Their sum is rounded to odd there, after which
  // rounding to float is right (Boldo and Melquiond, 2008).
  Doubles product = __builtin_convertvector(a, Doubles) * __builtin_convertvector(b, Doubles);
  Doubles addend = __builtin_convertvector(c, Doubles);
  Doubles sum = product + addend;
  Doubles part = sum - product;
  Doubles error = (product - (sum - part)) + (addend - part);
  Longs bits = (Longs)sum;
  Longs inexact = ((error < 0) | (error > 0)) & ((bits & 1) == 0);
  Longs outwards = ((error > 0) & (sum > 0)) | ((error < 0) & (sum < 0));
  bits += inexact & ((outwards & 2) - 1);
  return __builtin_convertvector((Doubles)bits, Floats);
#endif
}

/// To the nearest whole number, ties to even; for magnitudes below 2^22.
INLINE Floats rounded(Floats value) {
  const Floats magic = all(12582912.0f);
  return (value + magic) - magic;
}

INLINE Floats clamped(Floats value, float low, float high) {
  return __builtin_elementwise_min(__builtin_elementwise_max(value, all(low)), all(high));
}

/// e^x within 2 units in the last place; what is not a number counts as very negative.
INLINE Floats exponential(Floats x) {
  x = clamped(x, -87.0f, 87.0f);
  Floats n = rounded(x * 1.44269504f);
  Floats r = fused(n, all(-0.693359375f), x);
  r = fused(n, all(2.12194440e-4f), r);
  Floats p = all(1.3888889e-3f);
  p = fused(p, r, all(8.3333333e-3f));
  p = fused(p, r, all(4.1666667e-2f));
  p = fused(p, r, all(0.16666667f));
  p = fused(p, r, all(0.5f));
  p = fused(p, r, all(1.0f));
  p = fused(p, r, all(1.0f));
  Ints power = (__builtin_convertvector(n, Ints) + 127) << 23;
  return p * (Floats)power;
}

INLINE Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

INLINE Floats hyperbolic_tangent(Floats x) { return 1.0f - 2.0f / (1.0f + exponential(x + x)); }

#ifndef __AVX2__
/// Four products of bytes for each 32-bit number.
__attribute__((unused)) INLINE Ints four_products(Ints weights, Ints inputs) {
  Ints sum = {0};
  for (int byte = 0; byte < 4; byte++) {
    int up = 24 - 8 * byte;
    sum += ((weights << up) >> 24) * ((inputs << up) >> 24);
  }
  return sum;
}
#endif

// ---- Products of one group of rows with an input. `vectors` is a constant wherever these are used.

INLINE const float *add_floats(
    const float *weights, const float *input, int depth, int vectors, Floats *sums) {
  for (int k = 0; k < depth; k++) {
    Floats x = all(input[k]);
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) sums[j] = fused(load(weights + j * LANES), x, sums[j]);
    weights += vectors * LANES;
  }
  return weights;
}

/// Two rows share one 32-bit number: the lower half belongs to vector j, the upper to j + 1.
INLINE const uint16_t *add_halves(
    const uint16_t *weights, const float *input, int depth, int vectors, Floats *sums) {
  for (int k = 0; k < depth; k++) {
    Floats x = all(input[k]);
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j += 2) {
      Ints pair = load_ints(weights + j * LANES);
      sums[j] = fused((Floats)(pair << 16), x, sums[j]);
      sums[j + 1] = fused((Floats)(pair & (int32_t)0xffff0000), x, sums[j + 1]);
    }
    weights += vectors * LANES;
  }
  return weights;
}

INLINE const int8_t *add_bytes(
    const int8_t *weights, const uint8_t *input, int depth, int vectors, Ints *sums) {
  for (int k = 0; k < depth; k += 4) {
    int32_t four;
    memcpy(&four, input + k, sizeof four);
    Ints x = all_ints(four);
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      sums[j] = DOT(sums[j], load_ints(weights + 4 * j * LANES), x);
    }
    weights += 4 * vectors * LANES;
  }
  return weights;
}

/// The sums of group `group`, bias included.
INLINE void group_sums(
    const LiltMatrix *matrix, int group, const void *first, const void *second, float input_scale,
    LiltFormat format, int vectors, Floats *sums) {
  const int rows = vectors * LANES;
  const int depth = matrix->depth[0] + matrix->depth[1];
  const size_t start = (size_t)group * rows * depth;
  const float *bias = matrix->bias + group * rows;
  if (format == LILT_INT8) {
    Ints whole[8];
    for (int j = 0; j < vectors; j++) {
      whole[j] = load_ints(matrix->offset + group * rows + j * LANES);
    }
    const int8_t *weights = (const int8_t *)matrix->weights + start;
    weights = add_bytes(weights, first, matrix->depth[0], vectors, whole);
    add_bytes(weights, second, matrix->depth[1], vectors, whole);
    const float *scale = matrix->scale + group * rows;
    for (int j = 0; j < vectors; j++) {
      Floats unit = load(scale + j * LANES) * input_scale;
      sums[j] = fused(to_floats(whole[j]), unit, load(bias + j * LANES));
    }
    return;
  }
  for (int j = 0; j < vectors; j++) sums[j] = (Floats){0};
  if (format == LILT_BFLOAT16) {
    const uint16_t *weights = (const uint16_t *)matrix->weights + start;
    weights = add_halves(weights, first, matrix->depth[0], vectors, sums);
    add_halves(weights, second, matrix->depth[1], vectors, sums);
  } else {
    const float *weights = (const float *)matrix->weights + start;
    weights = add_floats(weights, first, matrix->depth[0], vectors, sums);
    add_floats(weights, second, matrix->depth[1], vectors, sums);
  }
  for (int j = 0; j < vectors; j++) sums[j] += load(bias + j * LANES);
}

// ---- Long short-term memory: a group is four gates of 2 * LANES units.

INLINE void lstm_groups(
    const LiltMatrix *matrix, const void *below, const void *own, const float *addend,
    float *hidden, float *cell, LiltFormat format) {
  for (int group = 0; group < matrix->groups; group++) {
    Floats sums[8];
    group_sums(matrix, group, below, own, 1.0f / 127, format, 8, sums);
    if (addend != NULL) {
      for (int j = 0; j < 8; j++) sums[j] += load(addend + (group * 8 + j) * LANES);
    }
    for (int half = 0; half < 2; half++) {
      Floats input = sigmoid(sums[half]);
      Floats forget = sigmoid(sums[2 + half]);
      Floats candidate = hyperbolic_tangent(sums[4 + half]);
      Floats output = sigmoid(sums[6 + half]);
      const int unit = (group * 2 + half) * LANES;
      Floats remembered = fused(forget, load(cell + unit), input * candidate);
      store(cell + unit, remembered);
      store(hidden + unit, output * hyperbolic_tangent(remembered));
    }
  }
}

static void lstm(
    const LiltMatrix *matrix, const void *below, const void *own, const float *addend,
    float *hidden, float *cell) {
  switch (matrix->format) {
    case LILT_FLOAT32:
      lstm_groups(matrix, below, own, addend, hidden, cell, LILT_FLOAT32);
      break;
    case LILT_BFLOAT16:
      lstm_groups(matrix, below, own, addend, hidden, cell, LILT_BFLOAT16);
      break;
    case LILT_INT8:
      lstm_groups(matrix, below, own, addend, hidden, cell, LILT_INT8);
      break;
  }
}

// ---- Dense layers.

INLINE void dense_groups(
    const LiltMatrix *matrix, const void *input, float input_scale, bool rectified, float *output,
    LiltFormat format, int vectors) {
  for (int group = 0; group < matrix->groups; group++) {
    Floats sums[8];
    group_sums(matrix, group, input, input, input_scale, format, vectors, sums);
    for (int j = 0; j < vectors; j++) {
      if (rectified) sums[j] = __builtin_elementwise_max(sums[j], all(0));
      store(output + (group * vectors + j) * LANES, sums[j]);
    }
  }
}

static void dense(
    const LiltMatrix *matrix, const void *input, float input_scale, bool rectified,
    float *output) {
#define WITH_VECTORS(format, count)                                                      \
  case count:                                                                            \
    dense_groups(matrix, input, input_scale, rectified, output, format, count);          \
    break;
#define WITH_FORMAT(format)                                                              \
  case format:                                                                           \
    switch (matrix->vectors) {                                                           \
      WITH_VECTORS(format, 2)                                                            \
      WITH_VECTORS(format, 4)                                                            \
      WITH_VECTORS(format, 6)                                                            \
      WITH_VECTORS(format, 8)                                                            \
    }                                                                                    \
    break;
  switch (matrix->format) {
    WITH_FORMAT(LILT_FLOAT32)
    WITH_FORMAT(LILT_BFLOAT16)
    WITH_FORMAT(LILT_INT8)
  }
#undef WITH_FORMAT
#undef WITH_VECTORS
}

// ---- Preparing inputs and weights.

static void quantize(const float *values, int count, float factor, uint8_t *bytes) {
  int i = 0;
  for (; i + LANES <= count; i += LANES) {
    Floats value = rounded(clamped(load(values + i) * factor, -127, 127));
    Bytes narrow =
        __builtin_convertvector(__builtin_convertvector(value, Ints) + INPUT_OFFSET, Bytes);
    memcpy(bytes + i, &narrow, sizeof narrow);
  }
  for (; i < count; i++) {
    Floats value = rounded(clamped(all(values[i] * factor), -127, 127));
    bytes[i] = (uint8_t)((int32_t)value[0] + INPUT_OFFSET);
  }
}

static float largest(const float *values, int count) {
  Floats best = {0};
  int i = 0;
  for (; i + LANES <= count; i += LANES) {
    best = __builtin_elementwise_max(best, __builtin_elementwise_abs(load(values + i)));
  }
  float result = 0;
  for (int lane = 0; lane < LANES; lane++) result = best[lane] > result ? best[lane] : result;
  for (; i < count; i++) {
    float magnitude = __builtin_fabsf(values[i]);
    result = magnitude > result ? magnitude : result;
  }
  return result;
}

static bool widen(const void *values, size_t count, bool is_bfloat16, float *floats) {
  const char *from = values;
  uint32_t unusual = 0;
  const uint32_t exponent = is_bfloat16 ? 0x7f80 : 0x7c00;
  for (size_t i = 0; i < count; i++) {
    uint16_t half;
    memcpy(&half, from + i * sizeof half, sizeof half);
    unusual |= (half & exponent) == exponent;
    // Moving a half's exponent and fraction to their places in a float leaves the exponent 112 too
    // small; one exact product puts that right, subnormal numbers included.
    uint32_t wide = is_bfloat16 ? (uint32_t)half << 16 : (uint32_t)(half & 0x7fff) << 13;
    float value;
    memcpy(&value, &wide, sizeof value);
    if (!is_bfloat16) {
      value *= 0x1p112f;
      memcpy(&wide, &value, sizeof wide);
      wide |= (uint32_t)(half & 0x8000) << 16;
      memcpy(&value, &wide, sizeof value);
    }
    floats[i] = value;
  }
  return unusual == 0;
}

/// To the nearest bfloat16, ties to even.
INLINE uint16_t shortened(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static void pack(
    LiltFormat format, int groups, int vectors, const int32_t *source, const float *first,
    const float *second, const int depth[2], const int stride[2], void *weights, float *scale,
    int32_t *offset, float *scratch) {
  const int rows = vectors * LANES;
  const int total = depth[0] + depth[1];
  int8_t *scratch_bytes = (int8_t *)scratch;
  for (int group = 0; group < groups; group++) {
    const size_t start = (size_t)group * rows * total;
    for (int row = 0; row < rows; row++) {
      const int32_t from = source[group * rows + row];
      if (from < 0) continue;
      const float *parts[2] = {first + (size_t)from * stride[0], NULL};
      if (depth[1] > 0) parts[1] = second + (size_t)from * stride[1];
      const int widths[2] = {
          stride[0] < depth[0] ? stride[0] : depth[0], stride[1] < depth[1] ? stride[1] : depth[1]};
      if (format == LILT_FLOAT32) {
        float *to = (float *)weights + start + row;
        for (int part = 0; part < 2; part++) {
          for (int k = 0; k < widths[part]; k++) to[(size_t)k * rows] = parts[part][k];
          to += (size_t)depth[part] * rows;
        }
      } else if (format == LILT_BFLOAT16) {
        const int vector = row / LANES;
        uint16_t *to = (uint16_t *)weights + start + (vector & ~1) * LANES +
                       2 * (row % LANES) + (vector & 1);
        for (int part = 0; part < 2; part++) {
          for (int k = 0; k < widths[part]; k++) to[(size_t)k * rows] = shortened(parts[part][k]);
          to += (size_t)depth[part] * rows;
        }
      } else {
        float magnitude = largest(parts[0], widths[0]);
        if (depth[1] > 0) {
          const float other = largest(parts[1], widths[1]);
          magnitude = other > magnitude ? other : magnitude;
        }
        const float unit = magnitude > 0 ? magnitude / 127 : 1;
        memset(scratch_bytes, 0, (size_t)total);
        int32_t sum = 0;
        for (int part = 0; part < 2; part++) {
          int8_t *to = scratch_bytes + (part == 0 ? 0 : depth[0]);
          for (int k = 0; k < widths[part]; k++) {
            float value = parts[part][k] / unit;
            value = (value + 12582912.0f) - 12582912.0f;
            to[k] = (int8_t)value;
            sum += to[k];
          }
        }
        int8_t *to = (int8_t *)weights + start + 4 * row;
        for (int k = 0; k < total; k += 4) memcpy(to + (size_t)k * rows, scratch_bytes + k, 4);
        scale[group * rows + row] = unit;
        offset[group * rows + row] = -INPUT_OFFSET * sum;
      }
    }
  }
}

static uint64_t read_all(const void *bytes, size_t count) {
  const char *from = bytes;
  Ints seen[8] = {{0}};
  for (size_t i = 0; i + sizeof seen <= count; i += sizeof seen) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) seen[j] ^= load_ints(from + i + j * sizeof(Ints));
  }
  uint64_t result = 0;
  for (int j = 0; j < 8; j++) {
    for (int lane = 0; lane < LANES; lane++) result = result * 31 + (uint32_t)seen[j][lane];
  }
  return result;
}

#define KERNEL_SET(set_name, has_fast_bytes)                                             \
  {                                                                                      \
      .name = set_name, .lanes = LANES, .prefers_int8 = has_fast_bytes, .pack = pack,    \
      .lstm = lstm, .dense = dense, .quantize = quantize, .largest = largest,            \
      .widen = widen, .read = read_all,                                                  \
  }
