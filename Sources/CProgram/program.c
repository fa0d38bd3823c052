#include "program.h"

#include <malloc.h>

// `make build` writes it; a build by hand has none.
#if defined(NDEBUG) && __has_include("commit.h")
#include "commit.h"
#else
#define COMMIT ""
#endif

const char *program_commit(void) { return COMMIT; }

void program_share_arenas(void) { mallopt(M_ARENA_MAX, 2); }

void program_trim_memory(void) { malloc_trim(0); }
