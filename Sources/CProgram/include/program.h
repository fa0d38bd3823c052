#pragma once

/// The commit that the program was built from, as `make` found it; empty where it was built without.
const char *program_commit(void);

/// Lets all threads share two arenas of memory: a program of many short-lived threads would otherwise
/// keep a few megabytes for each. Call it before there are threads.
void program_share_arenas(void);

/// Gives memory that was let go of back to the system.
void program_trim_memory(void);
