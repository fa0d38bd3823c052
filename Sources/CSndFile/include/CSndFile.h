#ifndef CSNDFILE_H
#define CSNDFILE_H

#include <sndfile.h>

// libsndfile, opened at the first call: with its seven codec libraries it would cost every start 1 ms.
// Each function is libsndfile's own of the same name; all but the first may be called only once
// `csnd_available` has answered 1.

/// 1 when libsndfile is there.
int csnd_available(void);

int csnd_format_check(const SF_INFO *_Nonnull info);
SNDFILE *_Nullable csnd_open(const char *_Nonnull path, int mode, SF_INFO *_Nonnull info);
int csnd_close(SNDFILE *_Nonnull file);
const char *_Nonnull csnd_strerror(SNDFILE *_Nullable file);
const char *_Nonnull csnd_error_number(int error);
sf_count_t csnd_writef_short(SNDFILE *_Nonnull file, const short *_Nonnull samples,
                             sf_count_t frames);
sf_count_t csnd_writef_float(SNDFILE *_Nonnull file, const float *_Nonnull samples,
                             sf_count_t frames);
sf_count_t csnd_readf_float(SNDFILE *_Nonnull file, float *_Nonnull samples, sf_count_t frames);

#endif
