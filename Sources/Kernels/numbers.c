#include <string.h>

#include "Kernels.h"

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

bool lilt_are_finite(const float *values, size_t count) {
  uint32_t unusual = 0;
  for (size_t i = 0; i < count; i++) unusual |= (bits_of(values[i]) & 0x7f800000) == 0x7f800000;
  return unusual == 0;
}

uint16_t lilt_bfloat16(float value) {
  uint32_t bits = bits_of(value);
  return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

uint16_t lilt_half(float value) {
  uint32_t bits = bits_of(value);
  uint32_t sign = (bits >> 16) & 0x8000;
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
  if (magnitude < 0x38800000) {
    // Subnormal: adding 1/2 leaves the rounded number of 2^-24 in the low bits.
    float shifted;
    memcpy(&shifted, &magnitude, sizeof shifted);
    shifted += 0.5f;
    return (uint16_t)(sign | (bits_of(shifted) - 0x3f000000));
  }
  uint32_t rebased = magnitude - 0x38000000;
  return (uint16_t)(sign | ((rebased + 0xfff + ((rebased >> 13) & 1)) >> 13));
}

uint64_t lilt_hash(uint64_t value, const void *bytes, size_t count) {
  const char *from = bytes;
  while (count > 0) {
    uint64_t word = 0;
    size_t taken = count < sizeof word ? count : sizeof word;
    memcpy(&word, from, taken);
    value = (value ^ word) * 0x9e3779b97f4a7c15u;
    value ^= value >> 32;
    from += taken;
    count -= taken;
  }
  return value;
}

uint64_t lilt_checksum(const void *bytes, size_t count) {
  const char *from = bytes;
  uint64_t values[4] = {count, 1, 2, 3};
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    for (int lane = 0; lane < 4; lane++) {
      uint64_t word;
      memcpy(&word, from + i + 8 * lane, sizeof word);
      values[lane] = (values[lane] ^ word) * 0x9e3779b97f4a7c15u;
      values[lane] = values[lane] << 29 | values[lane] >> 35;
    }
  }
  uint64_t result = lilt_hash(0, values, sizeof values);
  return lilt_hash(result, from + i, count - i);
}
