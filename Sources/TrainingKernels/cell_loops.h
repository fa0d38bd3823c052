// The cells of recurrent layers, forwards and back. Plain loops, which the compiler turns into
// vectors of whatever width the processor has.

/// Within 2e-7 of e^x, relatively; 0 and infinity are never reached. What is no number stays so.
INLINE float exponential(float x) {
  x = x > 87.0f ? 87.0f : x;
  x = x < -87.0f ? -87.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;
  const float whole = shifted - 12582912.0f;
  float rest = x - whole * 0.693359375f;
  rest = rest + whole * 2.12194440e-4f;
  float sum = 1.3888889e-3f;
  sum = sum * rest + 8.3333333e-3f;
  sum = sum * rest + 4.1666667e-2f;
  sum = sum * rest + 0.16666667f;
  sum = sum * rest + 0.5f;
  sum = sum * rest + 1.0f;
  sum = sum * rest + 1.0f;
  return float_of(bits_of(sum) + (bits_of(shifted) << 23)) + (x - x);
}

INLINE float logistic(float x) { return 1.0f / (1.0f + exponential(-x)); }
INLINE float hyperbolic(float x) { return 1.0f - 2.0f / (1.0f + exponential(x + x)); }

/// A well-mixed function of a position (after Chris Wellons, "lowbias32").
INLINE uint32_t mixed(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  x ^= x >> 16;
  return x;
}

/// What an output at this position is multiplied by.
INLINE float kept_share(const LiltDropout *d, uint32_t position) {
  return mixed(position * 0x9e3779b9U + d->key) < d->threshold ? 0.0f : d->scale;
}

/// Gives what a moment produced to the moment after and to the layer above.
INLINE void hand_on(const LiltForward *m, int row, const float *restrict hidden) {
  const int units = m->units;
  const size_t at = (size_t)row * units;
  if (m->fresh_after != NULL && m->fresh_after[row]) {
    memset(m->hidden_after + at, 0, 4 * (size_t)units);
    if (m->hidden_after_16 != NULL) memset(m->hidden_after_16 + at, 0, 2 * (size_t)units);
  } else {
    memcpy(m->hidden_after + at, hidden, 4 * (size_t)units);
    if (m->hidden_after_16 != NULL) narrow(hidden, (size_t)units, m->hidden_after_16 + at);
  }
  const uint32_t position = m->dropout.position + (uint32_t)row * m->dropout.row_stride;
  const bool drops = m->dropout.threshold != 0;
  if (m->out != NULL) {
    float *restrict out = m->out + at;
    if (drops) {
      for (int u = 0; u < units; u++) {
        out[u] = hidden[u] * kept_share(&m->dropout, position + (uint32_t)u);
      }
    } else {
      memcpy(out, hidden, 4 * (size_t)units);
    }
  }
  if (m->out_16 != NULL) {
    uint16_t *restrict out = m->out_16 + at;
    if (drops) {
      for (int u = 0; u < units; u++) {
        const float share = kept_share(&m->dropout, position + (uint32_t)u);
        out[u] = (uint16_t)narrowed(hidden[u] * share);
      }
    } else {
      narrow(hidden, (size_t)units, out);
    }
  }
}

#define LARGEST_LAYER 8192

static void forward_lstm(const LiltForward *m) {
  const int units = m->units;
  float hidden[LARGEST_LAYER];
  for (int row = 0; row < m->rows; row++) {
    const size_t at = (size_t)row * units;
    float *restrict input = m->gates + 4 * at, *restrict forget = input + units;
    float *restrict candidate = forget + units, *restrict output = candidate + units;
    const float *restrict before = m->cell_before + at;
    float *restrict after = m->cell_after + at, *restrict kept = m->kept + at;
    for (int u = 0; u < units; u++) {
      const float i = logistic(input[u]), f = logistic(forget[u]);
      const float g = hyperbolic(candidate[u]), o = logistic(output[u]);
      const float cell = f * before[u] + i * g, squashed = hyperbolic(cell);
      input[u] = i;
      forget[u] = f;
      candidate[u] = g;
      output[u] = o;
      after[u] = cell;
      kept[u] = squashed;
      hidden[u] = o * squashed;
    }
    if (m->fresh_after != NULL && m->fresh_after[row]) memset(after, 0, 4 * (size_t)units);
    hand_on(m, row, hidden);
  }
}

static void forward_gru(const LiltForward *m) {
  const int units = m->units;
  float hidden[LARGEST_LAYER];
  for (int row = 0; row < m->rows; row++) {
    const size_t at = (size_t)row * units;
    float *restrict reset = m->gates + 3 * at, *restrict update = reset + units;
    float *restrict candidate = update + units;
    const float *restrict recurrent = m->recurrent + 3 * at;
    const float *restrict before = m->hidden_before + at;
    float *restrict kept = m->kept + at;
    for (int u = 0; u < units; u++) {
      const float r = logistic(reset[u] + recurrent[u]);
      const float z = logistic(update[u] + recurrent[units + u]);
      const float own = recurrent[2 * units + u];
      const float n = hyperbolic(candidate[u] + r * own);
      reset[u] = r;
      update[u] = z;
      candidate[u] = n;
      kept[u] = own;
      hidden[u] = n + z * (before[u] - n);
    }
    hand_on(m, row, hidden);
  }
}

static void forward_rnn(const LiltForward *m) {
  const int units = m->units;
  for (int row = 0; row < m->rows; row++) {
    float *restrict gates = m->gates + (size_t)row * units;
    for (int u = 0; u < units; u++) gates[u] = hyperbolic(gates[u]);
    hand_on(m, row, gates);
  }
}

static void forward(LiltCell cell, const LiltForward *moment) {
  switch (cell) {
    case LILT_LSTM: forward_lstm(moment); break;
    case LILT_GRU: forward_gru(moment); break;
    case LILT_RNN: forward_rnn(moment); break;
  }
}

/// The gradient of what a moment gave: from the layer above and from the moment after.
INLINE void gather(const LiltBackward *m, int row, float *restrict sum) {
  const int units = m->units;
  const float *restrict above = m->out + (size_t)row * units;
  const float *restrict after = m->hidden + (size_t)row * units;
  const bool is_cut = m->fresh_after != NULL && m->fresh_after[row];
  const uint32_t position = m->dropout.position + (uint32_t)row * m->dropout.row_stride;
  if (m->dropout.threshold != 0) {
    for (int u = 0; u < units; u++) {
      sum[u] = above[u] * kept_share(&m->dropout, position + (uint32_t)u);
    }
  } else {
    memcpy(sum, above, 4 * (size_t)units);
  }
  if (!is_cut) {
    for (int u = 0; u < units; u++) sum[u] += after[u];
  }
}

static void backward_lstm(const LiltBackward *m) {
  const int units = m->units;
  float hidden[LARGEST_LAYER];
  for (int row = 0; row < m->rows; row++) {
    const size_t at = (size_t)row * units;
    gather(m, row, hidden);
    float *restrict input = m->gates + 4 * at, *restrict forget = input + units;
    float *restrict candidate = forget + units, *restrict output = candidate + units;
    const float *restrict before = m->cell_before + at, *restrict kept = m->kept + at;
    float *restrict cell = m->cell + at;
    if (m->fresh_after != NULL && m->fresh_after[row]) memset(cell, 0, 4 * (size_t)units);
    for (int u = 0; u < units; u++) {
      const float i = input[u], f = forget[u], g = candidate[u], o = output[u];
      const float squashed = kept[u], up = hidden[u];
      const float inside = cell[u] + up * o * (1.0f - squashed * squashed);
      input[u] = inside * g * i * (1.0f - i);
      forget[u] = inside * before[u] * f * (1.0f - f);
      candidate[u] = inside * i * (1.0f - g * g);
      output[u] = up * squashed * o * (1.0f - o);
      cell[u] = inside * f;
    }
    if (m->gates_16 != NULL) narrow(input, 4 * (size_t)units, m->gates_16 + 4 * at);
  }
}

static void backward_gru(const LiltBackward *m) {
  const int units = m->units;
  float hidden[LARGEST_LAYER];
  for (int row = 0; row < m->rows; row++) {
    const size_t at = (size_t)row * units;
    gather(m, row, hidden);
    float *restrict reset = m->gates + 3 * at, *restrict update = reset + units;
    float *restrict candidate = update + units;
    float *restrict recurrent = m->recurrent + 3 * at;
    const float *restrict before = m->hidden_before + at, *restrict kept = m->kept + at;
    float *restrict skip = m->hidden + at;
    for (int u = 0; u < units; u++) {
      const float r = reset[u], z = update[u], n = candidate[u], up = hidden[u];
      const float of_candidate = up * (1.0f - z) * (1.0f - n * n);
      const float of_update = up * (before[u] - n) * z * (1.0f - z);
      const float of_reset = of_candidate * kept[u] * r * (1.0f - r);
      reset[u] = of_reset;
      update[u] = of_update;
      candidate[u] = of_candidate;
      recurrent[u] = of_reset;
      recurrent[units + u] = of_update;
      recurrent[2 * units + u] = of_candidate * r;
      skip[u] = up * z;
    }
    if (m->gates_16 != NULL) narrow(reset, 3 * (size_t)units, m->gates_16 + 3 * at);
    if (m->recurrent_16 != NULL) {
      narrow(recurrent, 3 * (size_t)units, m->recurrent_16 + 3 * at);
    }
  }
}

static void backward_rnn(const LiltBackward *m) {
  const int units = m->units;
  float hidden[LARGEST_LAYER];
  for (int row = 0; row < m->rows; row++) {
    const size_t at = (size_t)row * units;
    gather(m, row, hidden);
    float *restrict gates = m->gates + at;
    for (int u = 0; u < units; u++) gates[u] = hidden[u] * (1.0f - gates[u] * gates[u]);
    if (m->gates_16 != NULL) narrow(gates, (size_t)units, m->gates_16 + at);
  }
}

static void backward(LiltCell cell, const LiltBackward *moment) {
  switch (cell) {
    case LILT_LSTM: backward_lstm(moment); break;
    case LILT_GRU: backward_gru(moment); break;
    case LILT_RNN: backward_rnn(moment); break;
  }
}
