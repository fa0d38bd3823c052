/* libvterm: a terminal without a window, for tests of the whole program. */
#include <vterm.h>
