#include "CALSA.h"

#include <alsa/asoundlib.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "library.h"

// One entry for each function used; the types come from libasound's own header.
#define ALSA_FUNCTIONS(entry)                                                                      \
  entry(snd_lib_error_set_handler) entry(snd_pcm_hw_params) entry(snd_pcm_hw_params_any)           \
  entry(snd_pcm_hw_params_set_access) entry(snd_pcm_hw_params_set_format)                          \
  entry(snd_pcm_hw_params_set_channels) entry(snd_pcm_hw_params_set_rate)                          \
  entry(snd_pcm_hw_params_set_period_size_near) entry(snd_pcm_hw_params_set_buffer_size_near)      \
  entry(snd_pcm_sw_params) entry(snd_pcm_sw_params_current)                                        \
  entry(snd_pcm_sw_params_set_avail_min) entry(snd_pcm_sw_params_set_start_threshold)              \
  entry(snd_pcm_open) entry(snd_pcm_nonblock) entry(snd_pcm_hw_params_malloc)                      \
  entry(snd_pcm_sw_params_malloc) entry(snd_pcm_prepare) entry(snd_pcm_hw_params_free)             \
  entry(snd_pcm_sw_params_free) entry(snd_pcm_close) entry(snd_pcm_writei) entry(snd_pcm_resume)   \
  entry(snd_pcm_wait) entry(snd_pcm_delay) entry(snd_pcm_drop) entry(snd_strerror)                 \
  entry(snd_pcm_type_name) entry(snd_pcm_type)

CALSA_LOAD(ALSA_FUNCTIONS)

static pthread_once_t opening = PTHREAD_ONCE_INIT;
static void *opened = NULL;

static void open_library(void) { opened = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL); }

void *calsa_library(void) {
  pthread_once(&opening, open_library);
  return opened;
}

// The handle of libasound under our own name, so that Swift need not import all of asoundlib.h.
static snd_pcm_t *handle(calsa_pcm *pcm) { return (snd_pcm_t *)pcm; }

static void keep_silent(const char *file, int line, const char *function, int error,
                        const char *format, ...) {
  (void)file, (void)line, (void)function, (void)error, (void)format;
}

void calsa_silence_messages(void) {
  if (is_available()) alsa.snd_lib_error_set_handler(keep_silent);
}

static int set_hardware(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned rate,
                        unsigned period_frames, unsigned buffer_frames, calsa_shape *shape) {
  int error = alsa.snd_pcm_hw_params_any(pcm, params);
  if (error < 0) return error;
  error = alsa.snd_pcm_hw_params_set_access(pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED);
  if (error < 0) return error;
  error = alsa.snd_pcm_hw_params_set_format(pcm, params, SND_PCM_FORMAT_S16);
  if (error < 0) return error;
  error = alsa.snd_pcm_hw_params_set_channels(pcm, params, 2);
  if (error < 0) return error;
  error = alsa.snd_pcm_hw_params_set_rate(pcm, params, rate, 0);
  if (error < 0) return error;
  snd_pcm_uframes_t period = period_frames, buffer = buffer_frames;
  error = alsa.snd_pcm_hw_params_set_period_size_near(pcm, params, &period, NULL);
  if (error < 0) return error;
  error = alsa.snd_pcm_hw_params_set_buffer_size_near(pcm, params, &buffer);
  if (error < 0) return error;
  error = alsa.snd_pcm_hw_params(pcm, params);
  if (error < 0) return error;
  shape->rate = rate;
  shape->period_frames = (unsigned)period;
  shape->buffer_frames = (unsigned)buffer;
  return 0;
}

static int set_software(snd_pcm_t *pcm, snd_pcm_sw_params_t *params, const calsa_shape *shape) {
  int error = alsa.snd_pcm_sw_params_current(pcm, params);
  if (error < 0) return error;
  error = alsa.snd_pcm_sw_params_set_avail_min(pcm, params, shape->period_frames);
  if (error < 0) return error;
  snd_pcm_uframes_t threshold = shape->buffer_frames;
  if (threshold > shape->period_frames) threshold -= shape->period_frames;
  error = alsa.snd_pcm_sw_params_set_start_threshold(pcm, params, threshold);
  if (error < 0) return error;
  return alsa.snd_pcm_sw_params(pcm, params);
}

int calsa_open(const char *name, unsigned rate, unsigned period_frames, unsigned buffer_frames,
               calsa_pcm **out, calsa_shape *shape) {
  *out = NULL;
  if (!is_available()) return -ENOSYS;
  snd_pcm_t *pcm = NULL;
  // Opened without blocking, so that a device in use answers at once; writing blocks.
  int error = alsa.snd_pcm_open(&pcm, name, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
  if (error < 0) return error;
  snd_pcm_hw_params_t *hardware = NULL;
  snd_pcm_sw_params_t *software = NULL;
  error = alsa.snd_pcm_nonblock(pcm, 0);
  if (error >= 0) error = alsa.snd_pcm_hw_params_malloc(&hardware);
  if (error >= 0) error = alsa.snd_pcm_sw_params_malloc(&software);
  if (error >= 0) {
    error = set_hardware(pcm, hardware, rate, period_frames, buffer_frames, shape);
  }
  if (error >= 0) error = set_software(pcm, software, shape);
  if (error >= 0) error = alsa.snd_pcm_prepare(pcm);
  if (hardware) alsa.snd_pcm_hw_params_free(hardware);
  if (software) alsa.snd_pcm_sw_params_free(software);
  if (error < 0) {
    alsa.snd_pcm_close(pcm);
    return error;
  }
  *out = (calsa_pcm *)pcm;
  return 0;
}

long calsa_write(calsa_pcm *pcm, const int16_t *frames, unsigned long count) {
  return alsa.snd_pcm_writei(handle(pcm), frames, count);
}

int calsa_recover(calsa_pcm *pcm, int error) {
  if (error == -EPIPE) return alsa.snd_pcm_prepare(handle(pcm));
  if (error == -ESTRPIPE) {
    // At most a fifth of a second for the driver to wake up; preparing anew always works after.
    for (int attempt = 0; attempt < 20; attempt++) {
      if (alsa.snd_pcm_resume(handle(pcm)) != -EAGAIN) break;
      alsa.snd_pcm_wait(handle(pcm), 10);
    }
    return alsa.snd_pcm_prepare(handle(pcm));
  }
  if (error == -EINTR || error == -EAGAIN) return 0;
  return error;
}

long calsa_delay(calsa_pcm *pcm) {
  snd_pcm_sframes_t delay = 0;
  if (alsa.snd_pcm_delay(handle(pcm), &delay) < 0 || delay < 0) return 0;
  return delay;
}

void calsa_drop(calsa_pcm *pcm) { alsa.snd_pcm_drop(handle(pcm)); }

int calsa_prepare(calsa_pcm *pcm) { return alsa.snd_pcm_prepare(handle(pcm)); }

void calsa_close(calsa_pcm *pcm) { alsa.snd_pcm_close(handle(pcm)); }

const char *calsa_reason(int error) {
  return is_available() ? alsa.snd_strerror(error) : "libasound is not installed";
}

const char *calsa_kind(calsa_pcm *pcm) {
  const char *name = alsa.snd_pcm_type_name(alsa.snd_pcm_type(handle(pcm)));
  return name ? name : "unknown";
}
