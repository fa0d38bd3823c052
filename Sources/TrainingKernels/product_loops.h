// Products and packing. LANES, VECTORS (of a strip), MOST_ROWS and, where the processor has it,
// DOT_BFLOAT16 are defined by whoever includes this.
#include <string.h>

#include "training_sets.h"

#pragma clang fp contract(fast)

typedef float Floats __attribute__((vector_size(4 * LANES)));
typedef float LooseFloats __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t Words __attribute__((vector_size(4 * LANES)));

#define STRIP (LANES * VECTORS)
#define INLINE static inline __attribute__((always_inline))

/// The bits of a word in every lane; whole numbers, so that no addition of 0.0 stays behind.
INLINE Floats spread(const void *word) {
  int32_t value;
  memcpy(&value, word, 4);
  return (Floats)((Words){} + value);
}

/// `count` rows by one strip of columns, summed in registers. `ahead` is half of what the right side
/// has next: without being asked for early, panels come from far too slowly for so few rows.
INLINE void tile(
    const int count, const bool is_bfloat16, const bool is_panel, const LiltProduct *p,
    const float *left, const float *right, float *out, const float *bias, int columns,
    const int depth, const bool accumulates, const char *ahead) {
  Floats sums[MOST_ROWS][VECTORS];
#pragma clang loop unroll(full)
  for (int r = 0; r < count; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < VECTORS; v++) sums[r][v] = (Floats){};
  }
  const ptrdiff_t row = is_panel ? 1 : p->left_row;
  const ptrdiff_t step = is_panel ? LILT_LEFT_PANEL : 1;
  for (int k = 0; k < depth; k++) {
    Floats weights[VECTORS];
    if (STRIP == LILT_PANEL) {
#pragma clang loop unroll(full)
      for (int v = 0; v < VECTORS / 2; v++) {
        __builtin_prefetch(ahead + (size_t)k * (2 * LILT_PANEL) + v * 64, 0, 2);
      }
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < VECTORS; v++) {
      weights[v] = *(const Floats *)(right + (size_t)k * LILT_PANEL + v * LANES);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < count; r++) {
      const Floats value = spread(left + r * row + k * step);
#pragma clang loop unroll(full)
      for (int v = 0; v < VECTORS; v++) {
#ifdef DOT_BFLOAT16
        if (is_bfloat16) {
          sums[r][v] = DOT_BFLOAT16(sums[r][v], value, weights[v]);
          continue;
        }
#endif
        sums[r][v] += value * weights[v];
      }
    }
  }
  if (columns >= STRIP) {
#pragma clang loop unroll(full)
    for (int r = 0; r < count; r++) {
#pragma clang loop unroll(full)
      for (int v = 0; v < VECTORS; v++) {
        LooseFloats *target = (LooseFloats *)(out + r * p->out_row + v * LANES);
        Floats sum = sums[r][v];
        if (accumulates) sum += *target;
        if (bias != NULL) sum += *(const LooseFloats *)(bias + v * LANES);
        *target = sum;
      }
    }
    return;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < count; r++) {
    float values[STRIP] __attribute__((aligned(64)));
#pragma clang loop unroll(full)
    for (int v = 0; v < VECTORS; v++) *(Floats *)(values + v * LANES) = sums[r][v];
    float *target = out + r * p->out_row;
    for (int c = 0; c < columns; c++) {
      float sum = values[c];
      if (accumulates) sum += target[c];
      if (bias != NULL) sum += bias[c];
      target[c] = sum;
    }
  }
}

#define TILE_CASE(n) \
  case n: \
    tile(n, is_bfloat16, is_panel, p, left, right, out, bias, columns, depth, accumulates, ahead); \
    break;

INLINE void tiles(
    int count, const bool is_bfloat16, const bool is_panel, const LiltProduct *p,
    const float *left, const float *right, float *out, const float *bias, int columns,
    int depth, bool accumulates, const char *ahead) {
  switch (count) {
    TILE_CASE(1)
    TILE_CASE(2)
    TILE_CASE(3)
    TILE_CASE(4)
    TILE_CASE(5)
    TILE_CASE(6)
  }
}

/// Words of depth whose part of a panel stays in the nearer caches.
#define DEPTH_BLOCK 256

/// Rows go in blocks of nearly equal size, so that no block is too small to fill the pipeline.
INLINE void product_part(
    const LiltProduct *p, const bool is_bfloat16, const bool is_panel, int column, int from,
    int depth) {
  const float *right = (const float *)p->right +
                       (size_t)(column / LILT_PANEL) * p->depth * LILT_PANEL +
                       (size_t)from * LILT_PANEL + column % LILT_PANEL;
  const bool accumulates = p->accumulates || from > 0;
  const float *bias = p->bias != NULL && !accumulates ? p->bias + column : NULL;
  const char *next = (const char *)(right + (size_t)depth * LILT_PANEL);
  const int rows_at_once = is_panel ? LILT_LEFT_PANEL : p->rows;
  for (int first = 0; first < p->rows; first += rows_at_once) {
    const int rows = p->rows - first < rows_at_once ? p->rows - first : rows_at_once;
    const int blocks = (rows + MOST_ROWS - 1) / MOST_ROWS;
    for (int block = 0; block < blocks; block++) {
      const int start = (int)((long)rows * block / blocks);
      const int end = (int)((long)rows * (block + 1) / blocks);
      const float *left = (const float *)p->left;
      if (is_panel) {
        left += (size_t)first * p->depth + (size_t)from * LILT_LEFT_PANEL + start;
      } else {
        left += start * p->left_row + from;
      }
      tiles(
          end - start, is_bfloat16, is_panel, p, left, right,
          p->out + (ptrdiff_t)(first + start) * p->out_row + column, bias, p->columns - column,
          depth, accumulates, next + (size_t)(block % 2) * depth * (2 * LILT_PANEL));
    }
  }
}

INLINE void product(const LiltProduct *p, const bool is_bfloat16, const bool is_panel) {
  for (int column = 0; column < p->columns; column += STRIP) {
    for (int from = 0; from < p->depth; from += DEPTH_BLOCK) {
      const int rest = p->depth - from;
      const int depth = rest < DEPTH_BLOCK ? rest : DEPTH_BLOCK;
      product_part(p, is_bfloat16, is_panel, column, from, depth);
    }
  }
}

static void product_float(const LiltProduct *p) { product(p, false, false); }
static void product_float_panel(const LiltProduct *p) { product(p, false, true); }
#ifdef DOT_BFLOAT16
static void product_bfloat16(const LiltProduct *p) { product(p, true, false); }
static void product_bfloat16_panel(const LiltProduct *p) { product(p, true, true); }
#endif

static void multiply(const LiltProduct *p) {
#ifdef DOT_BFLOAT16
  if (p->is_bfloat16) {
    if (p->left_row == 0) {
      product_bfloat16_panel(p);
    } else {
      product_bfloat16(p);
    }
    return;
  }
#endif
  if (p->left_row == 0) {
    product_float_panel(p);
  } else {
    product_float(p);
  }
}

INLINE uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

INLINE float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

/// Nearest, ties to even. Numbers that are not finite stay so.
INLINE uint32_t narrowed(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded;
}

static void narrow(const float *values, size_t count, uint16_t *result) {
  for (size_t i = 0; i < count; i++) result[i] = (uint16_t)narrowed(values[i]);
}

/// The word of depths `2 * word` and `2 * word + 1`, or of depth `word`, for `columns` columns of
/// the source, whose elements lie `row` and `column` apart.
INLINE void pack_words(
    const bool to_16, const bool from_16, const bool is_transposed, const LiltPacking *p,
    int word, int first, int columns, uint32_t *restrict out) {
  const int depth = to_16 ? 2 * word : word;
  const bool has_second = to_16 && depth + 1 < p->depth;
  const ptrdiff_t along = is_transposed ? p->source_row : 1;
  const ptrdiff_t next = is_transposed ? 1 : p->source_row;
  const ptrdiff_t start = depth * next + first * along;
  if (from_16) {
    const uint16_t *source = (const uint16_t *)p->source + start;
    for (int c = 0; c < columns; c++) {
      uint32_t low = source[c * along];
      uint32_t high = has_second ? source[c * along + next] : 0;
      out[c] = low | high << 16;
    }
  } else if (to_16) {
    const float *source = (const float *)p->source + start;
    if (has_second) {
      for (int c = 0; c < columns; c++) {
        out[c] = narrowed(source[c * along]) | narrowed(source[c * along + next]) << 16;
      }
    } else {
      for (int c = 0; c < columns; c++) out[c] = narrowed(source[c * along]);
    }
  } else {
    const float *source = (const float *)p->source + start;
    for (int c = 0; c < columns; c++) out[c] = bits_of(source[c * along]);
  }
}

INLINE void pack_all(
    const bool to_16, const bool from_16, const bool is_transposed, const LiltPacking *p) {
  const int words = to_16 ? (p->depth + 1) / 2 : p->depth;
  uint32_t *panels = p->panels;
  for (int column = 0; column < p->columns; column += p->width) {
    uint32_t *panel = panels + (size_t)column * words;
    for (int from = 0; from < words; from += 16) {
      const int to = from + 16 < words ? from + 16 : words;
      // Swapped sources go in blocks of 16 by 16, whose lines fit the nearest cache.
      for (int part = 0; part < p->width; part += 16) {
        int columns = p->columns - column - part;
        if (columns > 16) columns = 16;
        if (columns < 0) columns = 0;
        for (int word = from; word < to; word++) {
          uint32_t *out = panel + (size_t)word * p->width + part;
          if (columns == 16) {
            pack_words(to_16, from_16, is_transposed, p, word, column + part, 16, out);
          } else {
            memset(out, 0, 64);
            pack_words(to_16, from_16, is_transposed, p, word, column + part, columns, out);
          }
        }
      }
    }
  }
}

static void pack(const LiltPacking *p) {
  if (p->from_bfloat16) {
    if (p->is_transposed) {
      pack_all(true, true, true, p);
    } else {
      pack_all(true, true, false, p);
    }
  } else if (p->to_bfloat16) {
    if (p->is_transposed) {
      pack_all(true, false, true, p);
    } else {
      pack_all(true, false, false, p);
    }
  } else if (p->is_transposed) {
    pack_all(false, false, true, p);
  } else {
    pack_all(false, false, false, p);
  }
}
