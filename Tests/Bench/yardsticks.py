#!/usr/bin/env python3
"""How much a model knows of tunes, beside what needs no network, by collection.

    yardsticks.py LILT --train FOLDER --valid FOLDER [--without irish] [--model MODEL.safetensors] …

One row for each tune book of the second folder, as Markdown: bits per body character of each model
(`lilt score`), of a character 6-gram with Witten-Bell smoothing that counted the first folder, and of
`xz` (what the book's tunes add to the compressed size of the first folder's). All read the same text:
the header lines R, M, L, K, then the music; only the music is counted, except that xz cannot tell
the two apart, so its bits for headers are in. Needs nothing but Python.
"""
import argparse
import collections
import json
import lzma
import math
import os
import re
import subprocess
import sys

MODES = {"": "", "maj": "", "ion": "", "m": "m", "min": "m", "aeo": "m", "dor": "dor",
         "phr": "phr", "lyd": "lyd", "mix": "mix", "loc": "loc"}


def short_key(text):
    match = re.match(r"([A-G])([#b]?)\s*([A-Za-z]*)$", text.strip())
    mode = MODES.get(match[3].lower()[:3]) if match else None
    return None if mode is None else match[1] + match[2] + mode


def tunes(path):
    """The tunes of a book as (header, body)."""
    found = []
    for block in re.split(r"\n\s*\n", open(path, encoding="utf-8").read()):
        header, body, inside = {}, [], False
        for line in block.strip("\n").split("\n"):
            field = re.match(r"([A-Za-z]):(.*)", line)
            if not inside and field:
                header[field[1]], inside = field[2].strip(), field[1] == "K"
            elif inside and field and field[1] == "K":
                body.append("K:" + (short_key(field[2]) or ""))
            elif inside and (not field or field[1] in "MLP"):
                body.append(line.rstrip())
        key = short_key(header.get("K", ""))
        if "X" in header and key and "M" in header and "L" in header and "K:" not in body:
            header["K"] = key
            found.append(("".join(f"{f}:{header[f]}\n" for f in "RMLK" if header.get(f)),
                          "\n".join(body) + "\n\n"))
    return found


class WittenBell:
    def __init__(self, known, order=6):
        self.order, self.seen, self.after = order, collections.Counter(), collections.Counter()
        self.kinds, alphabet = collections.Counter(), set()
        for head, body in known:
            text = "\n\n" + head + body
            alphabet.update(text)
            for at in range(1, len(text)):
                for length in range(min(order, at + 1)):
                    context = text[at - length:at]
                    self.seen[context] += 1
                    if not self.after[context + text[at]]:
                        self.kinds[context] += 1
                    self.after[context + text[at]] += 1
        self.size = len(alphabet) + 1

    def bits(self, head, body):
        text, total = "\n\n" + head + body, 0.0
        for at in range(len(text) - len(body), len(text)):
            share = 1 / self.size
            for length in range(min(self.order, at + 1)):
                context = text[at - length:at]
                if context not in self.seen:
                    break
                kinds = self.kinds[context]
                share = (self.after[context + text[at]] + kinds * share) / (
                    self.seen[context] + kinds)
            total -= math.log2(share)
        return total


def compressed(text):
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 3, "lp": 0,
                "pb": 0}]
    return 8 * len(lzma.compress(text.encode(), lzma.FORMAT_RAW, filters=filters))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lilt")
    parser.add_argument("--model", dest="models", action="append", default=[])
    parser.add_argument("--train", required=True)
    parser.add_argument("--valid", required=True)
    parser.add_argument("--without", action="append", default=[])
    o = parser.parse_args()

    def books(folder):
        return [name for name in sorted(os.listdir(folder))
                if name.endswith(".abc") and name[:-4] not in o.without]

    train = [tune for name in books(o.train) for tune in tunes(os.path.join(o.train, name))]
    counts = WittenBell(train)
    before = "".join(head + body for head, body in train)
    size = compressed(before)
    rows, totals = [], collections.Counter()
    for name in books(o.valid):
        path = os.path.join(o.valid, name)
        valid = tunes(path)
        row = {"book": name[:-4], "tunes": len(valid),
               "characters": sum(len(body) for _, body in valid)}
        row["6-gram"] = sum(counts.bits(*tune) for tune in valid)
        row["xz"] = compressed(before + "".join(head + body for head, body in valid)) - size
        for model in o.models:
            out = subprocess.run([o.lilt, "score", "--checkpoint", model, "--json", path],
                                 check=True, capture_output=True, text=True).stdout
            score = json.loads(out)
            row[model] = score["bits_per_body_character"] * score["characters"]
        rows.append(row)
        totals.update({key: value for key, value in row.items() if key != "book"})
    columns = o.models + ["6-gram", "xz"]
    print("| book | " + " | ".join(os.path.basename(c) for c in columns) + " | characters | tunes |")
    print("|" + " --- |" * (len(columns) + 3))
    for row in rows + [dict(totals, book="all")]:
        figures = [f"{row[c] / max(row['characters'], 1):.4f}" for c in columns]
        print(f"| {row['book']} | " + " | ".join(figures)
              + f" | {row['characters']} | {row['tunes']} |")


if __name__ == "__main__":
    sys.exit(main())
