#define _GNU_SOURCE
#include "CPseudoTerminal.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

pid_t pseudo_terminal_start(const char *const *arguments, const char *const *environment,
                            const char *directory, int columns, int rows, int *descriptor) {
  struct winsize size;
  memset(&size, 0, sizeof size);
  size.ws_col = (unsigned short)columns;
  size.ws_row = (unsigned short)rows;
  int controller = -1;
  pid_t process = forkpty(&controller, NULL, NULL, &size);
  if (process < 0) return -1;
  if (process == 0) {
    /* The test runner's worker threads block signals, and a child inherits that. */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    if (directory && chdir(directory) != 0) _exit(126);
    execve(arguments[0], (char *const *)arguments, (char *const *)environment);
    _exit(127);
  }
  fcntl(controller, F_SETFL, fcntl(controller, F_GETFL) | O_NONBLOCK);
  fcntl(controller, F_SETFD, FD_CLOEXEC);
  *descriptor = controller;
  return process;
}

bool pseudo_terminal_resize(int descriptor, int columns, int rows) {
  struct winsize size;
  memset(&size, 0, sizeof size);
  size.ws_col = (unsigned short)columns;
  size.ws_row = (unsigned short)rows;
  return ioctl(descriptor, TIOCSWINSZ, &size) == 0;
}

int pseudo_terminal_status(pid_t process, int *status) {
  int raw = 0;
  pid_t answer = waitpid(process, &raw, WNOHANG);
  if (answer == 0) return 0;
  if (answer < 0) return -1;
  *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  return 1;
}

bool pseudo_terminal_is_cooked(int descriptor) {
  struct termios settings;
  if (tcgetattr(descriptor, &settings) != 0) return false;
  return (settings.c_lflag & ECHO) && (settings.c_lflag & ICANON) && (settings.c_lflag & ISIG);
}
