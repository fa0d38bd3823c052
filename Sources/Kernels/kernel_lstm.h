// A long short-term memory: a group is four gates of 2 * LANES units. See kernel_loops.h.

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
      whole_gates(z, hidden, units);
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
      .kind = asks ? GROUP_AHEAD : NOTHING_AHEAD,
      .end = weights + GROUP_BYTES(format, 8 * LANES, depth),
      .next = group_weights(matrix, following, 8, format) + below};
  if (format == LILT_INT8) {
    Ints whole[8];
    const Ints extra = all_ints(surplus(input, 0, depth));
    for (int i = 0; i < 8; i++) whole[i] = (Ints){0};
    add_bytes(weights, 8, input, 0, 1, whole_span(depth), rows, ahead, whole);
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
    whole_gates(z, state + group * 2 * LANES, units);
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
  const int most = format == LILT_INT4 ? (MOST_HALF + 1) / 2 : MOST_HALF;
  const int most_whole = format == LILT_INT4 ? 1 : MOST_WHOLE;
#if MOST_HALF > 1
  if (format != LILT_INT4 && streams > most_whole) {
    lstm_blocked_groups(matrix, first, end, streams, below, own, addends, states, format);
    return;
  }
#endif
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
    for (int half = 0; half < 2; half++) {
      for (int stream = 0; stream < streams;) {
        const int count = next_tile(streams - stream, most);
        switch (count) {
          HALF(1)
#if MOST_HALF >= 3
          HALF(2)
#endif
#if MOST_HALF >= 6
          HALF(3)
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

