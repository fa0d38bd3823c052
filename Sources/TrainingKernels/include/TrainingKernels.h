#ifndef LILT_TRAINING_KERNELS_H
#define LILT_TRAINING_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The inner loops of training, one set for each kind of processor.
//
// Matrices are row-major. A product reads its right side from panels: some columns wide, depth by
// depth, so that what its inner loop needs is one stream and lies in the first cache. In 16-bit panels (bfloat16) a 32-bit word holds two
// neighbouring depths of a column; "depth" then counts such words. Sums are 32-bit floats always,
// and take their terms in the same order whatever the number of threads.

/// Rows of a panel of the left side.
#define LILT_LEFT_PANEL 16

/// `out (+)= left * right + bias`.
typedef struct {
  bool is_bfloat16;
  int rows, columns;
  /// In 32-bit words: depths of 32-bit floats, pairs of depths of bfloat16.
  int depth;
  /// `left[row * left_row + word]`, counted in words; or, where `left_row` is 0, panels
  /// `[row / 16][word][row % 16]`.
  const void *left;
  ptrdiff_t left_row;
  /// `[column / panel][word][column % panel]`, where the set says how wide a panel is.
  const void *right;
  float *out;
  ptrdiff_t out_row;
  /// Adds to `out` instead of replacing it.
  bool accumulates;
  /// One for each column, or null. Not together with `accumulates`.
  const float *bias;
} LiltProduct;

/// Brings a matrix of `depth` rows and `columns` columns into panels `width` (a multiple of 16) wide,
/// padded with zeros.
typedef struct {
  bool to_bfloat16, from_bfloat16;
  /// Whether the matrix is given with rows and columns swapped.
  bool is_transposed;
  int depth, columns, width;
  const void *source;
  /// Elements from one row of the source to the next.
  ptrdiff_t source_row;
  void *panels;
} LiltPacking;

/// Which outputs of a layer are dropped: a hash of position and key decides, so that nothing need
/// be kept for the way back.
typedef struct {
  /// Dropped where the hash is below; 0 drops nothing.
  uint32_t threshold;
  uint32_t key;
  /// Position of the first element; rows are `row_stride` apart.
  uint32_t position, row_stride;
  /// What kept outputs are multiplied by.
  float scale;
} LiltDropout;

/// One moment of a recurrent layer for some rows of the batch, `units` numbers a row.
typedef struct {
  int rows, units;
  /// `gates * units` a row: sums in, activations out.
  float *gates;
  /// What the last moment says; used by gated recurrent units, where it also takes `W h + b`.
  const float *recurrent;
  /// Memory before and after this moment; only long short-term memories have it.
  const float *cell_before;
  float *cell_after;
  /// Long short-term memory: tanh of the cell. Gated recurrent unit: the recurrent part of the
  /// candidate.
  float *kept;
  const float *hidden_before;
  float *hidden_after;
  uint16_t *hidden_after_16;
  /// Rows that start afresh at the next moment: they get 0 as `hidden_after` and `cell_after`.
  const uint8_t *fresh_after;
  /// What the layer above reads, after dropout; either may be null.
  float *out;
  uint16_t *out_16;
  LiltDropout dropout;
} LiltForward;

/// The way back through the same moment.
typedef struct {
  int rows, units;
  /// Activations in; gradients of the sums from the layer below out.
  float *gates;
  uint16_t *gates_16;
  /// Gradients of the recurrent sums where they differ (gated recurrent units), else null.
  float *recurrent;
  uint16_t *recurrent_16;
  const float *kept, *cell_before, *hidden_before;
  /// Rows that start afresh at the next moment.
  const uint8_t *fresh_after;
  /// Gradient of what the layer above reads.
  const float *out;
  /// In: gradient through the moment after; out: the part that skips the recurrent sums.
  float *hidden;
  /// In and out.
  float *cell;
  LiltDropout dropout;
} LiltBackward;

/// Numbers an optimizer needs, beside its slots.
typedef struct {
  float rate, scale, decay, momentum, beta1, beta2, epsilon, correction1, correction2;
} LiltUpdate;

typedef enum { LILT_LSTM = 0, LILT_GRU = 1, LILT_RNN = 2 } LiltCell;
typedef enum {
  LILT_SGD = 0,
  LILT_ADAGRAD = 1,
  LILT_RMSPROP = 2,
  LILT_ADAM = 3,
  LILT_ADAMW = 4
} LiltOptimizer;

/// Activations of dense layers.
typedef enum {
  LILT_LINEAR = 0,
  LILT_RELU = 1,
  LILT_LEAKY_RELU = 2,
  LILT_ELU = 3,
  LILT_TANH = 4,
  LILT_SIGMOID = 5
} LiltActivation;

typedef struct {
  const char *name;
  bool has_bfloat16;
  /// Columns of a panel of the right side.
  int panel;
  void (*multiply)(const LiltProduct *product);
  void (*pack)(const LiltPacking *packing);
  /// Floats to bfloat16, nearest, ties to even.
  void (*narrow)(const float *values, size_t count, uint16_t *narrow);
  void (*forward)(LiltCell cell, const LiltForward *moment);
  void (*backward)(LiltCell cell, const LiltBackward *moment);
  /// Scores in, gradients of the mean cross-entropy out; rows with a negative target get 0.
  /// Returns the sum over rows of -ln p(target). `best` (may be null) receives the likeliest.
  double (*cross_entropy)(
      int rows, int classes, float *scores, const int32_t *targets, float weight, int32_t *best);
  /// `sums[column] += sum over rows`.
  void (*add_columns)(int rows, int columns, const float *values, ptrdiff_t row, float *sums);
  /// Copies, or adds, rows of a table chosen by token.
  void (*look_up)(
      int rows, int columns, const int32_t *tokens, const float *table, const float *bias,
      float *out);
  void (*add_rows)(int rows, int columns, const int32_t *tokens, const float *values, float *table);
  /// Replaces sums by what the activation makes of them; `slope` is that of a leaky ReLU below 0.
  void (*activate)(LiltActivation kind, float slope, float *values, size_t count);
  /// Multiplies gradients by the activation's slopes. `values` are what it gave, multiplied by
  /// `scale` since (dropout keeps less and makes that up); where they are 0, so is the gradient.
  void (*activate_back)(
      LiltActivation kind, float slope, float scale, const float *values, size_t count,
      float *gradients);
  /// Multiplies rows by what dropout keeps; the same on the way back.
  void (*drop)(int rows, int columns, const LiltDropout *dropout, float *values);
  double (*sum_of_squares)(const float *values, size_t count);
  /// One step over `count` weights. `first` and `second` are the optimizer's slots.
  void (*update)(
      LiltOptimizer optimizer, const LiltUpdate *numbers, size_t count, float *weights,
      const float *gradients, float *first, float *second);
} LiltTraining;

/// The best set for this processor, or the one that `LILT_KERNELS` names where it can run here.
const LiltTraining *lilt_training(void);

/// `avx512bf16`, `avx512`, `avx2` or `portable`; null when this processor cannot run it.
const LiltTraining *lilt_training_named(const char *name);

/// Words of a matrix in panels.
size_t lilt_panel_words(int depth, int columns, int width, bool is_bfloat16);

/// Zeroed memory at a multiple of 64 bytes, in large pages where that is worth while; null when
/// there is none.
void *lilt_training_allocate(size_t size);
void lilt_training_release(void *memory);

/// Lets the processor rest a moment while a thread waits.
void lilt_training_pause(void);

#endif
