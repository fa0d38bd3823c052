"""Measures `lilt export --all` beside one abc2midi process over the same tunebooks.

    exporting.py PATH/TO/lilt [TUNEBOOK.abc...] [--runs N] [--json]

Without tunebooks, those of `../shared/data/train` beside the project are taken where they are.
Both programs write one MIDI file for each tune into a folder in memory. abc2midi takes one file
and names what it writes after the number of the tune, so it gets the books one after the other
with their tunes numbered anew: every tune is a file of its own, as with Lilt. The runs alternate;
medians are shown.
"""

import argparse
import glob
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def memory(command, folder):
    """The most memory a process had, in KiB, or None: asked of time(1), since the system counts
    Python's own memory to a process that Python starts."""
    if not os.access("/usr/bin/time", os.X_OK):
        return None
    result = subprocess.run(
        ["/usr/bin/time", "-f", "%M", "-o", os.path.join(folder, "kib")] + command, cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    with open(os.path.join(folder, "kib")) as file:
        return int(file.read().split()[-1])


def run(command, folder):
    """Wall, user and system seconds of a process."""
    quiet = subprocess.DEVNULL
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    # abc2midi exits with a status of its own where a tune has a slip.
    process.returncode = os.waitstatus_to_exitcode(status)
    return {"wall": wall, "user": used.ru_utime, "system": used.ru_stime}


def renumbered(books):
    """The books as one, the first tune X:1."""
    count = 0
    lines = []
    for book in books:
        with open(book, "rb") as file:
            for line in file.read().splitlines():
                if re.match(rb"X:", line):
                    count += 1
                    line = b"X:%d" % count
                lines.append(line)
        lines.append(b"")
    return b"\n".join(lines) + b"\n", count


def measure(lilt, books, runs):
    # Files in memory, so that no disk is measured.
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="lilt-exporting-", dir=shared) as folder:
        copies = [shutil.copy(book, folder) for book in books]
        text, tunes = renumbered(books)
        joined = os.path.join(folder, "joined.abc")
        with open(joined, "wb") as file:
            file.write(text)
        programs = {
            "lilt": [lilt, "export", "--all"] + copies + ["-o", os.path.join(folder, "out")]}
        if shutil.which("abc2midi"):
            # It writes beside the file that it reads.
            programs["abc2midi"] = ["abc2midi", "joined.abc"]
        found = {name: [] for name in programs}
        files, most = {}, {}
        out = os.path.join(folder, "out")
        for turn in range(runs + 1):
            for name, command in programs.items():
                place = folder
                if name == "abc2midi":
                    place = out
                    os.mkdir(out)
                    os.link(joined, os.path.join(out, "joined.abc"))
                if turn:
                    found[name].append(run(command, place))
                else:  # the first also warms the caches
                    most[name] = memory(command, place)
                files[name] = sum(entry.endswith(".mid") for entry in os.listdir(out))
                shutil.rmtree(out)
    result = {"v": 1, "tunes": tunes, "runs": runs}
    for name, all_figures in found.items():
        result[name] = {
            key: statistics.median(figures[key] for figures in all_figures)
            for key in all_figures[0]}
        result[name]["files"] = files[name]
        result[name]["kib"] = most[name]
        result[name]["best_wall"] = min(figures["wall"] for figures in all_figures)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lilt")
    parser.add_argument("books", nargs="*")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="one object instead of lines")
    options = parser.parse_args()
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    beside = os.path.join(os.path.dirname(package), "shared", "data", "train", "*.abc")
    books = options.books or sorted(glob.glob(beside))
    if not books:
        sys.exit("exporting: no tunebooks were given")
    found = measure(os.path.abspath(options.lilt), books, options.runs)
    if options.json:
        print(json.dumps(found))
        return
    print(f"{found['tunes']} tunes to MIDI files, medians of {found['runs']} runs in turn")
    for name in ("lilt", "abc2midi"):
        if name not in found:
            print(f"{name:9} is not installed")
            continue
        one = found[name]
        kib = "" if one["kib"] is None else f", memory {one['kib'] / 1024:.1f} MiB"
        print(f"{name:9} {one['files']} files   wall {one['wall'] * 1000:4.0f} ms "
              f"(best {one['best_wall'] * 1000:.0f}), user {one['user'] * 1000:4.0f}, "
              f"system {one['system'] * 1000:4.0f}{kib}")
    if "abc2midi" in found:
        print(f"lilt is {found['abc2midi']['wall'] / found['lilt']['wall']:.2f} times as fast")


if __name__ == "__main__":
    main()
