#pragma once

/// The commit that the program was built from, as `make` found it; empty where it was built without.
const char *program_commit(void);

/// Gives memory that was let go of back to the system.
void program_trim_memory(void);
