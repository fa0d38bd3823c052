#define _GNU_SOURCE
#include "CNCurses.h"

int nc_width(unsigned scalar) { return wcwidth((wchar_t)scalar); }
