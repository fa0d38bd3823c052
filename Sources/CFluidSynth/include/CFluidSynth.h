#ifndef CFLUIDSYNTH_H
#define CFLUIDSYNTH_H

#include <stdint.h>

/// One FluidSynth synthesizer with its settings. Used by one thread at a time.
typedef struct cfluid_synth cfluid_synth;

/// Loads libfluidsynth.so.3 at the first call (linking it would cost every start of the program
/// 22 ms for the 70 libraries behind it). Returns 1, or 0 when it is not installed or too old.
int cfluid_available(void);

/// A synthesizer with General MIDI channels, or NULL.
cfluid_synth *_Nullable cfluid_new(double rate, double gain, int polyphony);
void cfluid_delete(cfluid_synth *_Nonnull synth);

/// Loads a SoundFont. Returns 1, or 0 when the file is missing or not a SoundFont.
int cfluid_load(cfluid_synth *_Nonnull synth, const char *_Nonnull path);

void cfluid_note_on(cfluid_synth *_Nonnull synth, int channel, int key, int velocity);
void cfluid_note_off(cfluid_synth *_Nonnull synth, int channel, int key);
void cfluid_program(cfluid_synth *_Nonnull synth, int channel, int program);

/// Sets a MIDI controller, 0...127, to a value of 0...127.
void cfluid_control(cfluid_synth *_Nonnull synth, int channel, int controller, int value);

/// Bends a channel's pitch: 0...16383, 8192 = not at all.
void cfluid_bend(cfluid_synth *_Nonnull synth, int channel, int value);

/// Ends every voice on every channel at once.
void cfluid_all_sound_off(cfluid_synth *_Nonnull synth);

/// Voices sounding now, releases included.
int cfluid_voices(cfluid_synth *_Nonnull synth);

/// Writes `frames` interleaved stereo frames to `out`.
void cfluid_render(cfluid_synth *_Nonnull synth, int16_t *_Nonnull out, int frames);

#endif
