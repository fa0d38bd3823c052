#include "build.h"

// `make build` writes it; a build by hand has none.
#if defined(NDEBUG) && __has_include("commit.h")
#include "commit.h"
#else
#define COMMIT ""
#endif

const char *build_commit(void) { return COMMIT; }
