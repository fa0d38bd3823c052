#ifndef CALSA_H
#define CALSA_H

#include <stdint.h>

#include "CALSASequencer.h"

// libasound, opened at the first call: linking it would cost every start a quarter of a millisecond.

/// One open playback device: signed 16-bit samples, two channels, interleaved.
typedef struct calsa_pcm calsa_pcm;

/// What the device agreed to.
typedef struct {
  unsigned rate;
  unsigned period_frames;
  unsigned buffer_frames;
} calsa_shape;

/// Stops libasound from printing to stderr, which would be written over the screen.
void calsa_silence_messages(void);

/// Opens `name`. Returns 0 and fills `pcm` and `shape`, or a negative errno.
int calsa_open(const char *_Nonnull name, unsigned rate, unsigned period_frames,
               unsigned buffer_frames, calsa_pcm *_Nullable *_Nonnull pcm,
               calsa_shape *_Nonnull shape);

/// Blocks until `count` frames are taken or something happens. Returns the frames taken (0 to
/// `count`), or a negative errno as `snd_pcm_writei` does.
long calsa_write(calsa_pcm *_Nonnull pcm, const int16_t *_Nonnull frames, unsigned long count);

/// Makes the device ready again after -EPIPE (underrun) or -ESTRPIPE (suspended). Returns 0 or a
/// negative errno, which means that the device is lost.
int calsa_recover(calsa_pcm *_Nonnull pcm, int error);

/// Frames written but not heard yet; 0 when the device cannot tell.
long calsa_delay(calsa_pcm *_Nonnull pcm);

/// Stops at once and forgets what was not heard.
void calsa_drop(calsa_pcm *_Nonnull pcm);

/// Ready for writing after `calsa_drop`. Returns 0 or a negative errno.
int calsa_prepare(calsa_pcm *_Nonnull pcm);

void calsa_close(calsa_pcm *_Nonnull pcm);

/// A short sentence for a negative errno of the functions above. Static storage.
const char *_Nonnull calsa_reason(int error);

/// What kind of PCM this is, as libasound calls it (`HW`, `PLUG`, `IOPLUG`, `FILE`, `NULL`).
const char *_Nonnull calsa_kind(calsa_pcm *_Nonnull pcm);

#endif
