#ifndef LILT_KERNELS_H
#define LILT_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The inner loops of a recurrent network, one set for each kind of processor.
//
// Every set gives the same bits. A 32-bit sum takes its terms in the order of the inputs, one fused
// multiply-add each, the inputs from below and the layer's own each in a sum of their own; sums of bytes are exact; sums over a vocabulary are sixteen partial sums that
// are added as a tree; exp and tanh are the same polynomials everywhere. What a stream gets does not
// depend on how many streams there are.

/// How weights are kept.
typedef enum {
  LILT_FLOAT32 = 0,
  /// The upper half of a 32-bit float; products and sums are those of 32-bit floats.
  LILT_BFLOAT16 = 1,
  /// Whole numbers -127...127 with one scale for each row; inputs are bytes too.
  LILT_INT8 = 2,
  /// Sixteen values with one scale for each 64 weights of a row; inputs are bytes.
  LILT_INT4 = 3
} LiltFormat;

/// Inputs that share a scale in `LILT_INT4`, and the step in which byte inputs are prepared.
enum { LILT_BLOCK = 64 };

/// A matrix packed as `[group][input][row of the group]`, so that a product reads it as one stream.
///
/// Inputs come in two parts (what the layer below says, and the layer's own last output), whose
/// weights follow each other within a group.
typedef struct {
  LiltFormat format;
  /// Groups of `vectors * lanes` rows each.
  int groups;
  /// Vectors of rows in a group: 2, 4, 6 or 8.
  int vectors;
  /// Inputs of each part; a multiple of 4 in `LILT_INT8`, of 64 in `LILT_INT4`.
  int depth[2];
  const void *weights;
  /// One for each row.
  const float *bias;
  /// One for each row, in `LILT_INT8` only.
  const float *scale;
} LiltMatrix;

/// What one or more streams give to a product.
typedef struct {
  /// Floats, or bytes from `quantize`, as the matrix wants them.
  const void *values;
  /// Bytes from one stream's inputs to the next's.
  size_t stride;
} LiltInputs;

/// A part of the inputs of a matrix.
typedef enum { LILT_BELOW = 0, LILT_OWN = 1, LILT_NEITHER = 2 } LiltPart;

/// Which groups of a matrix are multiplied, and how they are read.
typedef struct {
  /// `first..<end`
  int first, end;
  /// From the last to the first. What was read forwards a moment ago is still in the second cache,
  /// the end of it.
  bool backwards;
  /// Whether weights are asked for before they are read. What comes from beyond the second cache
  /// comes a tenth faster then, and a fifth in small pages; what lies nearer comes later.
  bool asks;
} LiltGroups;

/// A distribution over tokens, divided by the chance of the likeliest.
typedef struct {
  /// The sum of all chances; 0 where nothing is possible.
  float total;
  /// The sum of chance times score.
  float expected;
} LiltSpread;

/// How a token is chosen. Arrays have `count` entries, `scores`, `chances` and `weights` places for
/// the next multiple of 16.
typedef struct {
  int count;
  const float *scores;
  const float *chances;
  /// Overwritten.
  float *weights;
  /// Null when all are.
  const bool *allowed;
  float temperature;
  /// 0 = all.
  int top_k;
  float top_p;
  float min_p;
  /// The group of each token and the temperature of each group; null for one temperature.
  const uint8_t *groups;
  const float *group_temperatures;
  int group_count;
  double uniform;
} LiltChoice;

/// Outputs of a layer that were seen before, as bytes, and the token that followed each.
typedef struct {
  int count;
  /// Bytes of a row, a multiple of 64.
  int depth;
  const int8_t *rows;
  /// One over the length of each row.
  const float *scales;
  /// What is added to the logarithm of each weight.
  const float *offsets;
  const int32_t *tokens;
  float sharpness;
} LiltMemory;

typedef struct {
  const char *name;
  /// 32-bit numbers in a vector.
  int lanes;
  /// Whether bytes are faster than floats.
  bool prefers_int8;

  /// Writes `rows` weights of `depth[0] + depth[1]` inputs into the packed order.
  ///
  /// Row r of the packed matrix is row `source[r]` of `first` and of `second`, or zero where
  /// `source[r]` is negative. `stride` is the row length of each part in memory. `scale` is for
  /// `LILT_INT8`; `scratch` has `lilt_pack_scratch` bytes. `weights` is zeroed memory.
  void (*pack)(
      LiltFormat format, int groups, int vectors, const int32_t *source, const float *first,
      const float *second, const int depth[2], const int stride[2], void *weights, float *scale,
      void *scratch);

  /// One step of a long short-term memory, for units of the groups `first..<end`: gates in the
  /// order input, forget, cell, output.
  ///
  /// For each stream: `addends` (one float for each packed row) is added to the sums unless it is
  /// null; `states` are `units` outputs, which are written, and `units` cells, which are updated,
  /// where `units` is `matrix->groups * lanes * 2`.
  void (*lstm)(
      const LiltMatrix *matrix, int first, int end, int streams, LiltInputs below, LiltInputs own,
      const float *const *addends, float *const *states);

  /// The product of one part of one stream's inputs, for some groups.
  ///
  /// With `adds`, what an earlier call left in `sums` for the other part is added. Without `state`
  /// the sums are left in `sums`, 32 bits for each packed row; with it they go on to the gates, as
  /// in `lstm`. Both parts in either order give the bits of `lstm`.
  void (*lstm_part)(
      const LiltMatrix *matrix, LiltGroups groups, LiltPart part, LiltInputs input, bool adds,
      void *sums, const float *addend, float *state);

  /// `matrix * input + bias`, negative results replaced by 0 when `rectified`, for the
  /// pairs of vectors of rows `first..<end`.
  ///
  /// `scales` says for each stream what one unit of a byte input is worth; null = 1/127.
  /// `output_stride` is in floats.
  void (*dense)(
      const LiltMatrix *matrix, int first, int end, int streams, LiltInputs input,
      const float *scales, bool rectified, float *output, size_t output_stride);

  /// Brings `values[first..<end] * factor` to whole numbers -127...127; `first` is a multiple of 64.
  ///
  /// `input` has `lilt_input_size` bytes for `count` values: bytes, zero up to the next multiple of
  /// 64, then the sum of each 64.
  void (*quantize)(
      const float *values, int first, int end, float factor, int count, void *input);

  /// Replaces every value by its hyperbolic tangent, or by 1 / (1 + e^-x).
  void (*squash)(float *values, int count, bool is_tangent);

  /// The largest magnitude.
  float (*largest)(const float *values, int count);

  /// 16-bit numbers to floats; false when one of them is not finite.
  bool (*widen)(const void *values, size_t count, bool is_bfloat16, float *floats);

  /// Reads every byte once: what a product costs when arithmetic is free.
  uint64_t (*read)(const void *bytes, size_t count);
  /// Changes when any of the bytes does. Differs from set to set.
  uint64_t (*checksum)(const void *bytes, size_t count);

  /// Multiplies and adds in registers, `rounds` times; how many of both were done. What a product
  /// costs when reading is free.
  uint64_t (*multiply)(LiltFormat format, int rounds);

  /// From logits to scores (logits less the highest of them) and chances (powers of e).
  ///
  /// What is not a number, and the tokens `given..<count`, are impossible. Fills up to the next
  /// multiple of 16.
  LiltSpread (*spread)(
      const float *logits, int given, int count, float *scores, float *chances);

  /// Chooses a token. Equal chances keep the order of their tokens.
  int (*choose)(const LiltChoice *choice);

  /// The exact sum of the products of `depth` bytes, a multiple of 64.
  int32_t (*product)(const int8_t *first, const int8_t *second, int depth);

  /// Weighs what is remembered: e to the power of `sharpness * (cosine - 1) + offset`, and adds the
  /// weight of each row to the mass of its token. `scale` is one over the length of `query`;
  /// `weights` has places for the next multiple of 16 of `count` and is overwritten.
  void (*recall)(
      const LiltMemory *memory, const int8_t *query, float scale, float *weights, float *masses);

  /// How many tokens are likelier.
  int (*likelier)(const float *chances, int count, int token);
} LiltKernels;

/// The best set for this processor, or the one that `LILT_KERNELS` names (avx512, avxvnni, avx2,
/// neon, portable) where it can run here.
const LiltKernels *lilt_kernels(void);

/// A set by name; null when this processor or this build cannot run it.
const LiltKernels *lilt_kernels_named(const char *name);

/// Bytes of the weights of a packed matrix.
size_t lilt_packed_size(LiltFormat format, int rows, int depth);

/// Inputs of a part as a format wants them: the next multiple of 1, 4 or 64.
int lilt_packed_depth(LiltFormat format, int inputs);

/// Bytes of memory that `pack` needs.
size_t lilt_pack_scratch(const LiltKernels *kernels, const int depth[2]);

/// Bytes that `count` inputs take, rounded up to whole cache lines.
size_t lilt_input_size(LiltFormat format, int count);

/// Whether every one is a finite number.
bool lilt_are_finite(const float *values, size_t count);

/// The nearest 16-bit number, ties to even; infinite where there is none.
uint16_t lilt_half(float value);
uint16_t lilt_bfloat16(float value);

/// Goes on from `value` through all bytes.
uint64_t lilt_hash(uint64_t value, const void *bytes, size_t count);

/// A hash of four times the speed; it does not go on.
uint64_t lilt_checksum(const void *bytes, size_t count);

/// Zeroed memory at a multiple of 64 bytes, in 2 MB pages where that is worth while; null when
/// there is none.
void *lilt_allocate(size_t size);
void lilt_release(void *memory, size_t size);

/// Memory of the calling thread at a multiple of 64 bytes, valid until its next call; null when there
/// is none. Its content is what the thread left there.
void *lilt_scratch(size_t size);

// ---- Two threads.

/// Bytes of a core's second cache.
size_t lilt_cache_size(void);

/// Cores on which this process may run.
int lilt_cores(void);

/// Runs `work` twice at once: as member 0 here, as member 1 on a thread that waits for it. Returns
/// when both are done. False, with nothing run, where there is no second thread or it is in use.
bool lilt_pair_run(void (*work)(void *context, int member), void *context);

/// Waits until the other member is here too. Only within `work`.
void lilt_pair_meet(int member);

#endif
