// A long short-term memory: its gates, and products in blocks for many streams. See kernel_loops.h.
//
// A block of a group's weights lies in the first cache while it is multiplied with that part of the
// inputs of all streams, which lie in the second; sums of the whole group wait in memory meanwhile.
// Each sum still takes its terms in the order of the inputs, so blocks change no bit.

INLINE void gates(
    Floats input, Floats forget, Floats candidate, Floats output, float *hidden, float *cell) {
  Floats taken = sigmoid(input) * hyperbolic_tangent(candidate);
  Floats remembered = fused(sigmoid(forget), load(cell), taken);
  store(cell, remembered);
  store(hidden, sigmoid(output) * hyperbolic_tangent(remembered));
}

/// The gates of a whole group. What does not depend on each other comes first, as much as there is:
/// a unit after the other would leave the processor waiting.
INLINE void whole_gates(const Floats *z, float *hidden, int units) {
  Floats gate[8];
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) gate[i] = i / 2 == 2 ? hyperbolic_tangent(z[i]) : sigmoid(z[i]);
  Floats cells[2];
#pragma clang loop unroll(full)
  for (int half = 0; half < 2; half++) {
    const Floats before = load(hidden + units + half * LANES);
    cells[half] = fused(gate[2 + half], before, gate[half] * gate[4 + half]);
  }
#pragma clang loop unroll(full)
  for (int half = 0; half < 2; half++) {
    store(hidden + units + half * LANES, cells[half]);
    store(hidden + half * LANES, gate[6 + half] * hyperbolic_tangent(cells[half]));
  }
}

/// Asks for what the gates of a stream need, which comes while the products are made.
INLINE void ask_for_gates(
    const LiltMatrix *matrix, int group, Rows rows, const float *addend, const float *state) {
  for (int i = 0; addend != NULL && i < rows.count; i += LANES < 16 && rows.step == 1 ? 2 : 1) {
    __builtin_prefetch(addend + (group * 8 + rows.from + i * rows.step) * LANES, 0, 3);
  }
  const float *hidden = state + (group * 2 + (rows.count < 8 ? rows.from : 0)) * LANES;
  for (int i = 0; i < rows.count / 4; i++) {
    __builtin_prefetch(hidden + i * LANES, 1, 3);
    __builtin_prefetch(hidden + (matrix->groups * 2 + i) * LANES, 1, 3);
  }
}

enum {
  /// Streams whose sums are kept at once.
  BLOCKED_STREAMS = 64,
  /// Weights of a block: half of a small first cache.
  BLOCK_BYTES = 16384
};

/// What blocks are multiplied with, and what they are added to.
typedef struct {
  const LiltInputs *inputs;
  int streams;
  /// `[half][stream][gate]`
  Ints *sums;
} Blocked;

/// Inputs that share a row of a packed group.
INLINE int inputs_of_row(LiltFormat format) { return format == LILT_INT8 ? 4 : 1; }

/// One tile of a block: half of the group for `streams` streams from `stream` on.
INLINE void block_tile(
    const char *weights, int half, const Blocked *blocked, int stream, int streams, Span span,
    Ahead ahead, LiltFormat format) {
  const Rows rows = {half, 2, 4};
  Ints *sums = blocked->sums + 4 * (half * BLOCKED_STREAMS + stream);
  if (format == LILT_INT8) {
    add_bytes(weights, 8, *blocked->inputs, stream, streams, span, rows, ahead, sums);
    return;
  }
  LiltInputs inputs = *blocked->inputs;
  inputs.values = (const float *)inputs.values + span.from;
  add_floats(
      weights, 8, inputs, stream, streams, span.count, format, rows, ahead, (Floats *)sums);
}

/// A block for all streams, both halves. Meanwhile the block that comes next is asked for: row by row
/// where `asks`, else by each tile its share beforehand, so that none waits for more lines than the
/// processor can ask for at once.
INLINE void block_tiles_of(
    const char *weights, const Blocked *blocked, Span span, int tiles, bool asks,
    LiltFormat format) {
  const int fewest = blocked->streams / tiles;
  const int larger = blocked->streams % tiles;
  const int share = (BLOCK_BYTES / 2 + tiles - 1) / tiles;
  const char *next = weights + BLOCK_BYTES;
  const int lines = 8 * LANES * (format == LILT_BFLOAT16 ? 2 : 4) / 64;
  // Halves of one tile, or four of more, ask for the whole block.
  const int shift = tiles == 1 ? 1 : 2;
  Ahead ahead = {
      .kind = asks ? BLOCK_AHEAD : NOTHING_AHEAD,
      .start = weights,
      .part = next,
      .shift = shift,
      .lines = lines >> shift};
  for (int half = 0; half < 2; half++) {
    int stream = 0;
    for (int tile = 0; tile < tiles; tile++) {
      if (!asks) {
        for (int line = 0; line < share; line += 64) __builtin_prefetch(next + line, 0, 2);
        next += share;
      }
      const int taken = fewest + (tile < larger);
#define TILE(n)                                                                                  \
  case n:                                                                                        \
    if (half == 0) {                                                                             \
      block_tile(weights, 0, blocked, stream, n, span, ahead, format);                           \
    } else {                                                                                     \
      block_tile(weights, 1, blocked, stream, n, span, ahead, format);                           \
    }                                                                                            \
    break;
      switch (format == LILT_INT8 && taken > MOST_HALF_BYTES ? 0 : taken) {
        TILE(1)
        TILE(2)
#if MOST_HALF >= 3
        TILE(3)
#endif
#if MOST_HALF >= 6
        TILE(4)
        TILE(5)
        TILE(6)
#endif
      }
#undef TILE
      stream += taken;
      ahead.part += BLOCK_BYTES >> shift;
      if (ahead.part == weights + 2 * BLOCK_BYTES) ahead.lines = 0;
    }
  }
}

INLINE void block_tiles(const char *weights, const Blocked *blocked, Span span, LiltFormat format) {
  const int most = format == LILT_INT8 ? MOST_HALF_BYTES : MOST_HALF;
  const int tiles = (blocked->streams + most - 1) / most;
  // What asking costs beside the products of many tiles is more than what it brings.
  if (tiles <= 3) {
    block_tiles_of(weights, blocked, span, tiles, true, format);
  } else {
    block_tiles_of(weights, blocked, span, tiles, false, format);
  }
}

/// A group for up to `BLOCKED_STREAMS` streams. `surpluses` is what bytes have too much, one for
/// each stream.
INLINE void lstm_blocked(
    const LiltMatrix *matrix, int group, LiltInputs below, LiltInputs own,
    const float *const *addends, float *const *states, int streams, const int32_t *surpluses,
    LiltFormat format) {
  const int step = inputs_of_row(format);
  const size_t row = (size_t)8 * LANES * (format == LILT_BFLOAT16 ? 2 : 4);
  const int block = (int)(BLOCK_BYTES / row) * step;
  const char *weights = group_weights(matrix, group, 8, format);
  Ints sums[2 * 4 * BLOCKED_STREAMS];
  Ints lower[2 * 4 * BLOCKED_STREAMS];
  // Each part of floats has a sum of its own; sums of bytes are exact in any order.
  const bool has_lower = format != LILT_INT8 && matrix->depth[0] > 0;
  for (int half = 0; half < 2; half++) {
    memset(sums + 4 * half * BLOCKED_STREAMS, 0, 4 * (size_t)streams * sizeof *sums);
  }
  for (int part = 0; part < 2; part++) {
    const LiltInputs inputs = part == 0 ? below : own;
    const Blocked blocked = {&inputs, streams, sums};
    const int depth = matrix->depth[part];
    if (part == 1 && has_lower) {
      memcpy(lower, sums, sizeof sums);
      memset(sums, 0, sizeof sums);
    }
    for (int from = 0; from < depth; from += block) {
      const int count = depth - from < block ? depth - from : block;
      block_tiles(weights, &blocked, (Span){from, count, depth}, format);
      weights += (size_t)(count / step) * row;
    }
  }
  Floats *activations = (Floats *)sums;
  for (int s = 0; s < streams; s++) {
    const int later = s + 4 < streams ? s + 4 : s;
    ask_for_gates(matrix, group, (Rows){0, 1, 8}, addends[later], states[later]);
    for (int half = 0; half < 2; half++) {
      Ints *own_sums = sums + 4 * (half * BLOCKED_STREAMS + s);
      const Ints *lower_sums = lower + 4 * (half * BLOCKED_STREAMS + s);
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++) {
        const size_t place = ((size_t)group * 8 + half + 2 * i) * LANES;
        const Floats bias = load(matrix->bias + place);
        Floats z = (Floats)own_sums[i];
        if (format == LILT_INT8) {
          z = fused(
              to_floats(own_sums[i] - surpluses[s]), load(matrix->scale + place) * (1.0f / 127),
              bias);
        } else {
          if (has_lower) z = (Floats)lower_sums[i] + z;
          z += bias;
        }
        if (addends[s] != NULL) z += load(addends[s] + place);
        own_sums[i] = (Ints)(i == 2 ? hyperbolic_tangent(z) : sigmoid(z));
      }
    }
  }
  // Cells in a loop of their own: so many steps that wait for each other must not follow in turn.
  const int units = matrix->groups * 2 * LANES;
  for (int s = 0; s < streams; s++) {
    for (int half = 0; half < 2; half++) {
      const Floats *gate = activations + 4 * (half * BLOCKED_STREAMS + s);
      float *to = states[s] + (group * 2 + half) * LANES;
      const Floats remembered = fused(gate[1], load(to + units), gate[0] * gate[2]);
      store(to + units, remembered);
      store(to, gate[3] * hyperbolic_tangent(remembered));
    }
  }
}

/// Some groups for any number of streams.
INLINE void lstm_blocked_groups(
    const LiltMatrix *matrix, int first, int end, int streams, LiltInputs below, LiltInputs own,
    const float *const *addends, float *const *states, LiltFormat format) {
  for (int stream = 0; stream < streams; stream += BLOCKED_STREAMS) {
    const int left = streams - stream;
    const int count = left < BLOCKED_STREAMS ? left : BLOCKED_STREAMS;
    LiltInputs lower = below, upper = own;
    lower.values = at(below, stream);
    upper.values = at(own, stream);
    int32_t surpluses[BLOCKED_STREAMS];
    for (int s = 0; format == LILT_INT8 && s < count; s++) {
      surpluses[s] = surplus(lower, s, matrix->depth[0]) + surplus(upper, s, matrix->depth[1]);
    }
    for (int group = first; group < end; group++) {
      lstm_blocked(
          matrix, group, lower, upper, addends + stream, states + stream, count, surpluses,
          format);
    }
  }
}
