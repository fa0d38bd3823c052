/* Starting a program in a pseudo terminal, for tests. */
#ifndef LILT_CPSEUDOTERMINAL_H
#define LILT_CPSEUDOTERMINAL_H

#include <stdbool.h>
#include <sys/types.h>

/* Runs `arguments[0]` in a new terminal of the given size. Returns the process id and sets
 * `descriptor` to the controlling end (non-blocking); -1 on failure. */
pid_t pseudo_terminal_start(const char *_Nonnull const *_Nonnull arguments,
                            const char *_Nonnull const *_Nonnull environment,
                            const char *_Nullable directory, int columns, int rows,
                            int *_Nonnull descriptor);
/* Changes the size; the program gets SIGWINCH. */
bool pseudo_terminal_resize(int descriptor, int columns, int rows);
/* 1 when the process has ended (`status` then holds the exit code, or 128 + signal), 0 when it
 * runs, -1 when there is no such child. */
int pseudo_terminal_status(pid_t process, int *_Nonnull status);
/* Whether echo and line editing are on, as a shell leaves them. */
bool pseudo_terminal_is_cooked(int descriptor);

#endif
