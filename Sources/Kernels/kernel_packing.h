// Preparing inputs and weights. See kernel_loops.h.

static void quantize(
    const float *values, int first, int end, float factor, int count, void *input) {
  int8_t *bytes = input;
  int32_t *sums = (int32_t *)(bytes + SUMS_AT(count));
  for (int block = first; block < end; block += LILT_BLOCK) {
    Ints sum = {0};
    int32_t rest = 0;
    for (int i = block; i < block + LILT_BLOCK; i += LANES) {
      if (i + LANES <= end) {
        Floats value = rounded(clamped(load(values + i) * factor, -127, 127));
        Ints whole = __builtin_convertvector(value, Ints);
        Bytes narrow = __builtin_convertvector(whole, Bytes);
        memcpy(bytes + i, &narrow, sizeof narrow);
        sum += whole;
        continue;
      }
      for (int k = i; k < i + LANES; k++) {
        bytes[k] = 0;
        if (k >= end) continue;
        Floats value = rounded(clamped(all(values[k] * factor), -127, 127));
        bytes[k] = (int8_t)value[0];
        rest += bytes[k];
      }
    }
    for (int lane = 0; lane < LANES; lane++) rest += sum[lane];
    sums[block / LILT_BLOCK] = rest;
#if SPLITS_INPUTS
    // The magnitudes less the values are twice the magnitudes of the negative ones.
    int32_t magnitudes = 0;
    for (int k = block; k < block + LILT_BLOCK; k++) {
      const int8_t sign = bytes[k] < 0 ? -1 : 0;
      const int8_t magnitude = (int8_t)((bytes[k] ^ sign) - sign);
      bytes[MAGNITUDES_AT(count) + k] = magnitude;
      bytes[SIGNS_AT(count) + k] = sign;
      magnitudes += magnitude;
    }
    ((int32_t *)(bytes + NEGATIVES_AT(count)))[block / LILT_BLOCK] = (magnitudes - rest) / 2;
#endif
  }
}

static float largest(const float *values, int count) {
  Floats best = {0};
  int i = 0;
  for (; i + LANES <= count; i += LANES) {
    best = __builtin_elementwise_max(best, __builtin_elementwise_abs(load(values + i)));
  }
  float result = highest_of(best);
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

/// The rows of one vector while they are packed.
typedef struct {
  int vectors;
  int index;
  /// Weights of each row in memory, the first part and the second; null for a row of padding.
  const float *parts[2][LANES];
  int widths[2];
  const int *depths;
} PackedRows;

static void pack_floats(const PackedRows *rows, float *to) {
  for (int part = 0; part < 2; part++) {
    for (int k = 0; k < rows->widths[part]; k++) {
      for (int lane = 0; lane < LANES; lane++) {
        const float *from = rows->parts[part][lane];
        if (from != NULL) to[((size_t)k * rows->vectors + rows->index) * LANES + lane] = from[k];
      }
    }
    to += (size_t)rows->depths[part] * rows->vectors * LANES;
  }
}

static void pack_halves(const PackedRows *rows, uint16_t *to) {
  to += (rows->index & ~1) * LANES + (rows->index & 1);
  for (int part = 0; part < 2; part++) {
    for (int k = 0; k < rows->widths[part]; k++) {
      for (int lane = 0; lane < LANES; lane++) {
        const float *from = rows->parts[part][lane];
        if (from != NULL) to[(size_t)k * rows->vectors * LANES + 2 * lane] = shortened(from[k]);
      }
    }
    to += (size_t)rows->depths[part] * rows->vectors * LANES;
  }
}

static void pack_bytes(const PackedRows *rows, char *to, float *scale, int8_t *scratch) {
  const int total = rows->depths[0] + rows->depths[1];
  memset(scratch, 0, (size_t)total * LANES);
  for (int lane = 0; lane < LANES; lane++) {
    if (rows->parts[0][lane] == NULL) continue;
    float magnitude = largest(rows->parts[0][lane], rows->widths[0]);
    if (rows->depths[1] > 0) {
      const float other = largest(rows->parts[1][lane], rows->widths[1]);
      magnitude = other > magnitude ? other : magnitude;
    }
    const float unit = magnitude > 0 ? magnitude / 127 : 1;
    scale[lane] = unit;
    for (int part = 0; part < 2; part++) {
      const float *from = rows->parts[part][lane];
      int8_t *bytes = scratch + (size_t)lane * total + (part == 0 ? 0 : rows->depths[0]);
      int k = 0;
      for (; k + LANES <= rows->widths[part]; k += LANES) {
        Floats value = clamped(rounded(load(from + k) / unit), -127, 127);
        Bytes narrow = __builtin_convertvector(__builtin_convertvector(value, Ints), Bytes);
        memcpy(bytes + k, &narrow, sizeof narrow);
      }
      for (; k < rows->widths[part]; k++) {
        bytes[k] = (int8_t)clamped(rounded(all(from[k] / unit)), -127, 127)[0];
      }
    }
  }
  // The offset also fills padding, whose inputs are 0.
  const uint32_t offset = WEIGHT_OFFSET * 0x01010101u;
  to += (size_t)rows->index * LANES * 4;
  for (int k = 0; k < total; k += 4) {
    uint32_t words[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      memcpy(words + lane, scratch + (size_t)lane * total + k, 4);
      words[lane] ^= offset;
    }
    memcpy(to + (size_t)k * rows->vectors * LANES, words, sizeof words);
  }
}

/// The nibbles of 64 weights, 7.5 and so on apart, in steps of `unit`.
INLINE Floats nibble_values(Floats weights, float unit) {
  // Down to a whole number, by rounding what is half a step lower; ties do not matter.
  return clamped(rounded(weights / unit - 0.5f), -8, 7);
}

/// The scale, of a few below that of the largest weight, whose nibbles are nearest to the weights.
static float best_unit(const float *weights) {
  const float magnitude = largest(weights, LILT_BLOCK);
  float best = 0;
  float least = 0;
  if (magnitude == 0) return 0;
  for (int step = 0; step < 8; step++) {
    const uint32_t bits = (uint32_t)shortened(magnitude / 7.5f * (1 - 0.05f * step)) << 16;
    float unit;
    memcpy(&unit, &bits, sizeof unit);
    if (!(unit > 0)) continue;
    Sixteen errors = {0};
    for (int k = 0; k < LILT_BLOCK; k += 16) {
      for (int part = 0; part < PARTS; part++) {
        Floats weight = load(weights + k + part * LANES);
        Floats error = (nibble_values(weight, unit) + 0.5f) * unit - weight;
        errors.parts[part] = fused(error, error, errors.parts[part]);
      }
    }
    const float error = total_of(errors);
    if (best == 0 || error < least) {
      best = unit;
      least = error;
    }
  }
  return best;
}

static void pack_nibbles(const PackedRows *rows, char *to) {
  const size_t row = (size_t)rows->vectors * LANES * 4;
  for (int part = 0; part < 2; part++) {
    for (int k = 0; k < rows->depths[part]; k += LILT_BLOCK) {
      uint8_t nibbles[LANES][LILT_BLOCK];
      uint16_t units[LANES];
      for (int lane = 0; lane < LANES; lane++) {
        float weights[LILT_BLOCK] = {0};
        const float *from = rows->parts[part][lane];
        const int left = rows->widths[part] - k;
        const int count = left < LILT_BLOCK ? left : LILT_BLOCK;
        if (from != NULL) memcpy(weights, from + k, (size_t)count * sizeof *from);
        const float unit = best_unit(weights);
        units[lane] = shortened(unit);
        for (int i = 0; i < LILT_BLOCK; i += LANES) {
          Floats value = unit > 0 ? nibble_values(load(weights + i), unit) : all(0);
          Ints whole = __builtin_convertvector(value, Ints) + 8;
          for (int j = 0; j < LANES; j++) nibbles[lane][i + j] = (uint8_t)whole[j];
        }
      }
      for (int pair = 0; pair < LILT_BLOCK / 8; pair++) {
        uint8_t bytes[LANES * 4];
        for (int lane = 0; lane < LANES; lane++) {
          const uint8_t *from = nibbles[lane] + 8 * pair;
          for (int i = 0; i < 4; i++) {
            bytes[4 * lane + i] = (uint8_t)(from[i] | from[4 + i] << 4);
          }
        }
        memcpy(to + pair * row + (size_t)rows->index * LANES * 4, bytes, sizeof bytes);
      }
      to += LILT_BLOCK / 8 * row;
      memcpy(to + (size_t)rows->index * LANES * 2, units, sizeof units);
      to += (size_t)rows->vectors * LANES * 2;
    }
  }
}

static void pack(
    LiltFormat format, int groups, int vectors, const int32_t *source, const float *first,
    const float *second, const int depth[2], const int stride[2], void *weights, float *scale,
    void *scratch) {
  const int total = depth[0] + depth[1];
  PackedRows rows = {.vectors = vectors, .depths = depth};
  for (int part = 0; part < 2; part++) {
    rows.widths[part] = stride[part] < depth[part] ? stride[part] : depth[part];
  }
  for (int group = 0; group < groups; group++) {
    char *to =
        (char *)weights + (size_t)group * GROUP_BYTES(format, vectors * LANES, total);
    for (rows.index = 0; rows.index < vectors; rows.index++) {
      const int row = (group * vectors + rows.index) * LANES;
      for (int lane = 0; lane < LANES; lane++) {
        const int32_t from = source[row + lane];
        rows.parts[0][lane] = from < 0 ? NULL : first + (size_t)from * stride[0];
        rows.parts[1][lane] =
            from < 0 || depth[1] == 0 ? NULL : second + (size_t)from * stride[1];
      }
      switch (format) {
        case LILT_FLOAT32: pack_floats(&rows, (float *)to); break;
        case LILT_BFLOAT16: pack_halves(&rows, (uint16_t *)to); break;
        case LILT_INT8: pack_bytes(&rows, to, scale + row, scratch); break;
        case LILT_INT4: pack_nibbles(&rows, to); break;
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

static uint64_t checksum(const void *bytes, size_t count) {
  typedef uint32_t Words __attribute__((vector_size(4 * LANES)));
  const char *from = bytes;
  Words sums[8];
  for (int j = 0; j < 8; j++) sums[j] = (Words)all_ints(j + 1);
  size_t i = 0;
  // Every operation can be undone: one changed word always changes its sum.
  for (; i + sizeof sums <= count; i += sizeof sums) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) {
      Words mixed = (sums[j] ^ (Words)load_ints(from + i + j * sizeof(Words))) * 0x9e3779b1u;
      sums[j] = mixed << 13 | mixed >> 19;
    }
  }
  return lilt_hash(lilt_hash(count, sums, sizeof sums), from + i, count - i);
}

static uint64_t multiply(LiltFormat format, int rounds) {
  enum { CHAINS = 12 };
  const bool is_whole = format == LILT_INT8 || format == LILT_INT4;
  // Unknown to the compiler, so that nothing can be computed beforehand.
  volatile int32_t start = 1;
  Ints whole[CHAINS];
  Floats sums[CHAINS];
  const Ints w = all_ints(start);
  const Floats x = to_floats(w) * 0.5f;
  for (int i = 0; i < CHAINS; i++) {
    whole[i] = w + i;
    sums[i] = x + (float)i;
  }
  if (is_whole) {
    Ints v = w;
#if SPLITS_INPUTS
    Four four = {w, w};
    __asm__ volatile("" : "+" VECTOR_REGISTER(four.signs));
#else
    const Four four = w;
#endif
    for (int round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
      for (int i = 0; i < CHAINS; i++) {
        // Not the same products again and again, as far as the compiler can tell.
        __asm__ volatile("" : "+" VECTOR_REGISTER(v));
        whole[i] = DOT(whole[i], v, four);
      }
    }
  } else {
    for (int round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
      for (int i = 0; i < CHAINS; i++) sums[i] = fused(sums[i], x, x);
    }
  }
  for (int i = 0; i < CHAINS; i++) start = whole[i][0] + (sums[i][0] > 1);
  return (uint64_t)rounds * CHAINS * LANES * (is_whole ? 8 : 2);
}
