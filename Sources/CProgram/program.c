#include "program.h"

#include <malloc.h>

// `make build` says it; a build by hand does not.
#ifndef COMMIT
#define COMMIT ""
#endif

const char *program_commit(void) { return COMMIT; }

void program_share_arenas(void) { mallopt(M_ARENA_MAX, 2); }

void program_trim_memory(void) { malloc_trim(0); }
