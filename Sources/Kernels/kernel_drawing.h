// From logits to a token. See kernel_loops.h.

/// Nothing below this is possible: e^-87 is the smallest power that is kept.
static const float lowest_score = -87.0f;

INLINE Floats power_of_e(Floats x) { return masked(exponential(x), x >= lowest_score); }

INLINE int padded_to_16(int count) { return (count + 15) / 16 * 16; }

static LiltSpread spread(
    const float *logits, int given, int count, float *scores, float *chances) {
  const float nothing = -__builtin_inff();
  Floats best = all(nothing);
  int i = 0;
  for (; i + LANES <= given; i += LANES) {
    Floats value = load(logits + i);
    Ints isHigher = value > best;
    best = (Floats)(((Ints)value & isHigher) | ((Ints)best & ~isHigher));
  }
  float highest = highest_of(best);
  for (; i < given; i++) highest = logits[i] > highest ? logits[i] : highest;

  Sixteen total = {0};
  Sixteen expected = {0};
  for (i = 0; i < padded_to_16(count); i += 16) {
    for (int part = 0; part < PARTS; part++) {
      const int place = i + part * LANES;
      Floats logit = all(nothing);
      if (place + LANES <= given) {
        logit = load(logits + place);
      } else {
        for (int lane = 0; lane < LANES && place + lane < given; lane++) {
          logit[lane] = logits[place + lane];
        }
      }
      // Infinity less infinity is not a number: the highest scores are 0 by definition, and what is
      // not a number compares as impossible.
      Floats score = logit - highest;
      Ints isBest = (logit == highest) & (all(highest) > nothing);
      Ints isKnown = (score <= 0) & ~isBest;
      score = (Floats)(((Ints)score & isKnown) | ((Ints)all(nothing) & ~isKnown & ~isBest));
      Floats chance = power_of_e(score);
      store(scores + place, score);
      store(chances + place, chance);
      total.parts[part] += chance;
      // 0 times minus infinity is left out.
      expected.parts[part] =
          fused(chance, masked(score, score >= lowest_score), expected.parts[part]);
    }
  }
  return (LiltSpread){.total = total_of(total), .expected = total_of(expected)};
}

static int likelier(const float *chances, int count, int token) {
  Ints greater = {0};
  for (int i = 0; i < padded_to_16(count); i += LANES) greater -= load(chances + i) > chances[token];
  int result = 0;
  for (int lane = 0; lane < LANES; lane++) result += greater[lane];
  return result;
}

/// The sum of the weights that are at least `least`.
INLINE float sum_from(const float *weights, int count, int32_t least) {
  Sixteen sum = {0};
  for (int i = 0; i < padded_to_16(count); i += 16) {
    for (int part = 0; part < PARTS; part++) {
      Floats value = load(weights + i + part * LANES);
      sum.parts[part] += masked(value, (Ints)value >= least);
    }
  }
  return total_of(sum);
}

INLINE int count_from(const float *weights, int count, int32_t least) {
  Ints seen = {0};
  for (int i = 0; i < padded_to_16(count); i += LANES) seen -= (Ints)load(weights + i) >= least;
  int result = 0;
  for (int lane = 0; lane < LANES; lane++) result += seen[lane];
  return result;
}

/// Keeps the `top_k` largest weights, and of those the largest that together reach `top_p` of all.
///
/// Weights are never negative, so that their bits, as whole numbers, are in the same order; the
/// smallest weight that stays is found bit by bit.
static void cut_to_largest(float *weights, int count, int top_k, float top_p) {
  const float limit = top_p * sum_from(weights, count, 1);
  const bool by_share = top_p < 1;
  for (int pass = 0; pass < 2; pass++) {
    if (pass == 0 ? top_k <= 0 || top_k >= count : !by_share) continue;
    int32_t least = 0;
    for (int bit = 30; bit >= 0; bit--) {
      const int32_t higher = least | (int32_t)1 << bit;
      // Infinity: weights are at most 1.
      if (higher > 0x3f800000) continue;
      const bool reaches = pass == 0 ? count_from(weights, count, higher) >= top_k
                                     : sum_from(weights, count, higher) >= limit &&
                                           count_from(weights, count, higher) > 0;
      if (reaches) least = higher;
    }
    // Of equal weights the first ones stay.
    int kept = count_from(weights, count, least + 1);
    float sum = sum_from(weights, count, least + 1);
    for (int i = 0; i < count; i++) {
      int32_t bits;
      memcpy(&bits, weights + i, sizeof bits);
      if (bits > least) continue;
      const bool stays =
          bits == least && (pass == 0 ? kept < top_k : kept == 0 || sum < limit);
      if (stays) {
        kept++;
        sum += weights[i];
      } else {
        weights[i] = 0;
      }
    }
  }
}

/// 1 / temperature, finite.
INLINE float warmth(float temperature) {
  const float inverse = 1 / temperature;
  return inverse < 1e30f ? inverse : 1e30f;
}

/// Replaces every weight that is not 0 by the chance at the temperature of its group, the weight of
/// whole groups being that at the common temperature.
static void temper_groups(const LiltChoice *choice, int likeliest) {
  float *weights = choice->weights;
  const float common = warmth(choice->temperature);
  const float highest = choice->scores[likeliest];
  for (int group = 0; group < choice->group_count; group++) {
    int best = -1;
    for (int i = 0; i < choice->count; i++) {
      if (choice->groups[i] == group && weights[i] > 0 &&
          (best < 0 || choice->scores[i] > choice->scores[best])) {
        best = i;
      }
    }
    if (best < 0) continue;
    const float own = choice->group_temperatures[group];
    const float top = choice->scores[best];
    Sixteen common_sum = {0};
    Sixteen own_sum = {0};
    for (int pass = 0; pass < 2; pass++) {
      const float factor = pass == 0 ? 0 : total_of(common_sum) / total_of(own_sum);
      for (int i = 0; i < padded_to_16(choice->count); i += 16) {
        for (int part = 0; part < PARTS; part++) {
          const int place = i + part * LANES;
          Ints isMember = {0};
          for (int lane = 0; lane < LANES && place + lane < choice->count; lane++) {
            isMember[lane] = choice->groups[place + lane] == group ? -1 : 0;
          }
          Floats weight = load(weights + place);
          if (pass == 1) {
            Floats scaled = weight * factor;
            store(weights + place, (Floats)(((Ints)scaled & isMember) | ((Ints)weight & ~isMember)));
            continue;
          }
          Floats score = load(choice->scores + place);
          Ints isDrawn = isMember & (weight > 0);
          common_sum.parts[part] += masked(power_of_e((score - highest) * common), isDrawn);
          Floats inside = {0};
          if (own > 0) {
            inside = power_of_e((score - top) * warmth(own));
          } else {
            for (int lane = 0; lane < LANES; lane++) inside[lane] = place + lane == best;
          }
          inside = masked(inside, isDrawn);
          own_sum.parts[part] += inside;
          store(
              weights + place, (Floats)(((Ints)inside & isMember) | ((Ints)weight & ~isMember)));
        }
      }
    }
  }
}

static int choose(const LiltChoice *choice) {
  const int count = choice->count;
  const int padded = padded_to_16(count);
  float *weights = choice->weights;
  Floats best_chance = {0};
  for (int i = 0; i < padded; i += LANES) {
    Floats chance = load(choice->chances + i);
    if (choice->allowed != NULL) {
      Ints isAllowed = {0};
      for (int lane = 0; lane < LANES && i + lane < count; lane++) {
        isAllowed[lane] = choice->allowed[i + lane] ? -1 : 0;
      }
      chance = masked(chance, isAllowed);
    }
    store(weights + i, chance);
    best_chance = __builtin_elementwise_max(best_chance, chance);
  }
  const float highest = highest_of(best_chance);
  int best = -1;
  for (int i = 0; i < count && best < 0; i++) {
    if (weights[i] == highest && (choice->allowed == NULL || choice->allowed[i])) best = i;
  }
  if (best < 0) return 0;
  if (!(choice->temperature > 0) || !(highest > 0)) return best;

  if ((choice->top_k > 0 && choice->top_k < count) || choice->top_p < 1) {
    cut_to_largest(weights, count, choice->top_k, choice->top_p);
  }
  if (choice->min_p > 0) {
    const float least = choice->min_p * highest;
    for (int i = 0; i < padded; i += LANES) {
      Floats weight = load(weights + i);
      store(weights + i, masked(weight, weight >= least));
    }
  }
  if (choice->groups != NULL) {
    temper_groups(choice, best);
  } else if (choice->temperature != 1) {
    const float factor = warmth(choice->temperature);
    // From the best that may be drawn down, or a low temperature would leave nothing of a masked one.
    const float top = choice->scores[best];
    for (int i = 0; i < padded; i += LANES) {
      Ints isDrawn = load(weights + i) > 0;
      Floats score = (load(choice->scores + i) - top) * factor;
      store(weights + i, masked(power_of_e(score), isDrawn));
    }
  }

  // Sums of sixteen lead to the sixteen in which the token is.
  double total = 0;
  for (int pass = 0; pass < 2; pass++) {
    double target = 2;
    if (pass == 1) {
      if (!(total > 0)) return best;
      const double uniform = choice->uniform;
      target = (uniform >= 0 ? (uniform <= 1 ? uniform : 1) : 0) * total;
    }
    double sum = 0;
    int last = best;
    for (int i = 0; i < padded; i += 16) {
      Sixteen block;
      for (int part = 0; part < PARTS; part++) block.parts[part] = load(weights + i + part * LANES);
      const double share = (double)total_of(block);
      if (pass == 0) {
        total += share;
        continue;
      }
      if (share > 0 && target < sum + share) {
        double inside = sum;
        for (int token = i; token < i + 16; token++) {
          if (!(weights[token] > 0)) continue;
          inside += (double)weights[token];
          last = token;
          if (target < inside) return token;
        }
        // Rounding: the parts may add up to a hair less than the whole.
        return last;
      }
      if (share > 0 && pass == 1) {
        for (int token = i; token < i + 16; token++) last = weights[token] > 0 ? token : last;
      }
      sum += share;
    }
    if (pass == 1) return last;
  }
  return best;
}
