"""Measures Lilt as its user meets it: in a terminal, with the model writing and the tune playing.

    bench.py PATH/TO/lilt [--quick] [--json]

Needs nothing but Python; PulseAudio, numpy and PyTorch are used where they are installed. The last
results of each machine are kept in the cache folder, and lines say what has changed since.
"""

import argparse
import fcntl
import importlib.util
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import reference

# Letters that nothing else on the screen shows, so that seeing one means the key arrived.
LETTERS = "ЖЩЮЯФЦЧШЭБГДЛПИЙЪЫЬ"


class Program:
    """lilt in a pseudo terminal."""

    def __init__(self, binary, arguments, size, environment):
        columns, rows = size
        self.started = time.perf_counter()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(binary, [binary] + arguments, environment)
        self.seen = b""
        self.total = 0

    def read(self, seconds):
        """Whatever arrives within a time, as soon as something does; b"" when nothing does."""
        ready, _, _ = select.select([self.terminal], [], [], max(0, seconds))
        if not ready:
            return b""
        try:
            data = os.read(self.terminal, 1 << 16)
        except OSError:
            return b""
        # The terminal's part of a conversation: what is my background colour, which device?
        if b"\x1b]11;?" in data:
            os.write(self.terminal, b"\x1b]11;rgb:1d1d/1f1f/2727\x1b\\")
        self.total += len(data)
        self.seen = (self.seen + data)[-200_000:]
        return data

    def wait(self, wanted, seconds=20):
        """Reads until some bytes have come; returns when they came, or None."""
        end = time.perf_counter() + seconds
        tail = b""
        while time.perf_counter() < end:
            data = self.read(end - time.perf_counter())
            tail = tail[-64:] + data
            if re.search(wanted, tail):
                return time.perf_counter()
        return None

    def drain(self, seconds):
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.read(end - time.perf_counter())

    def write(self, text):
        os.write(self.terminal, text.encode())

    def cpu_seconds(self):
        with open(f"/proc/{self.process}/stat") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wakeups(self):
        count = 0
        for thread in os.listdir(f"/proc/{self.process}/task"):
            try:
                with open(f"/proc/{self.process}/task/{thread}/status") as file:
                    for line in file:
                        if line.startswith("voluntary_ctxt_switches"):
                            count += int(line.split()[1])
            except OSError:
                pass
        return count

    def memory(self):
        """Resident megabytes at this moment, and the most there have been."""
        found = {}
        with open(f"/proc/{self.process}/status") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name in ("VmRSS", "VmHWM"):
                    found[name] = int(value.split()[0]) / 1024
        return found["VmRSS"], found["VmHWM"]

    def finish(self):
        self.write("\x1b\x1bQ")
        end = time.perf_counter() + 5
        while time.perf_counter() < end:
            self.read(0.05)
            if os.waitpid(self.process, os.WNOHANG)[0]:
                os.close(self.terminal)
                return
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


class Sound:
    """A PulseAudio server of our own with a sink that nobody hears; no sound where there is none."""

    def __init__(self, folder):
        self.server = None
        self.description = "silent"
        self.environment = {}
        if not shutil.which("pulseaudio"):
            return
        run = os.path.join(folder, "pulse")
        os.mkdir(run, 0o700)
        script = os.path.join(folder, "pulse.pa")
        with open(script, "w") as file:
            file.write(
                "load-module module-native-protocol-unix auth-anonymous=1\n"
                "load-module module-null-sink sink_name=nul rate=48000 channels=2 "
                "format=s16le norewinds=1\nset-default-sink nul\n")
        alsa = os.path.join(folder, "asound.conf")
        with open(alsa, "w") as file:
            file.write("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        server_environment = dict(os.environ, XDG_RUNTIME_DIR=run, HOME=folder)
        self.server = subprocess.Popen(
            ["pulseaudio", "-n", "-F", script, "--daemonize=no", "--exit-idle-time=-1",
             "--disallow-exit", "--realtime=no", "--high-priority=no", "--use-pid-file=no"],
            env=server_environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        socket = os.path.join(run, "pulse", "native")
        for _ in range(100):
            if os.path.exists(socket):
                break
            time.sleep(0.05)
        self.environment = {"ALSA_CONFIG_PATH": alsa, "PULSE_SERVER": "unix:" + socket}
        self.description = "PulseAudio null sink"

    def finish(self):
        if self.server:
            self.server.terminate()
            self.server.wait()


def home(folder, sound):
    """An environment in which nothing was ever configured."""
    place = tempfile.mkdtemp(dir=folder)
    environment = {
        "HOME": place, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "XDG_RUNTIME_DIR": place,
    }
    environment.update(sound.environment)
    return environment


def share(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def measure_start(binary, folder, sound, size, runs):
    times = []
    for _ in range(runs):
        program = Program(binary, ["--fresh"], size, home(folder, sound))
        # The help line is the last row to be drawn.
        shown = program.wait(rb"help")
        if shown is None:
            sys.exit("bench: the screen did not appear:\n" + program.seen.decode(errors="replace"))
        times.append((shown - program.started) * 1000)
        program.finish()
    return {"median_ms": share(times, 0.5), "worst_ms": max(times), "runs": runs}


def measure_latency(binary, folder, sound, size, keys):
    environment = home(folder, sound)
    # Writing all the while: 30 characters a second, never stopping by itself.
    environment.update({"LILT_PACE": "30", "LILT_STOP_RULE": "never"})
    program = Program(binary, ["--fresh", "--rng", "7"], size, environment)
    program.wait(rb"help")
    program.drain(1)
    program.write("\r")
    program.drain(4)
    program.write(" ")
    program.drain(2)
    program.write(":")
    program.drain(0.3)
    times = []
    cpu_before, before = program.cpu_seconds(), time.perf_counter()
    for index in range(keys):
        letter = LETTERS[index % len(LETTERS)]
        if index and index % len(LETTERS) == 0:
            program.write("\x15")
            program.drain(0.2)
        program.drain(random.uniform(0.02, 0.06))
        start = time.perf_counter()
        program.write(letter)
        shown = program.wait(re.escape(letter.encode()), 2)
        times.append(((shown or time.perf_counter()) - start) * 1000)
    elapsed = time.perf_counter() - before
    result = {
        "size": f"{size[0]}x{size[1]}", "keys": keys, "p50_ms": share(times, 0.5),
        "p99_ms": share(times, 0.99), "worst_ms": max(times), "sound": sound.description,
        "cpu_percent": 100 * (program.cpu_seconds() - cpu_before) / elapsed,
    }
    program.finish()
    return result


def measure_alternatives(binary, folder, sound, runs):
    """From the key to the first of four alternatives of two bars, while the tune sounds, and the
    screen's answer to keys meanwhile."""
    environment = home(folder, sound)
    environment["LILT_PHRASE"] = "2"
    times, answers = [], []
    for run in range(runs):
        program = Program(binary, ["--fresh", "--rng", str(run)], (80, 24), environment)
        program.wait(rb"help")
        program.drain(0.7)
        program.write("\r")
        program.wait(rb"phrase done", 20)
        program.write(" ")
        program.drain(0.5)
        start = time.perf_counter()
        program.write("4a")
        # A row of the list that holds a candidate ends with its bits; the original has none.
        shown = program.wait(rb"\d bits/note", 20)
        if shown is not None:
            times.append((shown - start) * 1000)
        for number in (2, 3, 0):
            start = time.perf_counter()
            program.write(str(number))
            shown = program.wait(rb"> %d" % number, 2)
            if shown is not None:
                answers.append((shown - start) * 1000)
        program.finish()
    if not times or not answers:
        return None
    return {"runs": len(times), "p50_ms": share(times, 0.5), "worst_ms": max(times),
            "switch_p50_ms": share(answers, 0.5), "switch_worst_ms": max(answers)}


def measure_idle(binary, folder, sound, seconds):
    program = Program(binary, ["--fresh"], (80, 24), home(folder, sound))
    program.wait(rb"help")
    program.drain(6)
    total, cpu, wakeups = program.total, program.cpu_seconds(), program.wakeups()
    program.drain(seconds)
    result = {
        "seconds": seconds, "cpu_percent": 100 * (program.cpu_seconds() - cpu) / seconds,
        "bytes_drawn": program.total - total,
        "wakeups_per_second": (program.wakeups() - wakeups) / seconds,
    }
    program.finish()
    return result


def measure_memory(binary, folder, sound):
    """Memory while the model writes and the tune plays, and with a tunebook of 2 MB open."""
    environment = home(folder, sound)
    environment.update({"LILT_PACE": "30", "LILT_STOP_RULE": "never"})
    program = Program(binary, ["--fresh", "--rng", "7"], (80, 24), environment)
    program.wait(rb"help")
    program.drain(0.5)
    program.write("\r")
    program.drain(3)
    program.write(" ")
    program.drain(2)
    resident, most = program.memory()
    program.finish()
    book = os.path.join(folder, "book.abc")
    number = 0
    with open(book, "w") as file:
        while file.tell() < 2_000_000:
            number += 1
            file.write(f"X:{number}\nT:Reel number {number}\nM:4/4\nL:1/8\nK:G\n"
                       "|:GABc dedB|dedB dedB|c2ec B2dB|A2A2 A2BA|\n"
                       "GABc dedB|dedB dedB|c2ec B2dB|A2A2 G4:|\n\n")
    program = Program(binary, [book], (80, 24), home(folder, sound))
    start = program.started
    shown = program.wait(rb"Reel number", 20)
    program.drain(1)
    times = []
    for _ in range(20):
        key = time.perf_counter()
        program.write("\x1b[B")
        if program.read(5):
            times.append((time.perf_counter() - key) * 1000)
        program.drain(0.15)
    book_resident, book_most = program.memory()
    program.finish()
    return {"composer_mb": resident, "composer_most_mb": most, "book_tunes": number,
            "book_mb": book_resident, "book_most_mb": book_most,
            "book_shown_ms": (shown - start) * 1000 if shown else None,
            "book_key_p50_ms": share(times, 0.5) if times else None}


def machine():
    """The processor and its cores, as a name for a file."""
    model = "processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{model} {os.cpu_count()}").strip("-")


class Results:
    """The last results of this machine."""

    def __init__(self, quick):
        cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        self.path = os.path.join(
            cache, "lilt", f"bench-{machine()}{'-quick' if quick else ''}.json")
        self.before = {}
        try:
            with open(self.path) as file:
                self.before = json.load(file)
        except (OSError, ValueError):
            pass

    def change(self, value, *place):
        """How a figure differs from that of last time; nothing where there was none."""
        old = self.before.get("found")
        for name in place:
            try:
                old = old[name]
            except (KeyError, IndexError, TypeError):
                return ""
        if not isinstance(old, (int, float)) or not old or value is None:
            return ""
        return f" [{100 * (value - old) / old:+.0f} %]"

    def keep(self, binary, found):
        version = subprocess.run(
            [binary, "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path + ".new", "w") as file:
            json.dump({"v": 1, "when": time.strftime("%Y-%m-%d %H:%M"), "version": version,
                       "found": found}, file)
        os.replace(self.path + ".new", self.path)


def measure_writing(binary, folder, sound, checkpoint):
    """Characters per second of one stream on one thread, as `lilt bench` measures them."""
    result = subprocess.run(
        [binary, "bench", "--json", "--checkpoint", checkpoint], env=home(folder, sound),
        stdout=subprocess.PIPE, check=False)
    if result.returncode:
        return None
    measured = json.loads(result.stdout)
    found = {
        "lilt": measured["characters_per_second"], "precision": measured["precision"],
        "kernels": measured["kernels"],
    }
    if importlib.util.find_spec("numpy"):
        found["numpy"] = reference.numpy_speed(checkpoint)
    if importlib.util.find_spec("torch"):
        found["torch"] = reference.torch_speed(checkpoint)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--json", action="store_true", help="one object instead of lines")
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    models = os.path.join(package, "Models")
    checkpoints = sorted(n for n in os.listdir(models) if n.endswith(".safetensors"))

    with tempfile.TemporaryDirectory(prefix="lilt-bench-") as folder:
        sound = Sound(folder)
        try:
            runs, keys = (3, 60) if options.quick else (15, 400)
            found = {
                "v": 1,
                "start": measure_start(binary, folder, sound, (80, 24), runs),
                "latency": [
                    measure_latency(binary, folder, sound, size, keys)
                    for size in ((80, 24), (200, 60))
                ],
                "alternatives": measure_alternatives(
                    binary, folder, sound, 3 if options.quick else 10),
                "idle": measure_idle(binary, folder, sound, 3 if options.quick else 10),
                "memory": measure_memory(binary, folder, sound),
                "writing": measure_writing(
                    binary, folder, sound, os.path.join(models, checkpoints[0])),
            }
        finally:
            sound.finish()

    results = Results(options.quick)
    results.keep(binary, found)
    if options.json:
        print(json.dumps(found))
        return
    change = results.change
    if results.before:
        print(f"[changes since {results.before.get('when')}, {results.before.get('version')}]")
    start = found["start"]
    print(f"start to first screen   median {start['median_ms']:.0f} ms"
          f"{change(start['median_ms'], 'start', 'median_ms')}, worst {start['worst_ms']:.0f} ms"
          f"   ({start['runs']} starts)")
    for index, latency in enumerate(found["latency"]):
        print(f"key to screen {latency['size']:>7}   p50 {latency['p50_ms']:.1f} ms, "
              f"p99 {latency['p99_ms']:.1f} ms"
              f"{change(latency['p99_ms'], 'latency', index, 'p99_ms')}, worst {latency['worst_ms']:.1f} ms   "
              f"({latency['keys']} keys, writing and playing, {latency['sound']}, "
              f"cpu {latency['cpu_percent']:.0f} %)")
    first = found["alternatives"]
    if first is None:
        print("alternatives            none was seen")
    else:
        print(f"first of 4 alternatives p50 {first['p50_ms']:.0f} ms"
              f"{change(first['p50_ms'], 'alternatives', 'p50_ms')}, worst {first['worst_ms']:.0f} ms; "
              f"another shown p50 {first['switch_p50_ms']:.1f} ms, worst "
              f"{first['switch_worst_ms']:.1f} ms   ({first['runs']} runs of 2 bars, playing)")
    idle = found["idle"]
    print(f"idle                    cpu {idle['cpu_percent']:.2f} %"
          f"{change(idle['cpu_percent'], 'idle', 'cpu_percent')}, {idle['bytes_drawn']} bytes drawn, "
          f"{idle['wakeups_per_second']:.1f} wakeups/s   ({idle['seconds']} s)")
    memory = found["memory"]
    print(f"memory, writing         {memory['composer_mb']:.0f} MB"
          f"{change(memory['composer_mb'], 'memory', 'composer_mb')}, "
          f"at most {memory['composer_most_mb']:.0f} MB")
    timing = "no tune was seen"
    if memory["book_shown_ms"] is not None and memory["book_key_p50_ms"] is not None:
        timing = (f"shown after {memory['book_shown_ms']:.0f} ms, a key p50 "
                  f"{memory['book_key_p50_ms']:.0f} ms"
                  f"{change(memory['book_key_p50_ms'], 'memory', 'book_key_p50_ms')}")
    print(f"memory, 2 MB tunebook   {memory['book_mb']:.0f} MB"
          f"{change(memory['book_mb'], 'memory', 'book_mb')}, at most "
          f"{memory['book_most_mb']:.0f} MB; {timing}   ({memory['book_tunes']} tunes)")
    writing = found["writing"]
    if writing is None:
        print("writing                 lilt bench failed")
    else:
        others = "".join(
            f", {name} {writing[name]:.0f}" for name in ("numpy", "torch") if name in writing)
        print(f"writing, one thread     lilt {writing['lilt']:.0f} characters/s"
              f"{change(writing['lilt'], 'writing', 'lilt')} "
              f"({writing['kernels']}, {writing['precision']}){others}")


if __name__ == "__main__":
    main()
