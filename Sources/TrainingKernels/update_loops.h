// Loss, sums over rows, and the optimizers.
#include <math.h>

static double cross_entropy(
    int rows, int classes, float *scores, const int32_t *targets, float weight, int32_t *best) {
  double loss = 0;
  for (int row = 0; row < rows; row++) {
    float *restrict score = scores + (size_t)row * classes;
    float largest = score[0];
    int likeliest = 0;
    for (int c = 1; c < classes; c++) largest = score[c] > largest ? score[c] : largest;
    if (best != NULL) {
      while (likeliest < classes - 1 && score[likeliest] != largest) likeliest++;
      best[row] = likeliest;
    }
    const int32_t target = targets[row];
    if (target < 0) {
      memset(score, 0, 4 * (size_t)classes);
      continue;
    }
    const float of_target = score[target] - largest;
    double sum = 0;
    for (int c = 0; c < classes; c++) score[c] = exponential(score[c] - largest);
    for (int c = 0; c < classes; c++) sum += (double)score[c];
    loss += log(sum) - (double)of_target;
    const float factor = (float)((double)weight / sum);
    for (int c = 0; c < classes; c++) score[c] *= factor;
    score[target] -= weight;
  }
  return loss;
}

static void add_columns(
    int rows, int columns, const float *values, ptrdiff_t row, float *restrict sums) {
  for (int r = 0; r < rows; r++) {
    const float *restrict from = values + r * row;
    for (int c = 0; c < columns; c++) sums[c] += from[c];
  }
}

static void look_up(
    int rows, int columns, const int32_t *tokens, const float *table, const float *bias,
    float *out) {
  for (int row = 0; row < rows; row++) {
    const float *restrict from = table + (size_t)tokens[row] * columns;
    float *restrict to = out + (size_t)row * columns;
    if (bias != NULL) {
      for (int c = 0; c < columns; c++) to[c] = from[c] + bias[c];
    } else {
      memcpy(to, from, 4 * (size_t)columns);
    }
  }
}

static void add_rows(
    int rows, int columns, const int32_t *tokens, const float *values, float *table) {
  for (int row = 0; row < rows; row++) {
    const float *restrict from = values + (size_t)row * columns;
    float *restrict to = table + (size_t)tokens[row] * columns;
    for (int c = 0; c < columns; c++) to[c] += from[c];
  }
}

#define EACH for (size_t i = 0; i < count; i++)

static void activate(LiltActivation kind, float slope, float *values, size_t count) {
  switch (kind) {
    case LILT_LINEAR: break;
    case LILT_RELU: EACH values[i] = values[i] > 0 ? values[i] : 0; break;
    case LILT_LEAKY_RELU: EACH values[i] = values[i] > 0 ? values[i] : slope * values[i]; break;
    case LILT_ELU: EACH values[i] = values[i] > 0 ? values[i] : exponential(values[i]) - 1; break;
    case LILT_TANH: EACH values[i] = hyperbolic(values[i]); break;
    case LILT_SIGMOID: EACH values[i] = logistic(values[i]); break;
  }
}

static void activate_back(
    LiltActivation kind, float slope, float scale, const float *values, size_t count,
    float *restrict gradients) {
  const float back = 1 / scale;
  switch (kind) {
    case LILT_LINEAR: break;
    case LILT_RELU: EACH gradients[i] = values[i] > 0 ? gradients[i] : 0; break;
    case LILT_LEAKY_RELU: EACH gradients[i] *= values[i] > 0 ? 1 : slope; break;
    case LILT_ELU: EACH gradients[i] *= values[i] > 0 ? 1 : values[i] * back + 1; break;
    case LILT_TANH: EACH gradients[i] *= 1 - values[i] * back * (values[i] * back); break;
    case LILT_SIGMOID: EACH gradients[i] *= values[i] * back * (1 - values[i] * back); break;
  }
}

#undef EACH

static void drop(int rows, int columns, const LiltDropout *dropout, float *values) {
  for (int row = 0; row < rows; row++) {
    float *restrict value = values + (size_t)row * columns;
    const uint32_t position = dropout->position + (uint32_t)row * dropout->row_stride;
    for (int c = 0; c < columns; c++) value[c] *= kept_share(dropout, position + (uint32_t)c);
  }
}

static double sum_of_squares(const float *values, size_t count) {
  double sums[16] = {0}, sum = 0;
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (int j = 0; j < 16; j++) sums[j] += (double)values[i + j] * (double)values[i + j];
  }
  for (; i < count; i++) sum += (double)values[i] * (double)values[i];
  for (int j = 0; j < 16; j++) sum += sums[j];
  return sum;
}

static void update(
    LiltOptimizer optimizer, const LiltUpdate *numbers, size_t count, float *restrict weights,
    const float *restrict gradients, float *restrict first, float *restrict second) {
  const LiltUpdate n = *numbers;
  const float rest1 = 1.0f - n.beta1, rest2 = 1.0f - n.beta2;
  switch (optimizer) {
    case LILT_SGD:
      for (size_t i = 0; i < count; i++) {
        const float g = gradients[i] * n.scale + n.decay * weights[i];
        const float velocity = n.momentum * first[i] + g;
        first[i] = velocity;
        weights[i] -= n.rate * velocity;
      }
      break;
    case LILT_ADAGRAD:
      for (size_t i = 0; i < count; i++) {
        const float g = gradients[i] * n.scale + n.decay * weights[i];
        const float sum = first[i] + g * g;
        first[i] = sum;
        weights[i] -= n.rate * g / (sqrtf(sum) + n.epsilon);
      }
      break;
    case LILT_RMSPROP:
      for (size_t i = 0; i < count; i++) {
        const float g = gradients[i] * n.scale + n.decay * weights[i];
        const float mean = n.beta2 * first[i] + rest2 * g * g;
        const float velocity = n.momentum * second[i] + g / (sqrtf(mean) + n.epsilon);
        first[i] = mean;
        second[i] = velocity;
        weights[i] -= n.rate * velocity;
      }
      break;
    case LILT_ADAM:
    case LILT_ADAMW: {
      const bool is_apart = optimizer == LILT_ADAMW;
      const float shrink = is_apart ? 1.0f - n.rate * n.decay : 1.0f;
      const float coupled = is_apart ? 0.0f : n.decay;
      const float rate = n.rate / n.correction1, root = 1.0f / sqrtf(n.correction2);
      for (size_t i = 0; i < count; i++) {
        const float w = weights[i] * shrink;
        const float g = gradients[i] * n.scale + coupled * weights[i];
        const float mean = n.beta1 * first[i] + rest1 * g;
        const float square = n.beta2 * second[i] + rest2 * g * g;
        first[i] = mean;
        second[i] = square;
        weights[i] = w - rate * mean / (sqrtf(square) * root + n.epsilon);
      }
      break;
    }
  }
}

#define TRAINING_SET(text, bfloat16) \
  { \
    .name = text, .has_bfloat16 = bfloat16, .panel = PANEL, .multiply = multiply, .pack = pack, \
    .narrow = narrow, .forward = forward, .backward = backward, \
    .cross_entropy = cross_entropy, .add_columns = add_columns, .look_up = look_up, \
    .add_rows = add_rows, .activate = activate, .activate_back = activate_back, .drop = drop, \
    .sum_of_squares = sum_of_squares, .update = update \
  }
