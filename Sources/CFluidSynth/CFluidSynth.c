#include "CFluidSynth.h"

#include <dlfcn.h>
#include <fluidsynth.h>
#include <pthread.h>
#include <stdlib.h>

struct cfluid_synth {
  fluid_settings_t *settings;
  fluid_synth_t *synth;
};

// One entry for each function used; the types come from FluidSynth's own header.
#define FLUID_FUNCTIONS(entry)                                                                     \
  entry(new_fluid_settings) entry(delete_fluid_settings) entry(fluid_settings_setnum)             \
  entry(fluid_settings_setint) entry(new_fluid_synth) entry(delete_fluid_synth)                   \
  entry(fluid_synth_sfload) entry(fluid_synth_noteon) entry(fluid_synth_noteoff)                  \
  entry(fluid_synth_program_change) entry(fluid_synth_cc) entry(fluid_synth_pitch_bend) entry(fluid_synth_all_sounds_off)       \
  entry(fluid_synth_write_s16) entry(fluid_set_log_function)                                      \
  entry(fluid_synth_get_active_voice_count) entry(fluid_is_soundfont)

#define DECLARE(name) __typeof__(name) *name##_;
static struct { FLUID_FUNCTIONS(DECLARE) } fluid;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded = 0;

static void keep_silent(int level, const char *message, void *data) {
  (void)level, (void)message, (void)data;
}

static void load(void) {
  void *library = dlopen("libfluidsynth.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  int found = 1;
#define FIND(name)                                                                                 \
  fluid.name##_ = (__typeof__(name) *)dlsym(library, #name);                                       \
  if (!fluid.name##_) found = 0;
  FLUID_FUNCTIONS(FIND)
  if (!found) return;
  // FluidSynth logs to stderr, which would be written over the screen.
  for (int level = FLUID_PANIC; level < LAST_LOG_LEVEL; level++) {
    fluid.fluid_set_log_function_(level, keep_silent, NULL);
  }
  is_loaded = 1;
}

int cfluid_available(void) {
  pthread_once(&once, load);
  return is_loaded;
}

cfluid_synth *cfluid_new(double rate, double gain, int polyphony) {
  if (!cfluid_available()) return NULL;
  cfluid_synth *synth = calloc(1, sizeof *synth);
  if (!synth) return NULL;
  synth->settings = fluid.new_fluid_settings_();
  if (synth->settings) {
    fluid.fluid_settings_setnum_(synth->settings, "synth.sample-rate", rate);
    fluid.fluid_settings_setnum_(synth->settings, "synth.gain", gain);
    fluid.fluid_settings_setint_(synth->settings, "synth.polyphony", polyphony);
    // One thread owns the synthesizer, so its own lock is not needed.
    fluid.fluid_settings_setint_(synth->settings, "synth.threadsafe-api", 0);
    synth->synth = fluid.new_fluid_synth_(synth->settings);
  }
  if (!synth->synth) {
    cfluid_delete(synth);
    return NULL;
  }
  return synth;
}

void cfluid_delete(cfluid_synth *synth) {
  if (synth->synth) fluid.delete_fluid_synth_(synth->synth);
  if (synth->settings) fluid.delete_fluid_settings_(synth->settings);
  free(synth);
}

int cfluid_load(cfluid_synth *synth, const char *path) {
  if (!fluid.fluid_is_soundfont_(path)) return 0;
  return fluid.fluid_synth_sfload_(synth->synth, path, 1) != FLUID_FAILED;
}

void cfluid_note_on(cfluid_synth *synth, int channel, int key, int velocity) {
  fluid.fluid_synth_noteon_(synth->synth, channel, key, velocity);
}

void cfluid_note_off(cfluid_synth *synth, int channel, int key) {
  fluid.fluid_synth_noteoff_(synth->synth, channel, key);
}

void cfluid_program(cfluid_synth *synth, int channel, int program) {
  fluid.fluid_synth_program_change_(synth->synth, channel, program);
}

void cfluid_control(cfluid_synth *synth, int channel, int controller, int value) {
  fluid.fluid_synth_cc_(synth->synth, channel, controller, value);
}

void cfluid_bend(cfluid_synth *synth, int channel, int value) {
  fluid.fluid_synth_pitch_bend_(synth->synth, channel, value);
}

void cfluid_all_sound_off(cfluid_synth *synth) {
  fluid.fluid_synth_all_sounds_off_(synth->synth, -1);
}

int cfluid_voices(cfluid_synth *synth) {
  return fluid.fluid_synth_get_active_voice_count_(synth->synth);
}

void cfluid_render(cfluid_synth *synth, int16_t *out, int frames) {
  fluid.fluid_synth_write_s16_(synth->synth, frames, out, 0, 2, out, 1, 2);
}
