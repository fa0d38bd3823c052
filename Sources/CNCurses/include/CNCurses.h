/* ncurses with wide characters, as Swift can import it.
 *
 * The macro must be set here: definitions given by SwiftPM do not reach the Swift importer, and the
 * pkg-config flags are dropped. Mutable globals (stdscr, LINES) and macros become functions. */
#ifndef LILT_CNCURSES_H
#define LILT_CNCURSES_H

#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#define NCURSES_NOMACROS 1

#include <locale.h>
#include <ncurses.h>
#include <term.h>
#include <wchar.h>

static inline WINDOW *_Nonnull nc_screen(void) { return stdscr; }
static inline int nc_colors(void) { return COLORS; }
static inline int nc_color_pairs(void) { return COLOR_PAIRS; }

/* Attributes as plain numbers. A_ITALIC is left out: few consoles show it. */
static const unsigned nc_bold = A_BOLD;
static const unsigned nc_dim = A_DIM;
static const unsigned nc_underline = A_UNDERLINE;
static const unsigned nc_reverse = A_REVERSE;
static const unsigned nc_italic = A_ITALIC;

/* One cell: a base scalar and the combining marks upon it, attributes, a colour pair. */
static inline void nc_cell(cchar_t *_Nonnull out, unsigned scalar, const unsigned *_Nonnull marks,
                           int count, attr_t attributes, int pair) {
  wchar_t text[CCHARW_MAX + 1] = {(wchar_t)scalar};
  for (int index = 0; index < count && index + 1 < CCHARW_MAX; index++)
    text[index + 1] = (wchar_t)marks[index];
  setcchar(out, text, attributes, 0, &pair);
}

/* Writes `count` cells from the start of `row`, a wide character being one; only what differs is
 * sent by the next doupdate. */
static inline void nc_row(int row, const cchar_t *_Nonnull cells, int count) {
  mvwadd_wchnstr(stdscr, row, 0, cells, count);
}

/* Cells that the C library gives a character in this locale; -1 for none. */
int nc_width(unsigned scalar);

#endif
