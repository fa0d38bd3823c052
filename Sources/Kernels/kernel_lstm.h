// A long short-term memory: a group is four gates of 2 * LANES units. See kernel_loops.h.

INLINE void gates(
    Floats input, Floats forget, Floats candidate, Floats output, float *hidden, float *cell) {
  Floats taken = sigmoid(input) * hyperbolic_tangent(candidate);
  Floats remembered = fused(sigmoid(forget), load(cell), taken);
  store(cell, remembered);
  store(hidden, sigmoid(output) * hyperbolic_tangent(remembered));
}

/// Asks for what the gates of a stream need, which comes while the products are made.
INLINE void ask_for_gates(
    const LiltMatrix *matrix, int group, Rows rows, const float *addend, const float *state) {
  for (int i = 0; addend != NULL && i < rows.count; i++) {
    __builtin_prefetch(addend + (group * 8 + rows.from + i * rows.step) * LANES, 0, 3);
  }
  const float *hidden = state + (group * 2 + (rows.count < 8 ? rows.from : 0)) * LANES;
  for (int i = 0; i < rows.count / 4; i++) {
    __builtin_prefetch(hidden + i * LANES, 1, 3);
    __builtin_prefetch(hidden + (matrix->groups * 2 + i) * LANES, 1, 3);
  }
}

/// Half a group, or a whole one where `half` is negative, for `streams` streams.
INLINE void lstm_tile(
    const LiltMatrix *matrix, int group, int half, LiltInputs below, LiltInputs own,
    const float *const *addends, float *const *states, int stream, int streams,
    LiltFormat format) {
  Floats sums[8 * MOST_STREAMS];
  const Rows rows = half < 0 ? (Rows){0, 1, 8} : (Rows){half, 2, 4};
  for (int s = 0; s < streams; s++) {
    ask_for_gates(matrix, group, rows, addends[stream + s], states[stream + s]);
  }
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

/// What one part of the inputs adds to the rows of a group, for one stream: floats, or in
/// `LILT_INT8` whole numbers. `following` is the group that comes next.
INLINE void part_sums(
    const LiltMatrix *matrix, int group, LiltPart part, LiltInputs input, bool asks, int following,
    LiltFormat format, Ints *sums) {
  const Rows rows = {0, 1, 8};
  const int depth = matrix->depth[part];
  const size_t below = part == LILT_OWN ? GROUP_BYTES(format, 8 * LANES, matrix->depth[0]) : 0;
  const char *weights = group_weights(matrix, group, 8, format) + below;
  const Ahead ahead = {
      asks, weights + GROUP_BYTES(format, 8 * LANES, depth),
      group_weights(matrix, following, 8, format) + below, AHEAD};
  if (format == LILT_INT8) {
    Ints whole[8];
    const Ints extra = all_ints(surplus(input, 0, depth));
    for (int i = 0; i < 8; i++) whole[i] = (Ints){0};
    add_bytes(weights, 8, input, 0, 1, depth, rows, ahead, whole);
    for (int i = 0; i < 8; i++) sums[i] = whole[i] - extra;
    return;
  }
  Floats own[8];
  for (int i = 0; i < 8; i++) own[i] = (Floats){0};
  if (format == LILT_INT4) {
    add_nibbles(weights, 8, input, 0, 1, depth, rows, ahead, own);
  } else {
    add_floats(weights, 8, input, 0, 1, depth, format, rows, ahead, own);
  }
  for (int i = 0; i < 8; i++) sums[i] = (Ints)own[i];
}

/// Asks for a number of each row of a group.
INLINE void ask_for_row(const float *numbers) {
#pragma clang loop unroll(full)
  for (int i = 0; i < 8 * LANES; i += 16) __builtin_prefetch(numbers + i, 0, 3);
}

INLINE void lstm_part_groups(
    const LiltMatrix *matrix, LiltGroups groups, LiltPart part, LiltInputs input, bool adds,
    void *stored, const float *addend, float *state, bool asks, LiltFormat format) {
  const int units = matrix->groups * 2 * LANES;
  const int step = groups.backwards ? -1 : 1;
  int group = groups.backwards ? groups.end - 1 : groups.first;
  for (int n = groups.first; n < groups.end; n++, group += step) {
    Ints sums[8];
    char *kept = (char *)stored + (size_t)group * sizeof sums;
    const size_t row = (size_t)group * 8 * LANES;
    if (state != NULL) {
      // What the gates need comes while the products are made.
      ask_for_row(matrix->bias + row);
      if (format == LILT_INT8) ask_for_row(matrix->scale + row);
      if (addend != NULL) ask_for_row(addend + row);
    }
    if (part == LILT_NEITHER) {
      memcpy(sums, kept, sizeof sums);
    } else {
      const int following = n + 1 < groups.end ? group + step : group;
      part_sums(matrix, group, part, input, asks, following, format, sums);
      for (int i = 0; adds && i < 8; i++) {
        Ints other = load_ints(kept + i * sizeof other);
        sums[i] = format == LILT_INT8 ? sums[i] + other
                                      : (Ints)((Floats)sums[i] + (Floats)other);
      }
    }
    if (state == NULL) {
      memcpy(kept, sums, sizeof sums);
      continue;
    }
    Floats z[8];
    for (int i = 0; i < 8; i++) {
      Floats bias = load(matrix->bias + row + i * LANES);
      if (format == LILT_INT8) {
        z[i] = fused(
            to_floats(sums[i]), load(matrix->scale + row + i * LANES) * (1.0f / 127), bias);
      } else if (format == LILT_INT4) {
        z[i] = fused((Floats)sums[i], all(1.0f / 127), bias);
      } else {
        z[i] = (Floats)sums[i] + bias;
      }
      if (addend != NULL) z[i] += load(addend + row + i * LANES);
    }
    for (int half = 0; half < 2; half++) {
      float *to = state + (group * 2 + half) * LANES;
      gates(z[half], z[2 + half], z[4 + half], z[6 + half], to, to + units);
    }
  }
}

static void lstm_part(
    const LiltMatrix *matrix, LiltGroups groups, LiltPart part, LiltInputs input, bool adds,
    void *sums, const float *addend, float *state) {
#define WITH_FORMAT(format)                                                                      \
  case format:                                                                                   \
    if (groups.asks) {                                                                           \
      lstm_part_groups(                                                                          \
          matrix, groups, part, input, adds, sums, addend, state, true, format);                 \
    } else {                                                                                     \
      lstm_part_groups(                                                                          \
          matrix, groups, part, input, adds, sums, addend, state, false, format);                \
    }                                                                                            \
    break;
  switch (matrix->format) {
    WITH_FORMAT(LILT_FLOAT32)
    WITH_FORMAT(LILT_BFLOAT16)
    WITH_FORMAT(LILT_INT8)
    WITH_FORMAT(LILT_INT4)
  }
#undef WITH_FORMAT
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
  const Ahead none = {false, NULL, NULL, 0};
  const char *end = group_weights(matrix, group + 1, 8, format);
  // The first streams fetch the weights of both halves for all of them.
  const Ahead first = {true, end, end, FAR_AHEAD};
  Floats sums[4 * BLOCKED_STREAMS];
  Floats lower[4 * BLOCKED_STREAMS];
  for (int i = 0; i < 4 * streams; i++) sums[i] = (Floats){0};
  for (int s = 0; s < streams; s++) ask_for_gates(matrix, group, rows, addends[s], states[s]);
  for (int part = 0; part < 2; part++) {
    // Each part has a sum of its own.
    for (int i = 0; part == 1 && matrix->depth[0] > 0 && i < 4 * streams; i++) {
      lower[i] = sums[i];
      sums[i] = (Floats){0};
    }
    LiltInputs inputs = part == 0 ? below : own;
    for (int from = 0; from < matrix->depth[part]; from += BLOCKED_INPUTS) {
      const int left = matrix->depth[part] - from;
      const int count = left < BLOCKED_INPUTS ? left : BLOCKED_INPUTS;
      for (int stream = 0; stream < streams;) {
        const int taken = next_tile(streams - stream, MOST_STREAMS);
#define BLOCK(n)                                                                                 \
  case n:                                                                                        \
    if (half == 0 && stream == 0) {                                                              \
      add_floats(weights, 8, inputs, stream, n, count, format, rows, first, sums + 4 * stream);  \
    } else {                                                                                     \
      add_floats(weights, 8, inputs, stream, n, count, format, rows, none, sums + 4 * stream);   \
    }                                                                                            \
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
      z[i] = matrix->depth[0] > 0 ? lower[4 * s + i] + sums[4 * s + i] : sums[4 * s + i];
      z[i] += load(matrix->bias + place);
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

