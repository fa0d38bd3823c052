"""Records the composer at work: a cast for asciinema, and a moving picture for the README.

    demo.py PATH/TO/lilt CAST SVG

The program runs in a pseudo terminal of 80 by 24 with a fixed random number and no sound; the keys
of SCRIPT are typed as a musician would. The picture has a frame for each change of the screen that
stands about a second, each distinct row once. Needs python3-pyte.
"""

import fcntl
import html
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time

import pyte

WIDTH, HEIGHT = 80, 24
# What is typed, and the seconds before it.
SCRIPT = [
    (1.5, "\r"), (3.0, " "), (3.0, "+"), (0.5, "+"), (0.5, "+"), (2.5, "\r"), (1.5, "\r"),
    (2.0, " "), (1.0, "\x7f"), (1.0, "3G"), (0.7, "R"), (3.0, ","), (1.2, "."), (1.5, "a"),
    (2.5, "1"), (2.0, "2"), (2.0, "\r"), (1.5, ":name The Long Lane\r"), (1.5, "P"), (0.8, "s"),
    (3.0, "P"), (0.8, "s"), (1.5, ":export lane.mid\r"), (2.5, "q"),
]
FRAME = 1.0


def record(lilt):
    """The program's output as (seconds, text)."""
    home = tempfile.mkdtemp(prefix="lilt-demo-")
    environment = dict(os.environ, HOME=home, TERM="xterm-256color", COLORTERM="truecolor",
                       LC_ALL="C.UTF-8")
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        environment[f"XDG_{name}_HOME"] = os.path.join(home, name.lower())
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(home)
        os.execve(lilt, [lilt, "--fresh", "--rng", "11", "--audio", "none"], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    os.kill(process, signal.SIGWINCH)
    events, start = [], time.monotonic()
    moments, moment = [], 0.0
    for wait, keys in SCRIPT:
        moment += wait
        for key in keys if keys.startswith(":") else [keys]:
            moments.append((moment, key))
            moment += 0.06 if keys.startswith(":") else 0
    end = moment + 10
    decoder = __import__("codecs").getincrementaldecoder("utf-8")("replace")
    while True:
        now = time.monotonic() - start
        if moments and now >= moments[0][0]:
            os.write(terminal, moments.pop(0)[1].encode())
            continue
        wait = (moments[0][0] if moments else end) - now
        if wait <= 0 and not moments:
            os.kill(process, signal.SIGTERM)
            break
        if select.select([terminal], [], [], max(wait, 0))[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            text = decoder.decode(data)
            if text:
                events.append((time.monotonic() - start, text))
    os.waitpid(process, 0)
    return events


def write_cast(events, path):
    with open(path, "w", encoding="utf-8") as file:
        header = {"version": 2, "width": WIDTH, "height": HEIGHT, "title": "Lilt",
                  "env": {"TERM": "xterm-256color"}}
        print(json.dumps(header), file=file)
        for moment, text in events:
            print(json.dumps([round(moment, 3), "o", text], ensure_ascii=False), file=file)


COLOR = re.compile(r"([34]8):2::(\d+:\d+:\d+)")


def whole(events):
    """The same with no escape sequence cut in two."""
    rest = ""
    for moment, text in events:
        text, rest = rest + text, ""
        escape = text.rfind("\x1b")
        if escape >= 0 and re.fullmatch(r"\x1b(\[[0-?]*)?", text[escape:]):
            text, rest = text[:escape], text[escape:]
        if text:
            yield moment, text


def frames(events):
    """Screens as (seconds, rows); a row is a tuple of (text, foreground, background, bold)."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    shown, last = [], None
    for index, (moment, text) in enumerate(events):
        # The last picture is the one before the program leaves.
        if "\x1b[?1049l" in text:
            break
        # The emulator knows colours in the older spelling only.
        stream.feed(COLOR.sub(lambda found: f"{found[1]};2;" + found[2].replace(":", ";"), text))
        following = events[index + 1][0] if index + 1 < len(events) else moment + 2
        if following - moment < 0.02 or (shown and following - shown[-1][0] < FRAME):
            continue
        rows = tuple(row_of(screen, row) for row in range(HEIGHT))
        if rows != last:
            shown.append((moment, rows))
            last = rows
    return shown


def row_of(screen, row):
    runs = []
    for column in range(WIDTH):
        cell = screen.buffer[row][column]
        front, back = (cell.bg, cell.fg) if cell.reverse else (cell.fg, cell.bg)
        style = (front, back, cell.bold)
        if runs and runs[-1][1:] == style:
            runs[-1] = (runs[-1][0] + cell.data, *style)
        else:
            runs.append((cell.data, *style))
    return tuple(runs)


NAMED = {"default": None, "black": "#1c1c1c", "red": "#d75f5f", "green": "#87af5f",
         "brown": "#d7af5f", "blue": "#5f87d7", "magenta": "#af87d7", "cyan": "#5fafaf",
         "white": "#d0d0d0"}


def color(name, standard):
    if name in NAMED:
        return NAMED[name] or standard
    return "#" + name if len(name) == 6 else standard


def write_picture(shown, path):
    cell, line, margin = 8.4, 18, 8
    ink, paper = "#d0d0d0", "#16181d"
    numbers = {}
    for _, rows in shown:
        for row in rows:
            numbers.setdefault(row, len(numbers))
    start = shown[0][0]
    length = shown[-1][0] - start + 3
    width, height = WIDTH * cell + 2 * margin, HEIGHT * line + 2 * margin
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'xml:space="preserve" font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="14">',
        f'<rect width="100%" height="100%" rx="6" fill="{paper}"/>',
        "<style>.f{visibility:hidden}",
    ]
    for index, (moment, _) in enumerate(shown):
        first = (moment - start) / length * 100
        last = (shown[index + 1][0] - start) / length * 100 if index + 1 < len(shown) else 100
        parts.append(
            f"@keyframes k{index}{{0%{{visibility:{'visible' if index == 0 else 'hidden'}}}"
            f"{first:.3f}%{{visibility:visible}}{last:.3f}%{{visibility:hidden}}}}"
            f"#f{index}{{animation:k{index} {length:.1f}s step-end infinite}}")
    # What does not move pictures shows the one with most on it.
    fullest = max(range(len(shown)), key=lambda index: sum(
        len(run[0].strip()) for row in shown[index][1] for run in row))
    # A class for each manner of writing: a row is one text, with a span for each run.
    manners = {}
    drawn = []
    for row, number in numbers.items():
        grounds, spans, column = "", "", 0
        for text, front, back, bold in row:
            ground = color(back, paper)
            if ground != paper:
                grounds += (f'<rect x="{margin + column * cell:.0f}" y="-13" '
                            f'width="{len(text) * cell:.1f}" height="{line}" fill="{ground}"/>')
            if text.strip():
                manner = (color(front, ink), bold)
                name = "c" + str(manners.setdefault(manner, len(manners)))
                lead = len(text) - len(text.lstrip())
                place = margin + (column + lead) * cell
                spans += f'<tspan x="{place:.1f}" class="{name}">{html.escape(text.strip())}</tspan>'
            column += len(text)
        drawn.append(f'<g id="r{number}">{grounds}<text>{spans}</text></g>')
    for (fill, bold), number in manners.items():
        parts.append(f".c{number}{{fill:{fill}{';font-weight:bold' if bold else ''}}}")
    parts.append(f"#f{fullest}{{visibility:visible}}</style><defs>")
    parts += drawn
    parts.append("</defs>")
    for index, (_, rows) in enumerate(shown):
        uses = "".join(
            f'<use href="#r{numbers[row]}" y="{margin + 14 + place * line}"/>'
            for place, row in enumerate(rows) if any(run[0].strip() or run[2] != "default" for run in row))
        parts.append(f'<g id="f{index}" class="f">{uses}</g>')
    parts.append("</svg>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(parts) + "\n")


def main():
    lilt, cast, picture = sys.argv[1:4]
    events = list(whole(record(os.path.abspath(lilt))))
    write_cast(events, cast)
    shown = frames(events)
    write_picture(shown, picture)
    print(f"{cast}: {os.path.getsize(cast) // 1024} KiB, {events[-1][0]:.0f} s")
    print(f"{picture}: {os.path.getsize(picture) // 1024} KiB, {len(shown)} frames")


main()
