// Products of packed weights with inputs, and the gates that follow them. See kernel_loops.h.
//
// A tile is some vectors of rows of one group for some streams, whose sums stay in registers. The
// numbers of vectors, streams and so on are constants wherever these functions are used.

/// Which vectors of a group a tile takes: `from`, `from + step`, … `count` of them.
typedef struct {
  int from, step, count;
} Rows;

INLINE const void *at(LiltInputs inputs, int stream) {
  return (const char *)inputs.values + (size_t)stream * inputs.stride;
}

/// Vector i of a tile from a row of the packed weights, as floats. Two 16-bit rows share one 32-bit
/// number: the lower half belongs to an even vector, the upper to the next; a tile of adjacent
/// vectors begins at an even one.
INLINE Floats weights_at(const void *row, Rows rows, int i, LiltFormat format) {
  const int j = rows.from + i * rows.step;
  if (format == LILT_FLOAT32) return load((const float *)row + j * LANES);
  const int odd = rows.step == 1 ? i & 1 : rows.from & 1;
  Ints pair = load_ints((const uint16_t *)row + (j - odd) * LANES);
  return (Floats)(odd == 0 ? pair << 16 : pair & (int32_t)0xffff0000);
}

INLINE const char *add_floats(
    const char *weights, int vectors, LiltInputs inputs, int stream, int streams, int depth,
    LiltFormat format, Rows rows, Floats *sums) {
  const size_t row = (size_t)vectors * LANES * (format == LILT_FLOAT32 ? 4 : 2);
  const float *x[MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int s = 0; s < streams; s++) x[s] = at(inputs, stream + s);
  // Local, so that they are kept in registers.
  Floats kept[8 * MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows.count * streams; i++) kept[i] = sums[i];
  for (int k = 0; k < depth; k++) {
    Floats w[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows.count; i++) {
      w[i] = weights_at(weights, rows, i, format);
    }
#pragma clang loop unroll(full)
    for (int s = 0; s < streams; s++) {
      Floats value = all(x[s][k]);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows.count; i++) {
        kept[s * rows.count + i] = fused(w[i], value, kept[s * rows.count + i]);
      }
    }
    weights += row;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows.count * streams; i++) sums[i] = kept[i];
  return weights;
}

INLINE Ints four_inputs(const int8_t *inputs) {
  int32_t four;
  memcpy(&four, inputs, sizeof four);
  return all_ints(four);
}

INLINE const char *add_bytes(
    const char *weights, int vectors, LiltInputs inputs, int stream, int streams, int depth,
    Rows rows, Ints *sums) {
  const size_t row = (size_t)vectors * LANES * 4;
  const int8_t *x[MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int s = 0; s < streams; s++) x[s] = at(inputs, stream + s);
  Ints kept[8 * MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows.count * streams; i++) kept[i] = sums[i];
  for (int k = 0; k < depth; k += 4) {
    Ints w[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows.count; i++) {
      w[i] = load_ints(weights + (size_t)(rows.from + i * rows.step) * LANES * 4);
    }
#pragma clang loop unroll(full)
    for (int s = 0; s < streams; s++) {
      Ints four = four_inputs(x[s] + k);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows.count; i++) {
        kept[s * rows.count + i] = DOT(kept[s * rows.count + i], w[i], four);
      }
    }
    weights += row;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows.count * streams; i++) sums[i] = kept[i];
  return weights;
}

/// A block is eight rows of nibbles (the lower ones for four inputs, the upper for the next four),
/// then one 16-bit scale for each row of the group. A nibble n is worth n - 7.5.
INLINE const char *add_nibbles(
    const char *weights, int vectors, LiltInputs inputs, int stream, int streams, int depth,
    Rows rows, Floats *sums) {
  const size_t row = (size_t)vectors * LANES * 4;
  const int8_t *x[MOST_STREAMS];
  const int32_t *block_sums[MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int s = 0; s < streams; s++) {
    x[s] = at(inputs, stream + s);
    block_sums[s] = (const int32_t *)(x[s] + depth);
  }
  const Ints low = all_ints(0x0f0f0f0f);
  for (int block = 0; block < depth / LILT_BLOCK; block++) {
    Ints whole[8 * MOST_STREAMS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows.count * streams; i++) whole[i] = (Ints){0};
#pragma clang loop unroll(disable)
    for (int pair = 0; pair < LILT_BLOCK / 8; pair++) {
      Ints w[8];
#pragma clang loop unroll(full)
      for (int i = 0; i < rows.count; i++) {
        w[i] = load_ints(weights + (size_t)(rows.from + i * rows.step) * LANES * 4);
      }
#pragma clang loop unroll(full)
      for (int s = 0; s < streams; s++) {
        Ints even = four_inputs(x[s] + block * LILT_BLOCK + 8 * pair);
        Ints odd = four_inputs(x[s] + block * LILT_BLOCK + 8 * pair + 4);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows.count; i++) {
          Ints *sum = whole + s * rows.count + i;
          *sum = DOT_NIBBLES(*sum, w[i] & low, even);
          *sum = DOT_NIBBLES(*sum, (w[i] >> 4) & low, odd);
        }
      }
      weights += row;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows.count; i++) {
      const char *from = weights + (size_t)(rows.from + i * rows.step) * LANES * 2;
      Halves halves;
      memcpy(&halves, from, sizeof halves);
      Floats scale = (Floats)(__builtin_convertvector(halves, Ints) << 16);
#pragma clang loop unroll(full)
      for (int s = 0; s < streams; s++) {
        Floats middle = all(-7.5f * (float)block_sums[s][block]);
        Floats *sum = sums + s * rows.count + i;
        *sum = fused(to_floats(whole[s * rows.count + i]) + middle, scale, *sum);
      }
    }
    weights += (size_t)vectors * LANES * 2;
  }
  return weights;
}

/// What `WEIGHT_OFFSET` adds to every sum of a stream.
INLINE int32_t surplus(LiltInputs inputs, int stream, int depth) {
  if (WEIGHT_OFFSET == 0 || depth == 0) return 0;
  const int blocks = (depth + LILT_BLOCK - 1) / LILT_BLOCK;
  const int32_t *sums =
      (const int32_t *)((const char *)at(inputs, stream) + (size_t)blocks * LILT_BLOCK);
  uint32_t total = 0;
  for (int block = 0; block < blocks; block++) total += (uint32_t)sums[block];
  return (int32_t)(total * WEIGHT_OFFSET);
}

/// The sums of a tile, bias included. `scales` is null where inputs are worth 1/127 each.
INLINE void tile_sums(
    const LiltMatrix *matrix, int group, int vectors, LiltInputs first, LiltInputs second,
    const float *scales, int stream, int streams, LiltFormat format, Rows rows, Floats *sums) {
  const size_t row = (size_t)group * vectors * LANES;
  const int depth = matrix->depth[0] + matrix->depth[1];
  const float *bias = matrix->bias + row;
  const char *weights =
      (const char *)matrix->weights + GROUP_BYTES(format, vectors * LANES, depth) * (size_t)group;
  if (format == LILT_INT8) {
    Ints whole[8 * MOST_STREAMS];
    for (int i = 0; i < rows.count * streams; i++) whole[i] = (Ints){0};
    weights = add_bytes(
        weights, vectors, first, stream, streams, matrix->depth[0], rows, whole);
    add_bytes(weights, vectors, second, stream, streams, matrix->depth[1], rows, whole);
    const float *scale = matrix->scale + row;
    for (int s = 0; s < streams; s++) {
      const Ints extra = all_ints(
          surplus(first, stream + s, matrix->depth[0]) +
          surplus(second, stream + s, matrix->depth[1]));
      const float worth = scales != NULL ? scales[stream + s] : 1.0f / 127;
      for (int i = 0; i < rows.count; i++) {
        const int j = (rows.from + i * rows.step) * LANES;
        sums[s * rows.count + i] = fused(
            to_floats(whole[s * rows.count + i] - extra), load(scale + j) * worth,
            load(bias + j));
      }
    }
    return;
  }
  for (int i = 0; i < rows.count * streams; i++) sums[i] = (Floats){0};
  if (format == LILT_INT4) {
    weights = add_nibbles(
        weights, vectors, first, stream, streams, matrix->depth[0], rows, sums);
    add_nibbles(weights, vectors, second, stream, streams, matrix->depth[1], rows, sums);
  } else {
    weights = add_floats(
        weights, vectors, first, stream, streams, matrix->depth[0], format, rows, sums);
    add_floats(
        weights, vectors, second, stream, streams, matrix->depth[1], format, rows, sums);
  }
  for (int s = 0; s < streams; s++) {
    const float worth = scales != NULL ? scales[stream + s] : 1.0f / 127;
    for (int i = 0; i < rows.count; i++) {
      Floats offset = load(bias + (rows.from + i * rows.step) * LANES);
      Floats *sum = sums + s * rows.count + i;
      *sum = format == LILT_INT4 ? fused(*sum, all(worth), offset) : *sum + offset;
    }
  }
}

/// How many of `left` streams the next tile takes, so that tiles are of nearly equal size.
INLINE int next_tile(int left, int most) {
  const int tiles = (left + most - 1) / most;
  return (left + tiles - 1) / tiles;
}

// ---- Long short-term memory: a group is four gates of 2 * LANES units.

INLINE void gates(
    Floats input, Floats forget, Floats candidate, Floats output, float *hidden, float *cell) {
  Floats taken = sigmoid(input) * hyperbolic_tangent(candidate);
  Floats remembered = fused(sigmoid(forget), load(cell), taken);
  store(cell, remembered);
  store(hidden, sigmoid(output) * hyperbolic_tangent(remembered));
}

/// Half a group, or a whole one where `half` is negative, for `streams` streams.
INLINE void lstm_tile(
    const LiltMatrix *matrix, int group, int half, LiltInputs below, LiltInputs own,
    const float *const *addends, float *const *states, int stream, int streams,
    LiltFormat format) {
  Floats sums[8 * MOST_STREAMS];
  const Rows rows = half < 0 ? (Rows){0, 1, 8} : (Rows){half, 2, 4};
  tile_sums(
      matrix, group, 8, below, own, NULL, stream, streams, format, rows, sums);
  const int units = matrix->groups * 2 * LANES;
  for (int s = 0; s < streams; s++) {
    Floats *z = sums + s * rows.count;
    const float *addend = addends[stream + s];
    if (addend != NULL) {
      for (int i = 0; i < rows.count; i++) {
        z[i] += load(addend + (group * 8 + rows.from + i * rows.step) * LANES);
      }
    }
    float *hidden = states[stream + s] + group * 2 * LANES;
    if (half < 0) {
      for (int part = 0; part < 2; part++) {
        float *to = hidden + part * LANES;
        gates(z[part], z[2 + part], z[4 + part], z[6 + part], to, to + units);
      }
    } else {
      float *to = hidden + half * LANES;
      gates(z[0], z[1], z[2], z[3], to, to + units);
    }
  }
}

#if MOST_STREAMS >= 6
enum {
  /// Streams whose sums are kept in memory at once, and inputs of a block.
  BLOCKED_STREAMS = 64,
  BLOCKED_INPUTS = 128
};

/// Half a group for many streams of floats: a block of inputs for all streams, then the next, so
/// that its weights come from the first caches for all streams but the first.
INLINE void lstm_blocked(
    const LiltMatrix *matrix, int group, int half, LiltInputs below, LiltInputs own,
    const float *const *addends, float *const *states, int streams, LiltFormat format) {
  const Rows rows = {half, 2, 4};
  const size_t row = (size_t)8 * LANES * (format == LILT_FLOAT32 ? 4 : 2);
  const int depth = matrix->depth[0] + matrix->depth[1];
  const char *weights =
      (const char *)matrix->weights + GROUP_BYTES(format, 8 * LANES, depth) * (size_t)group;
  Floats sums[4 * BLOCKED_STREAMS];
  for (int i = 0; i < 4 * streams; i++) sums[i] = (Floats){0};
  for (int part = 0; part < 2; part++) {
    LiltInputs inputs = part == 0 ? below : own;
    for (int from = 0; from < matrix->depth[part]; from += BLOCKED_INPUTS) {
      const int left = matrix->depth[part] - from;
      const int count = left < BLOCKED_INPUTS ? left : BLOCKED_INPUTS;
      for (int stream = 0; stream < streams;) {
        const int taken = next_tile(streams - stream, MOST_STREAMS);
#define BLOCK(n)                                                                                 \
  case n:                                                                                        \
    add_floats(weights, 8, inputs, stream, n, count, format, rows, sums + 4 * stream);           \
    break;
        switch (taken) {
          BLOCK(1)
          BLOCK(2)
          BLOCK(3)
          BLOCK(4)
          BLOCK(5)
          BLOCK(6)
        }
#undef BLOCK
        stream += taken;
      }
      weights += count * row;
      inputs.values = (const char *)inputs.values + (size_t)count * sizeof(float);
    }
  }
  const int units = matrix->groups * 2 * LANES;
  for (int s = 0; s < streams; s++) {
    Floats z[4];
    for (int i = 0; i < 4; i++) {
      const size_t place = ((size_t)group * 8 + half + 2 * i) * LANES;
      z[i] = sums[4 * s + i] + load(matrix->bias + place);
      if (addends[s] != NULL) z[i] += load(addends[s] + place);
    }
    float *to = states[s] + (group * 2 + half) * LANES;
    gates(z[0], z[1], z[2], z[3], to, to + units);
  }
}
#endif

INLINE void lstm_groups(
    const LiltMatrix *matrix, int first, int end, int streams, LiltInputs below, LiltInputs own,
    const float *const *addends, float *const *states, LiltFormat format) {
#define WHOLE(n)                                                                                 \
  case n: lstm_tile(matrix, group, -1, below, own, addends, states, 0, n, format); break;
#define HALF(n)                                                                                  \
  case n:                                                                                        \
    if (half == 0) {                                                                             \
      lstm_tile(matrix, group, 0, below, own, addends, states, stream, n, format);               \
    } else {                                                                                     \
      lstm_tile(matrix, group, 1, below, own, addends, states, stream, n, format);               \
    }                                                                                            \
    break;
  // Nibbles need registers for two kinds of sums.
  const int most = format == LILT_INT4 ? (MOST_STREAMS + 1) / 2 : MOST_STREAMS;
  const int most_whole = format == LILT_INT4 ? 1 : MOST_WHOLE;
  for (int group = first; group < end; group++) {
    if (streams <= most_whole) {
      switch (streams) {
        WHOLE(1)
#if MOST_WHOLE >= 3
        WHOLE(2)
        WHOLE(3)
#endif
      }
      continue;
    }
#if MOST_STREAMS >= 6
    if (format == LILT_FLOAT32 || format == LILT_BFLOAT16) {
      for (int stream = 0; stream < streams; stream += BLOCKED_STREAMS) {
        const int left = streams - stream;
        const int count = left < BLOCKED_STREAMS ? left : BLOCKED_STREAMS;
        LiltInputs lower = below, upper = own;
        lower.values = at(below, stream);
        upper.values = at(own, stream);
        lstm_blocked(
            matrix, group, 0, lower, upper, addends + stream, states + stream, count, format);
        lstm_blocked(
            matrix, group, 1, lower, upper, addends + stream, states + stream, count, format);
      }
      continue;
    }
#endif
    for (int half = 0; half < 2; half++) {
      for (int stream = 0; stream < streams;) {
        const int count = next_tile(streams - stream, most);
        switch (count) {
          HALF(1)
#if MOST_STREAMS >= 2
          HALF(2)
#endif
#if MOST_STREAMS >= 6
          HALF(3)
#endif
#if MOST_STREAMS >= 6
          HALF(4)
          HALF(5)
          HALF(6)
#endif
        }
        stream += count;
      }
    }
  }
#undef WHOLE
#undef HALF
}

static void lstm(
    const LiltMatrix *matrix, int first, int end, int streams, LiltInputs below, LiltInputs own,
    const float *const *addends, float *const *states) {
#define WITH_FORMAT(format)                                                                      \
  case format:                                                                                   \
    lstm_groups(matrix, first, end, streams, below, own, addends, states, format);               \
    break;
  switch (matrix->format) {
    WITH_FORMAT(LILT_FLOAT32)
    WITH_FORMAT(LILT_BFLOAT16)
    WITH_FORMAT(LILT_INT8)
    WITH_FORMAT(LILT_INT4)
  }
#undef WITH_FORMAT
}

// ---- Dense layers.

INLINE void dense_tile(
    const LiltMatrix *matrix, int group, int vectors, int from, LiltInputs input,
    const float *scales, bool rectified, float *output, size_t output_stride, int stream,
    int streams, int count, LiltFormat format) {
  Floats sums[8 * MOST_STREAMS];
  tile_sums(
      matrix, group, vectors, input, input, scales, stream, streams, format,
      (Rows){from, 1, count}, sums);
  for (int s = 0; s < streams; s++) {
    float *to = output + (size_t)(stream + s) * output_stride +
                ((size_t)group * vectors + from) * LANES;
    for (int i = 0; i < count; i++) {
      Floats value = sums[s * count + i];
      if (rectified) value = __builtin_elementwise_max(value, all(0));
      store(to + i * LANES, value);
    }
  }
}

INLINE void dense_pairs(
    const LiltMatrix *matrix, int first, int end, int streams, LiltInputs input,
    const float *scales, bool rectified, float *output, size_t output_stride, LiltFormat format) {
#define TILE(vectors, from, stream, n, count)                                                    \
  dense_tile(                                                                                    \
      matrix, group, vectors, from, input, scales, rectified, output, output_stride, stream, n,  \
      count, format)
  const int pairs = matrix->vectors / 2;
  for (int pair = first; pair < end;) {
    const int group = pair / pairs;
    const int from = pair % pairs * 2;
    if (streams == 1 && from == 0 && pair + pairs <= end) {
      switch (matrix->vectors) {
        case 2: TILE(2, 0, 0, 1, 2); break;
        case 4: TILE(4, 0, 0, 1, 4); break;
        case 6: TILE(6, 0, 0, 1, 6); break;
        case 8: TILE(8, 0, 0, 1, 8); break;
      }
      pair += pairs;
      continue;
    }
    for (int stream = 0; stream < streams;) {
      const int count = next_tile(streams - stream, MOST_STREAMS);
      switch (count) {
        case 1: TILE(matrix->vectors, from, stream, 1, 2); break;
#if MOST_STREAMS >= 2
        case 2: TILE(matrix->vectors, from, stream, 2, 2); break;
#endif
#if MOST_STREAMS >= 6
        case 3: TILE(matrix->vectors, from, stream, 3, 2); break;
        case 4: TILE(matrix->vectors, from, stream, 4, 2); break;
        case 5: TILE(matrix->vectors, from, stream, 5, 2); break;
        case 6: TILE(matrix->vectors, from, stream, 6, 2); break;
#endif
      }
      stream += count;
    }
    pair++;
  }
#undef TILE
}

static void dense(
    const LiltMatrix *matrix, int first, int end, int streams, LiltInputs input,
    const float *scales, bool rectified, float *output, size_t output_stride) {
#define WITH_FORMAT(format)                                                                      \
  case format:                                                                                   \
    dense_pairs(                                                                                 \
        matrix, first, end, streams, input, scales, rectified, output, output_stride, format);   \
    break;
  switch (matrix->format) {
    WITH_FORMAT(LILT_FLOAT32)
    WITH_FORMAT(LILT_BFLOAT16)
    WITH_FORMAT(LILT_INT8)
    WITH_FORMAT(LILT_INT4)
  }
#undef WITH_FORMAT
}
