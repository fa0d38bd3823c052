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

/// What is asked for while weights are read, so that it is there when its turn comes.
typedef struct {
  enum { NOTHING_AHEAD, GROUP_AHEAD, BLOCK_AHEAD } kind;
  /// A group: where its weights end, and what is read after them.
  const char *end, *next;
  /// A block: its first row; where a part of the next block lies that this tile asks for, a row of
  /// weights `1 >> shift` of a row there; and how many lines at a time.
  const char *start, *part;
  int shift, lines;
} Ahead;

/// Bytes between a weight of a group that is read and one that is asked for.
enum { AHEAD = 2048 };

/// Asks for a row of weights that will be read soon.
INLINE void ask_for(const char *weights, size_t row, Ahead ahead) {
  if (ahead.kind == BLOCK_AHEAD) {
    const char *from = ahead.part + ((weights - ahead.start) >> ahead.shift);
    for (int line = 0; line < ahead.lines; line++) __builtin_prefetch(from + 64 * line, 0, 2);
  } else if (ahead.kind == GROUP_AHEAD) {
    const char *from = weights + AHEAD;
    if (from >= ahead.end) from = ahead.next + (from - ahead.end);
    for (size_t line = 0; line < row; line += 64) __builtin_prefetch(from + line, 0, 3);
  }
}

INLINE const char *add_floats(
    const char *weights, int vectors, LiltInputs inputs, int stream, int streams, int depth,
    LiltFormat format, Rows rows, Ahead ahead, Floats *sums) {
  const size_t row = (size_t)vectors * LANES * (format == LILT_FLOAT32 ? 4 : 2);
  const float *x[MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int s = 0; s < streams; s++) x[s] = at(inputs, stream + s);
  // Local, so that they are kept in registers.
  Floats kept[8 * MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows.count * streams; i++) kept[i] = sums[i];
  for (int k = 0; k < depth; k++) {
    ask_for(weights, row, ahead);
    Floats value[MOST_STREAMS];
#pragma clang loop unroll(full)
    for (int s = 0; s < streams; s++) value[s] = all(x[s][k]);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows.count; i++) {
      const Floats w = weights_at(weights, rows, i, format);
#pragma clang loop unroll(full)
      for (int s = 0; s < streams; s++) {
        kept[s * rows.count + i] = fused(w, value[s], kept[s * rows.count + i]);
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

/// The part of a tile's inputs that a product of bytes takes, and where all of them end.
typedef struct {
  /// Multiples of 4.
  int from, count;
  /// Inputs of the whole part.
  int depth;
} Span;

INLINE Span whole_span(int depth) { return (Span){0, depth, depth}; }

#if SPLITS_INPUTS
/// Four inputs in every lane, as magnitudes and as signs (0 or -1), which `DOT` wants apart.
typedef struct {
  Ints magnitudes, signs;
} Four;

INLINE Four four_at(const int8_t *inputs, int k, int depth) {
  return (Four){
      four_inputs(inputs + MAGNITUDES_AT(depth) + k), four_inputs(inputs + SIGNS_AT(depth) + k)};
}
#else
typedef Ints Four;

INLINE Four four_at(const int8_t *inputs, int k, int depth) {
  (void)depth;
  return four_inputs(inputs + k);
}
#endif

INLINE const char *add_bytes(
    const char *weights, int vectors, LiltInputs inputs, int stream, int streams, Span span,
    Rows rows, Ahead ahead, Ints *sums) {
  const size_t row = (size_t)vectors * LANES * 4;
  const int8_t *x[MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int s = 0; s < streams; s++) x[s] = at(inputs, stream + s);
  Ints kept[8 * MOST_STREAMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows.count * streams; i++) kept[i] = sums[i];
  for (int k = span.from; k < span.from + span.count; k += 4) {
    ask_for(weights, row, ahead);
    Four four[MOST_STREAMS];
#pragma clang loop unroll(full)
    for (int s = 0; s < streams; s++) four[s] = four_at(x[s], k, span.depth);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows.count; i++) {
      const Ints w = load_ints(weights + (size_t)(rows.from + i * rows.step) * LANES * 4);
#pragma clang loop unroll(full)
      for (int s = 0; s < streams; s++) {
        kept[s * rows.count + i] = DOT(kept[s * rows.count + i], w, four[s]);
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
    Rows rows, Ahead ahead, Floats *sums) {
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
      ask_for(weights, row, ahead);
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
    ask_for(weights, row / 2, ahead);
    weights += (size_t)vectors * LANES * 2;
  }
  return weights;
}

/// What has to be taken off every sum of a stream: what `WEIGHT_OFFSET` adds, or what `DOT` takes
/// off where it gets signs apart.
INLINE int32_t surplus(LiltInputs inputs, int stream, int depth) {
  if (depth == 0 || (WEIGHT_OFFSET == 0 && !SPLITS_INPUTS)) return 0;
  const char *sums = (const char *)at(inputs, stream) +
                     (SPLITS_INPUTS ? NEGATIVES_AT(depth) : SUMS_AT(depth));
  const int blocks = (depth + LILT_BLOCK - 1) / LILT_BLOCK;
  uint32_t total = 0;
  for (int block = 0; block < blocks; block++) total += ((const uint32_t *)sums)[block];
  return (int32_t)(SPLITS_INPUTS ? -total : total * WEIGHT_OFFSET);
}

INLINE const char *group_weights(
    const LiltMatrix *matrix, int group, int vectors, LiltFormat format) {
  const int depth = matrix->depth[0] + matrix->depth[1];
  return (const char *)matrix->weights +
         GROUP_BYTES(format, vectors * LANES, depth) * (size_t)group;
}

/// The sums of a tile, bias included. `scales` is null where inputs are worth 1/127 each.
///
/// Each part of the inputs has a sum of its own, so that the parts may be computed at different times.
INLINE void tile_sums(
    const LiltMatrix *matrix, int group, int vectors, LiltInputs first, LiltInputs second,
    const float *scales, int stream, int streams, LiltFormat format, Rows rows, Floats *sums) {
  const size_t row = (size_t)group * vectors * LANES;
  const float *bias = matrix->bias + row;
  const char *weights = group_weights(matrix, group, vectors, format);
  // A few streams wait for their weights; more have work enough meanwhile.
  const char *end = group_weights(matrix, group + 1, vectors, format);
  const int waiting = format == LILT_INT8 ? MOST_WHOLE : format == LILT_INT4 ? 1 : 0;
  const Ahead ahead = {
      .kind = streams <= waiting ? GROUP_AHEAD : NOTHING_AHEAD, .end = end, .next = end};
  if (format == LILT_INT8) {
    Ints whole[8 * MOST_STREAMS];
    for (int i = 0; i < rows.count * streams; i++) whole[i] = (Ints){0};
    weights = add_bytes(
        weights, vectors, first, stream, streams, whole_span(matrix->depth[0]), rows, ahead,
        whole);
    add_bytes(
        weights, vectors, second, stream, streams, whole_span(matrix->depth[1]), rows, ahead,
        whole);
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
  for (int part = 0; part < 2; part++) {
    const int depth = matrix->depth[part];
    if (depth == 0) continue;
    const LiltInputs inputs = part == 0 ? first : second;
    Floats own[8 * MOST_STREAMS];
    for (int i = 0; i < rows.count * streams; i++) own[i] = (Floats){0};
    weights = format == LILT_INT4
                  ? add_nibbles(
                        weights, vectors, inputs, stream, streams, depth, rows, ahead, own)
                  : add_floats(
                        weights, vectors, inputs, stream, streams, depth, format, rows, ahead,
                        own);
    const bool adds = part == 1 && matrix->depth[0] > 0;
    for (int i = 0; i < rows.count * streams; i++) sums[i] = adds ? sums[i] + own[i] : own[i];
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
      // Inputs in two parts take twice the registers.
      const bool is_split = format == LILT_INT8 && SPLITS_INPUTS;
      const int count =
          next_tile(streams - stream, is_split ? (MOST_STREAMS + 1) / 2 : MOST_STREAMS);
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
