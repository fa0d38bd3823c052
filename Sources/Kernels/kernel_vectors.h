// Vectors and what is done with them. See kernel_loops.h.

#define INLINE static inline __attribute__((always_inline))

typedef float Floats __attribute__((vector_size(4 * LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * LANES)));
typedef double Doubles __attribute__((vector_size(8 * LANES)));
typedef int64_t Longs __attribute__((vector_size(8 * LANES)));
typedef int8_t Bytes __attribute__((vector_size(LANES)));

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

/// `value` where `mask` has all bits set, 0 where it has none.
INLINE Floats masked(Floats value, Ints mask) { return (Floats)((Ints)value & mask); }

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
  // Whole numbers in the last bits, as in `rounded`.
  const Floats shifted = x * 1.44269504f + 12582912.0f;
  const Floats n = shifted - 12582912.0f;
  Floats r = fused(n, all(-0.693359375f), x);
  r = fused(n, all(2.12194440e-4f), r);
  Floats p = all(1.3888889e-3f);
  p = fused(p, r, all(8.3333333e-3f));
  p = fused(p, r, all(4.1666667e-2f));
  p = fused(p, r, all(0.16666667f));
  p = fused(p, r, all(0.5f));
  p = fused(p, r, all(1.0f));
  p = fused(p, r, all(1.0f));
  // Times 2^n, which never leaves the range of normal numbers here.
  return (Floats)((Ints)p + ((Ints)shifted << 23));
}

INLINE Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

INLINE Floats hyperbolic_tangent(Floats x) { return 1.0f - 2.0f / (1.0f + exponential(x + x)); }

/// The values of a vector that exist, zeros elsewhere.
INLINE Floats load_some(const float *from, int count) {
  Floats value = {0};
  for (int i = 0; i < count; i++) value[i] = from[i];
  return value;
}

static void squash(float *values, int count, bool is_tangent) {
  for (int i = 0; i < count; i += LANES) {
    const int left = count - i;
    const Floats x = left >= LANES ? load(values + i) : load_some(values + i, left);
    const Floats y = is_tangent ? hyperbolic_tangent(x) : sigmoid(x);
    if (left >= LANES) {
      store(values + i, y);
    } else {
      for (int lane = 0; lane < left; lane++) values[i + lane] = y[lane];
    }
  }
}

// ---- Sums that do not depend on the size of a vector.

enum { PARTS = 16 / LANES };

/// Sixteen partial sums.
typedef struct {
  Floats parts[PARTS];
} Sixteen;

/// Their sum, as a tree.
INLINE float total_of(Sixteen sums) {
  float values[16];
  for (int part = 0; part < PARTS; part++) store(values + part * LANES, sums.parts[part]);
  for (int width = 8; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) values[lane] += values[lane + width];
  }
  return values[0];
}

INLINE float highest_of(Floats values) {
  float best = values[0];
  for (int lane = 1; lane < LANES; lane++) best = values[lane] > best ? values[lane] : best;
  return best;
}
