#define _GNU_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Crash guard */

static const int crash_signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGQUIT};
enum { crash_count = sizeof crash_signals / sizeof crash_signals[0] };
static struct sigaction before_guard[crash_count];
static struct termios saved_settings;
static volatile sig_atomic_t guarded_descriptor = -1;
static volatile sig_atomic_t guard_is_installed = 0;
static _Alignas(16) char guard_stack[64 * 1024];

/* Bracketed paste, focus and mouse reports off; colours reset; cursor shown; keypad mode and
 * alternate screen left. */
static const char restoring[] = "\033[?2004l\033[?1004l\033[?1006l\033[?1003l\033[?1002l\033[?1000l"
                                "\033[0m\033[?1l\033>\033[?25h\033[?1049l\r\n";

/* What else is on: set by the main thread only, read where it crashes. */
static char also[64];
static volatile sig_atomic_t also_length = 0;

static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

void terminal_guard_restore_settings(void) {
  int descriptor = guarded_descriptor;
  if (descriptor >= 0) tcsetattr(descriptor, TCSADRAIN, &saved_settings);
}

void terminal_guard_restore(void) {
  int descriptor = guarded_descriptor;
  if (descriptor < 0) return;
  write_all(descriptor, also, (size_t)also_length);
  write_all(descriptor, restoring, sizeof restoring - 1);
  /* TCSANOW: draining could wait for ever on a stopped terminal. */
  tcsetattr(descriptor, TCSANOW, &saved_settings);
}

void terminal_guard_also(const char *bytes) {
  size_t length = strlen(bytes);
  also_length = 0;
  if (length > sizeof also) return;
  memcpy(also, bytes, length);
  also_length = (sig_atomic_t)length;
}

static void on_crash(int number) {
  terminal_guard_restore();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(number, &action, NULL);
  raise(number);
}

bool terminal_guard_install(int descriptor) {
  if (tcgetattr(descriptor, &saved_settings) != 0) return false;
  guarded_descriptor = descriptor;
  if (guard_is_installed) return true;
  stack_t stack;
  memset(&stack, 0, sizeof stack);
  stack.ss_sp = guard_stack;
  stack.ss_size = sizeof guard_stack;
  sigaltstack(&stack, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  for (int index = 0; index < crash_count; index++)
    sigaction(crash_signals[index], &action, &before_guard[index]);
  guard_is_installed = 1;
  return true;
}

void terminal_guard_remove(void) {
  if (!guard_is_installed) return;
  for (int index = 0; index < crash_count; index++)
    sigaction(crash_signals[index], &before_guard[index], NULL);
  guard_is_installed = 0;
}

/* Signals as numbers in a pipe */

static const int piped_signals[] = {SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH, SIGUSR1};
enum { piped_count = sizeof piped_signals / sizeof piped_signals[0] };
static int signal_pipe[2] = {-1, -1};

static void on_signal(int number) {
  int saved_errno = errno;
  unsigned char byte = (unsigned char)number;
  /* A full pipe means the reader has plenty to wake for already. */
  (void)!write(signal_pipe[1], &byte, 1);
  errno = saved_errno;
}

static void set_action(int number, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

int terminal_signals_open(void) {
  if (signal_pipe[0] >= 0) return signal_pipe[0];
  if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0) {
    signal_pipe[0] = signal_pipe[1] = -1;
    return -1;
  }
  for (int index = 0; index < piped_count; index++) set_action(piped_signals[index], on_signal);
  set_action(SIGPIPE, SIG_IGN);
  return signal_pipe[0];
}

int terminal_signals_next(void) {
  if (signal_pipe[0] < 0) return 0;
  unsigned char byte = 0;
  return read(signal_pipe[0], &byte, 1) == 1 ? byte : 0;
}

void terminal_signals_close(void) {
  if (signal_pipe[0] < 0) return;
  for (int index = 0; index < piped_count; index++) set_action(piped_signals[index], SIG_DFL);
  close(signal_pipe[0]);
  close(signal_pipe[1]);
  signal_pipe[0] = signal_pipe[1] = -1;
}

void terminal_stop_self(void) {
  struct sigaction before, action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTSTP, &action, &before);
  sigset_t stop, old;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, &old);
  /* The whole group: what stands before us in a pipe stops too. Without a shell to continue it
   * (an orphaned group) the kernel drops the signal, and we simply go on. */
  kill(0, SIGTSTP);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  sigaction(SIGTSTP, &before, NULL);
}

void terminal_raise_default(int number) {
  set_action(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
}

/* Waking a poll */

int terminal_wake_open(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void terminal_wake_signal(int descriptor) {
  uint64_t one = 1;
  (void)!write(descriptor, &one, sizeof one);
}

void terminal_wake_clear(int descriptor) {
  uint64_t count;
  (void)!read(descriptor, &count, sizeof count);
}

bool terminal_size(int descriptor, int *columns, int *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return false;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return true;
}

unsigned long terminal_raw_size(void) { return sizeof(struct termios); }
