#!/usr/bin/env python3
"""Tries lilt against a real kernel: Debian's, in a virtual machine with emulated sound.

Boots the kernel of the package linux-image-amd64 under qemu with snd-seq, snd-aloop and an HDA card,
shares this machine's files with it read-only, runs Tests/Machine/guest there and judges what came
out: notes and their times, MIDI clock, ports that come and go, sound. Packages are downloaded with
apt-get and unpacked in the cache folder; nothing is installed. Needs qemu-system-x86 and a release
build (make build): the machine is emulated, instruction by instruction.

    python3 Tests/Machine/machine.py [FOLDER FOR WHAT CAME OUT]
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "lilt-machine")
BOOT_MODULES = ["virtio_pci", "9pnet_virtio", "9p", "snd-hrtimer", "snd-seq", "snd-seq-dummy",
                "snd-aloop", "snd-hda-codec-generic", "snd-hda-intel"]


def kernel_package():
    text = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], check=True,
                          capture_output=True, text=True).stdout
    return re.search(r"Depends: (linux-image-\S+)", text).group(1)


def unpacked(package):
    """The folder with a Debian package's files, downloaded at the first call."""
    folder = os.path.join(CACHE, package)
    if not os.path.isdir(folder):
        os.makedirs(CACHE, exist_ok=True)
        subprocess.run(["apt-get", "download", package], cwd=CACHE, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        file = next(name for name in os.listdir(CACHE)
                    if name.startswith(package + "_") and name.endswith(".deb"))
        subprocess.run(["dpkg-deb", "-x", os.path.join(CACHE, file), folder], check=True)
        os.remove(os.path.join(CACHE, file))
    return folder


def archive(entries):
    """A cpio archive in the kernel's format: (name, mode, bytes) of each file."""
    out = bytearray()

    def pad():
        out.extend(b"\0" * (-len(out) % 4))

    for number, (name, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")]):
        fields = [number + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields)
        out += name.encode() + b"\0"
        pad()
        out += data
        pad()
    return bytes(out)


def initial_files(kernel, version, busybox):
    """Busybox, the guest's script, and every module it loads with what that needs."""
    base = os.path.join(kernel, "lib/modules", version)
    if not os.path.exists(os.path.join(base, "modules.dep")):
        subprocess.run([busybox, "depmod", "-b", kernel, version], check=True)
    with open(os.path.join(base, "modules.dep")) as file:
        needs = dict(line.rstrip("\n").split(":", 1) for line in file if ":" in line)
    paths = {os.path.basename(path)[:-3].replace("-", "_"): path for path in needs}
    wanted = set()

    def want(path):
        if path not in wanted:
            wanted.add(path)
            for other in needs[path].split():
                want(other)

    for name in BOOT_MODULES:
        path = paths.get(name.replace("-", "_"))
        if path:
            want(path)
    entries = [(folder, 0o40755, b"") for folder in ["bin", "lib", "lib/modules",
                                                     f"lib/modules/{version}"]]
    folders = set()
    for path in sorted(wanted):
        parent = os.path.dirname(path)
        steps = parent.split("/")
        for depth in range(1, len(steps) + 1):
            folder = "/".join(steps[:depth])
            if folder not in folders:
                folders.add(folder)
                entries.append((f"lib/modules/{version}/{folder}", 0o40755, b""))
        with open(os.path.join(base, path), "rb") as file:
            entries.append((f"lib/modules/{version}/{path}", 0o100644, file.read()))
    dependencies = "".join(f"{path}:{needs[path]}\n" for path in sorted(wanted))
    entries.append((f"lib/modules/{version}/modules.dep", 0o100644, dependencies.encode()))
    with open(busybox, "rb") as file:
        entries.append(("bin/busybox", 0o100755, file.read()))
        entries.append(("bin/sh", 0o120777, b"busybox"))
    with open(os.path.join(HERE, "guest"), "rb") as file:
        entries.append(("init", 0o100755, file.read()))
    return archive(entries)


def boot(out):
    kernel = unpacked(kernel_package())
    version = os.listdir(os.path.join(kernel, "lib/modules"))[0]
    busybox = os.path.join(unpacked("busybox-static"), "bin/busybox")
    tools = os.path.join(unpacked("alsa-utils"), "usr/bin")
    start = os.path.join(CACHE, "initial-files")
    with open(start, "wb") as file:
        file.write(initial_files(kernel, version, busybox))
    command = [
        # Not KVM: where it is offered inside another virtual machine it may hang.
        "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2",
        "-m", "1024", "-display", "none", "-no-reboot", "-serial", "stdio", "-nic", "none",
        "-kernel", os.path.join(kernel, "boot", f"vmlinuz-{version}"), "-initrd", start,
        "-append", f"console=ttyS0 quiet panic=-1 project={PROJECT} tools={tools}",
        "-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap",
        "-virtfs", f"local,path={out},mount_tag=out,security_model=none",
        "-audiodev", f"wav,id=card,path={out}/hda.wav,out.frequency=48000",
        "-device", "intel-hda", "-device", "hda-output,audiodev=card",
    ]
    with open(os.path.join(out, "console"), "w") as console:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=console,
                       stderr=subprocess.STDOUT, timeout=900, check=False)


# What came out.

def read(out, name):
    try:
        with open(os.path.join(out, name), errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def notes_of_midi(path):
    """Ticks and keys of the note-ons and note-offs of a MIDI file, and its division."""
    with open(path, "rb") as file:
        data = file.read()
    division = struct.unpack(">H", data[12:14])[0]
    ons, offs, place = [], [], 14
    while place < len(data):
        size = struct.unpack(">I", data[place + 4:place + 8])[0]
        at, end, tick, status = place + 8, place + 8 + size, 0, 0
        place = end

        def number():
            nonlocal at
            value = 0
            while True:
                byte = data[at]
                at += 1
                value = value << 7 | byte & 127
                if byte < 128:
                    return value

        while at < end:
            tick += number()
            if data[at] >= 128:
                status = data[at]
                at += 1
            if status == 255:
                at += 1
                size = number()
                at += size
            elif status in (240, 247):
                size = number()
                at += size
            elif status >> 4 in (12, 13):
                at += 1
            else:
                key, value = data[at], data[at + 1]
                at += 2
                if status >> 4 == 9 and value:
                    ons.append((tick, key))
                elif status >> 4 in (8, 9):
                    offs.append((tick, key))
    return sorted(ons), sorted(offs), division


def onsets_of_log(text):
    events = [json.loads(line) for line in text.splitlines()]
    return [(event["ms"], event["key"], event["ch"]) for event in events if event["type"] == "on"]


def loudest(path):
    with wave.open(path) as file:
        data = file.readframes(file.getnframes())
    return max((abs(value) for (value,) in struct.iter_unpack("<h", data)), default=0)


class Judge:
    def __init__(self):
        self.failures = 0

    def check(self, sentence, holds, detail=""):
        self.failures += not holds
        print(("ok    " if holds else "FAIL  ") + sentence + (f" ({detail})" if detail else ""))


def judge(out):
    judge = Judge()

    def attempt(sentence, work):
        try:
            holds, detail = work()
        except (OSError, ValueError, IndexError, struct.error, wave.Error, EOFError) as error:
            holds, detail = False, f"{type(error).__name__}: {error}"
        judge.check(sentence, holds, detail)

    def through():
        ons, offs, division = notes_of_midi(os.path.join(out, "through.mid"))
        score, _, score_division = notes_of_midi(os.path.join(out, "tune.mid"))
        if [key for _, key in ons] != [key for _, key in score] or len(offs) < len(ons):
            return False, f"{len(ons)} notes on, {len(offs)} off, {len(score)} written"
        first, written = ons[0][0], score[0][0]
        errors = [abs((tick - first) / division - (other - written) / score_division) * 500
                  for (tick, _), (other, _) in zip(ons, score)]
        return max(errors) < 5, f"{len(ons)} notes, at most {max(errors):.2f} ms off"

    def clock():
        text = read(out, "clock")
        pulses = len(re.findall(r"\bClock\b", text))
        return (pulses == 16 * 24 and "Start" in text and "Stop" in text), f"{pulses} pulses"

    def ended():
        text = read(out, "signal")
        return text.count("Note on") > 0 and "Note off" in text, ""

    def played():
        score, _, _ = notes_of_midi(os.path.join(out, "tune.mid"))
        heard = [key for _, key, channel in onsets_of_log(read(out, "played.jsonl"))
                 if channel == 14]
        return heard == [key for _, key in score], f"{len(heard)} of {len(score)} notes"

    def back():
        return "Note on" in read(out, "second") and "aseqdump" in read(out, "gone"), ""

    def followed():
        leading = onsets_of_log(read(out, "leading.jsonl"))
        following = [onset for onset in onsets_of_log(read(out, "followed.jsonl"))
                     if onset[2] != 14]
        if len(following) < len(leading):
            return False, f"{len(following)} of {len(leading)} notes"
        step = (following[31][0] - following[15][0]) / 16
        # An eighth at 96 quarters a minute.
        return abs(step - 312.5) < 4, f"an eighth takes {step:.1f} ms, asked for 312.5"

    def silent():
        count = sum(onset[2] == 14 for onset in onsets_of_log(read(out, "followed.jsonl")))
        return count == 0, f"{count} notes"

    def sounded(name):
        level = loudest(os.path.join(out, name))
        return level > 1000, f"peak {level}"

    attempt("the machine came to the end of its list",
            lambda: ("machine: done" in read(out, "console"), ""))
    attempt("doctor finds the sequencer and its ports",
            lambda: ("Midi Through" in read(out, "doctor"), ""))
    attempt("a tune goes through a port, each note at its time", through)
    attempt("clock, start and stop go out", clock)
    attempt("SIGTERM in the middle of a note ends it", ended)
    attempt("what is played on a keyboard sounds, note for note", played)
    attempt("a port that comes back is connected again by its name", back)
    attempt("another's clock starts the tune and sets its tempo", followed)
    attempt("with thru off nothing of the other's notes is heard", silent)
    attempt("a loopback card records the tune", lambda: sounded("loop.wav"))
    attempt("an HDA card plays the tune", lambda: sounded("hda.wav"))
    return judge.failures


def main():
    if not shutil.which("qemu-system-x86_64"):
        sys.exit("machine-test needs qemu-system-x86 (apt-get install qemu-system-x86)")
    out = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(CACHE, "out"))
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    boot(out)
    sys.exit(1 if judge(out) else 0)


if __name__ == "__main__":
    main()
