// Compares every set of kernels that can run here with the portable one, bit by bit. It is a program
// of its own so that it can be built for another processor and run on an emulator of it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Kernels.h"

enum { MOST_UNITS = 160, MOST_STREAMS = 67, STEPS = 4, TOKENS = 16 };

static uint32_t seed = 1;

/// Between -1 and 1.
static float number(void) {
  seed = seed * 1664525u + 1013904223u;
  return (float)(int32_t)seed / 2147483648.0f;
}

/// A long short-term memory as one set wants it.
typedef struct {
  const LiltKernels *set;
  LiltMatrix matrix;
  int units, padded, streams;
  float *states[MOST_STREAMS];
  const float *addends[MOST_STREAMS];
  /// What tokens add, in packed order.
  float *table;
  char *inputs;
  size_t stride;
} Layer;

/// The gate and unit of a packed row.
static int source_row(const Layer *layer, int row) {
  const int lanes = layer->set->lanes, rows = 8 * lanes;
  const int gate = row % rows / lanes / 2;
  const int unit = row / rows * 2 * lanes + row % rows / lanes % 2 * lanes + row % lanes;
  return unit < layer->units ? gate * layer->units + unit : -1;
}

/// The same numbers for every set. With `has_below` the layer reads its own output twice.
static void make(
    Layer *layer, const LiltKernels *set, LiltFormat format, int units, bool has_below, int streams) {
  *layer = (Layer){.set = set, .units = units, .streams = streams};
  const int groups = (units + 2 * set->lanes - 1) / (2 * set->lanes);
  layer->padded = groups * 2 * set->lanes;
  const int rows = 4 * layer->padded, below = has_below ? units : 0;
  seed = 7;
  float *weights = lilt_allocate(sizeof(float) * 4 * (size_t)units * (size_t)(below + units));
  for (int i = 0; i < 4 * units * (below + units); i++) weights[i] = number() * 0.2f;
  int32_t *source = lilt_allocate(sizeof(int32_t) * (size_t)rows);
  float *bias = lilt_allocate(sizeof(float) * (size_t)rows);
  float *scale = lilt_allocate(sizeof(float) * (size_t)rows);
  layer->table = lilt_allocate(sizeof(float) * TOKENS * (size_t)rows);
  for (int row = 0; row < rows; row++) {
    source[row] = source_row(layer, row);
    bias[row] = source[row] < 0 ? 0 : 0.01f * (float)(source[row] % 7);
    for (int token = 0; token < TOKENS; token++) {
      seed = (uint32_t)(token * 7919 + source[row] * 31);
      number();
      layer->table[token * rows + row] = source[row] < 0 ? 0 : number() * 2;
    }
  }
  const int depth[2] = {lilt_packed_depth(format, below), lilt_packed_depth(format, units)};
  const int stride[2] = {below, units};
  void *packed = lilt_allocate(lilt_packed_size(format, rows, depth[0] + depth[1]) + 4096);
  void *scratch = lilt_allocate(lilt_pack_scratch(set, depth));
  set->pack(
      format, groups, 8, source, weights, weights + 4 * (size_t)units * (size_t)below, depth, stride,
      packed, scale, scratch);
  layer->matrix = (LiltMatrix){format, groups, 8, {depth[0], depth[1]}, packed, bias, scale};
  layer->stride = lilt_input_size(format == LILT_INT4 ? LILT_INT8 : format, units) + 64;
  layer->inputs = lilt_allocate(layer->stride * (size_t)streams);
  for (int s = 0; s < streams; s++) {
    layer->states[s] = lilt_allocate(sizeof(float) * 2 * (size_t)layer->padded);
  }
}

static void step(Layer *layer, int index) {
  const int rows = 4 * layer->padded;
  const bool reads_bytes = layer->matrix.format == LILT_INT8 || layer->matrix.format == LILT_INT4;
  for (int s = 0; s < layer->streams; s++) {
    layer->addends[s] = layer->table + (index * 7 + s * 3) % TOKENS * rows;
    void *input = layer->inputs + (size_t)s * layer->stride;
    if (reads_bytes) {
      layer->set->quantize(layer->states[s], 0, layer->units, 127, layer->units, input);
    } else {
      memcpy(input, layer->states[s], sizeof(float) * (size_t)layer->units);
    }
  }
  const LiltInputs own = {layer->inputs, layer->stride}, none = {NULL, 0};
  layer->set->lstm(
      &layer->matrix, 0, layer->matrix.groups, layer->streams,
      layer->matrix.depth[0] > 0 ? own : none, own, layer->addends, layer->states);
}

static int layers_that_differ(const LiltKernels *set, const LiltKernels *portable, int *compared) {
  static const int units[] = {64, MOST_UNITS, 100}, streams[] = {1, 2, 3, 5, 7, 13, MOST_STREAMS};
  int differing = 0;
  for (int format = 0; format < 4; format++) {
    for (int u = 0; u < 3; u++) {
      for (int s = 0; s < 7; s++) {
        static Layer one, other;
        make(&one, set, (LiltFormat)format, units[u], u == 1, streams[s]);
        make(&other, portable, (LiltFormat)format, units[u], u == 1, streams[s]);
        for (int index = 0; index < STEPS; index++) {
          step(&one, index);
          step(&other, index);
        }
        bool differs = false;
        for (int i = 0; i < streams[s]; i++) {
          const size_t size = sizeof(float) * (size_t)units[u];
          differs |= memcmp(one.states[i], other.states[i], size) != 0;
        }
        *compared += 1;
        differing += differs;
        if (differs) printf("%s: format %d, %d units, %d streams\n", set->name, format, units[u], streams[s]);
      }
    }
  }
  return differing;
}

static int draws_that_differ(const LiltKernels *set, const LiltKernels *portable, int *compared) {
  int differing = 0;
  for (int round = 0; round < 2000; round++) {
    const int count = 3 + round % 90;
    float logits[112], weights[112], scores[2][112], chances[2][112];
    for (int i = 0; i < count; i++) logits[i] = number() * 6;
    const double uniform = ((double)number() + 1) / 2;
    int tokens[2];
    for (int which = 0; which < 2; which++) {
      const LiltKernels *kernels = which == 0 ? set : portable;
      kernels->spread(logits, count, count, scores[which], chances[which]);
      const LiltChoice choice = {
          .count = count, .scores = scores[which], .chances = chances[which], .weights = weights,
          .temperature = 0.3f + (float)(round % 7) * 0.25f, .top_k = round % 3 == 0 ? 5 : 0,
          .top_p = round % 4 == 0 ? 0.9f : 1, .min_p = round % 5 == 0 ? 0.02f : 0,
          .uniform = uniform};
      tokens[which] = kernels->choose(&choice);
    }
    const size_t size = sizeof(float) * (size_t)count;
    *compared += 1;
    differing += tokens[0] != tokens[1] || memcmp(scores[0], scores[1], size) != 0 ||
                 memcmp(chances[0], chances[1], size) != 0;
  }
  return differing;
}

int main(void) {
  static const char *const names[] = {"avx512", "avxvnni", "avx2", "neon"};
  const LiltKernels *portable = lilt_kernels_named("portable");
  int differing = 0, sets = 0;
  for (int i = 0; i < 4; i++) {
    const LiltKernels *set = lilt_kernels_named(names[i]);
    if (set == NULL) {
      printf("%s: not on this processor\n", names[i]);
      continue;
    }
    int compared = 0;
    const int found = layers_that_differ(set, portable, &compared) +
                      draws_that_differ(set, portable, &compared);
    printf("%s: %d results compared with the portable loops, %d differ\n", names[i], compared, found);
    differing += found;
    sets++;
  }
  return differing == 0 && sets > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
