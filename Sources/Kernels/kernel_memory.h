// How alike the outputs of a layer are, for what a text remembers of itself. See kernel_loops.h.

/// The exact sum of the products of `depth` bytes, a multiple of 64.
static int32_t product(const int8_t *first, const int8_t *second, int depth) {
  int32_t sum = 0;
  for (int i = 0; i < depth; i++) sum += (int32_t)first[i] * (int32_t)second[i];
  return sum;
}

static void recall(
    const LiltMemory *memory, const int8_t *query, float scale, float *weights, float *masses) {
  const int8_t *row = memory->rows;
  for (int i = 0; i < memory->count; i++, row += memory->depth) {
    const float likeness = (float)product(row, query, memory->depth) * memory->scales[i] * scale;
    weights[i] = (likeness - 1) * memory->sharpness + memory->offsets[i];
  }
  for (int i = memory->count; i < padded_to_16(memory->count); i++) weights[i] = -__builtin_inff();
  for (int i = 0; i < memory->count; i += LANES) store(weights + i, power_of_e(load(weights + i)));
  for (int i = 0; i < memory->count; i++) masses[memory->tokens[i]] += weights[i];
}
