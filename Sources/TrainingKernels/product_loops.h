// Products and packing. LANES, VECTORS (of a strip), PANEL (columns of a panel), MOST_ROWS and, where
// the processor has it, DOT_BFLOAT16 are defined by whoever includes this.
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

/// Rows of the left side that are brought into order at once, and words of depth of a block: the left
/// part of a block lies in the second cache, the right part of one strip in the first.
enum { BLOCK_ROWS = 96, DEPTH_BLOCK = PANEL == 16 ? 256 : 192 };

/// `count` rows by one strip of columns, summed in registers. `left` holds `count` words for each depth.
/// `ahead` is a part of what the right side has next: without being asked for early, panels come from
/// far too slowly for so few rows.
INLINE void tile(
    const int count, const bool is_bfloat16, const float *left, const float *right, float *out,
    const ptrdiff_t out_row, const float *bias, int columns, const int depth,
    const bool accumulates, const char *ahead, const bool asks) {
  Floats sums[MOST_ROWS][VECTORS];
#pragma clang loop unroll(full)
  for (int r = 0; r < count; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < VECTORS; v++) sums[r][v] = (Floats){};
  }
  for (int k = 0; k < depth; k++) {
    Floats weights[VECTORS];
    if (asks && STRIP == PANEL) {
#pragma clang loop unroll(full)
      for (int v = 0; v < VECTORS / 2; v++) {
        __builtin_prefetch(ahead + (size_t)k * (2 * PANEL) + v * 64, 0, 2);
      }
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < VECTORS; v++) {
      weights[v] = *(const Floats *)(right + (size_t)k * PANEL + v * LANES);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < count; r++) {
      const Floats value = spread(left + k * count + r);
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
        LooseFloats *target = (LooseFloats *)(out + r * out_row + v * LANES);
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
    float *target = out + r * out_row;
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
    if (asks || PANEL > 16) { \
      tile(n, is_bfloat16, left, right, out, out_row, bias, columns, depth, accumulates, ahead, true); \
    } else { \
      tile(n, is_bfloat16, left, right, out, out_row, bias, columns, depth, accumulates, ahead, false); \
    } \
    break;

INLINE void tiles(
    int count, const bool is_bfloat16, const float *left, const float *right, float *out,
    ptrdiff_t out_row, const float *bias, int columns, int depth, bool accumulates,
    const char *ahead, bool asks) {
  switch (count) {
    TILE_CASE(1)
    TILE_CASE(2)
    TILE_CASE(3)
    TILE_CASE(4)
    TILE_CASE(5)
    TILE_CASE(6)
#if MOST_ROWS >= 12
    TILE_CASE(7)
    TILE_CASE(8)
    TILE_CASE(9)
    TILE_CASE(10)
    TILE_CASE(11)
    TILE_CASE(12)
#endif
  }
}

/// Rows of the left side in tiles of nearly equal size, so that none is too small to fill the pipeline.
/// Of a left side in panels, no tile takes rows of two.
typedef struct {
  int rows;
  /// Rows that are split evenly, and into how many tiles.
  int group, parts;
} Tiles;

INLINE Tiles tiles_of(int rows, bool is_panel) {
  const int group = is_panel ? LILT_LEFT_PANEL : rows;
  return (Tiles){rows, group, (group + MOST_ROWS - 1) / MOST_ROWS};
}

INLINE int tile_count(Tiles tiles) {
  return (tiles.rows + tiles.group - 1) / tiles.group * tiles.parts;
}

INLINE int tile_start(Tiles tiles, int tile) {
  const int first = tile / tiles.parts * tiles.group;
  if (first >= tiles.rows) return tiles.rows;
  const int left = tiles.rows - first;
  const int rows = left < tiles.group ? left : tiles.group;
  return first + rows * (tile % tiles.parts) / tiles.parts;
}

typedef uint32_t Quad __attribute__((vector_size(16), aligned(4)));

/// `count` rows of `depth` words, `row` apart, to words by depth. Four by four where there are so many.
INLINE void order_rows(
    const uint32_t *left, ptrdiff_t row, int count, int depth, uint32_t *restrict to) {
  int k = 0;
  for (; count >= 4 && k + 4 <= depth; k += 4) {
    for (int done = 0; done < count; done += 4) {
      // The last four may overlap the four before.
      const int r = done + 4 <= count ? done : count - 4;
      const uint32_t *from = left + r * row + k;
      const Quad a = *(const Quad *)from, b = *(const Quad *)(from + row);
      const Quad c = *(const Quad *)(from + 2 * row), d = *(const Quad *)(from + 3 * row);
      const Quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
      const Quad cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
      const Quad ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      const Quad cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      uint32_t *out = to + k * count + r;
      *(Quad *)out = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
      *(Quad *)(out + count) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
      *(Quad *)(out + 2 * count) = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
      *(Quad *)(out + 3 * count) = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
    }
  }
  for (; k < depth; k++) {
    for (int r = 0; r < count; r++) to[k * count + r] = left[r * row + k];
  }
}

/// Brings a block of the left side into the order in which tiles read it: depth by depth, the rows of
/// a tile side by side. Rows that lie a power of two apart would all want the same places in the first
/// cache. `to` has room for a panel more.
static void order_left(
    const LiltProduct *p, bool is_panel, int first, Tiles tiles, int from, int depth,
    uint32_t *restrict to) {
  const uint32_t *left = (const uint32_t *)p->left;
  const int count = tile_count(tiles);
  for (int tile = 0; tile < count; tile++) {
    const int start = first + tile_start(tiles, tile);
    const int rows = first + tile_start(tiles, tile + 1) - start;
    if (!is_panel) {
      order_rows(left + start * p->left_row + from, p->left_row, rows, depth, to);
    } else {
      const int place = start % LILT_LEFT_PANEL;
      const uint32_t *source =
          left + (size_t)(start - place) * p->depth + (size_t)from * LILT_LEFT_PANEL + place;
      for (int k = 0; k < depth; k++) {
        // Four at a time; what is too much is overwritten by the next depth.
        for (int r = 0; r < rows; r += 4) {
          *(Quad *)(to + k * rows + r) = *(const Quad *)(source + k * LILT_LEFT_PANEL + r);
        }
      }
    }
    to += (size_t)rows * depth;
  }
}

INLINE void product(const LiltProduct *p, const bool is_bfloat16) {
  const bool is_panel = p->left_row == 0;
  uint32_t ordered[BLOCK_ROWS * DEPTH_BLOCK + LILT_LEFT_PANEL] __attribute__((aligned(64)));
  for (int first = 0; first < p->rows; first += BLOCK_ROWS) {
    const int rows = p->rows - first < BLOCK_ROWS ? p->rows - first : BLOCK_ROWS;
    const Tiles all = tiles_of(rows, is_panel);
    const int count = tile_count(all);
    for (int from = 0; from < p->depth; from += DEPTH_BLOCK) {
      const int rest = p->depth - from;
      const int depth = rest < DEPTH_BLOCK ? rest : DEPTH_BLOCK;
      order_left(p, is_panel, first, all, from, depth, ordered);
      const bool accumulates = p->accumulates || from > 0;
      for (int column = 0; column < p->columns; column += STRIP) {
        const float *right = (const float *)p->right + (size_t)(column / PANEL) * p->depth * PANEL +
                             (size_t)from * PANEL + column % PANEL;
        const float *bias = p->bias != NULL && !accumulates ? p->bias + column : NULL;
        // The same depths of the next panel come next.
        const char *next = (const char *)(right + (size_t)p->depth * PANEL);
        const float *left = (const float *)ordered;
        for (int t = 0; t < count; t++) {
          const int start = tile_start(all, t);
          const int taken = tile_start(all, t + 1) - start;
          tiles(
              taken, is_bfloat16, left, right,
              p->out + (ptrdiff_t)(first + start) * p->out_row + column, p->out_row, bias,
              p->columns - column, depth, accumulates,
              next + (size_t)(t % 2) * depth * (2 * PANEL), t < 2);
          left += (size_t)taken * depth;
        }
      }
    }
  }
}

static void multiply(const LiltProduct *p) {
#ifdef DOT_BFLOAT16
  if (p->is_bfloat16) {
    product(p, true);
    return;
  }
#endif
  product(p, false);
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
