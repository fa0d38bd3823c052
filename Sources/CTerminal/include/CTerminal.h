/* What must be C about a terminal program: handlers that run inside a signal, and nothing else. */
#ifndef LILT_CTERMINAL_H
#define LILT_CTERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/* Crash guard ---------------------------------------------------------------------------------
 * Remembers the terminal's settings and, when the program dies of SIGILL, SIGTRAP, SIGSEGV,
 * SIGABRT, SIGBUS, SIGFPE or SIGQUIT, puts the terminal back with async-signal-safe calls before
 * the signal does its work. */

/* Saves the settings of `descriptor` and installs the handlers. False where it is no terminal. */
bool terminal_guard_install(int descriptor);
/* Puts the handlers back; the saved settings stay available to terminal_guard_restore. */
void terminal_guard_remove(void);
/* Writes the restoring escape sequences and the saved settings now. Safe to call twice. */
void terminal_guard_restore(void);
/* More to write before the restoring sequences: what switches off the modes that are on now. At most
 * 64 bytes, which are copied. */
void terminal_guard_also(const char *_Nonnull bytes);
/* Restores the saved terminal settings only (no escape sequences). */
void terminal_guard_restore_settings(void);

/* Signals as numbers in a pipe ---------------------------------------------------------------- */

/* Sends SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH and SIGUSR1 into a pipe and ignores
 * SIGPIPE. Returns the end to poll, which never blocks; -1 when no pipe could be made. */
int terminal_signals_open(void);
/* The next signal that arrived, or 0. */
int terminal_signals_next(void);
/* Gives every signal its default action again and closes the pipe. */
void terminal_signals_close(void);
/* Really stops this process group, as Ctrl-Z in a shell does; returns when it is continued. */
void terminal_stop_self(void);
/* Ends the process by `number` with its default action, so that the parent sees the signal. */
void terminal_raise_default(int number);

/* Waking a poll from another thread ----------------------------------------------------------- */

/* A descriptor that becomes readable after terminal_wake_signal; -1 on failure. */
int terminal_wake_open(void);
void terminal_wake_signal(int descriptor);
void terminal_wake_clear(int descriptor);

/* Window size from the terminal itself; false where it does not say. */
bool terminal_size(int descriptor, int *_Nonnull columns, int *_Nonnull rows);

/* Bytes that the settings of a terminal take. */
unsigned long terminal_raw_size(void);

#endif
