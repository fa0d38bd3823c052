#pragma once

/// The commit that the program was built from, as `make` found it; empty where it was built without.
const char *build_commit(void);
