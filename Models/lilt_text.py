"""Tunes as networks read them, from the folder that `lilt corpus` wrote: train.jsonl, valid.jsonl,
vocabulary.json and, where tunes carry a plan as control characters, projection.json."""
import json
import math
import os

import numpy
import torch
import torch.distributed as distributed

START = "\n\n"
# Marks a place without a character to learn.
NOTHING = -100
# How much of its plan a tune is read with: all, all but relations, only that bars begin, nothing.
VIEWS = ("planned", "placed", "unknown", "plain")


class Vocabulary:
    """Characters by token, and which of them are control characters of a plan."""

    def __init__(self, folder):
        with open(os.path.join(folder, "vocabulary.json"), encoding="utf-8") as file:
            self.characters = json.load(file)
        index = {character: token for token, character in enumerate(self.characters)}
        self.tokens = numpy.full(0x110000, -1, dtype=numpy.int16)
        for character, token in index.items():
            self.tokens[ord(character)] = token
        # Of every token: its kind, 0 for the musician's characters, and the one that says less.
        self.projection, self.kinds = "", ["character"]
        self.kind = numpy.zeros(len(index), dtype=numpy.int16)
        self.less = numpy.arange(len(index), dtype=numpy.int16)
        path = os.path.join(folder, "projection.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                facts = json.load(file)
            self.projection = facts["projection"]
            for sign in facts["characters"]:
                token = index[sign["character"]]
                if sign["kind"] not in self.kinds:
                    self.kinds.append(sign["kind"])
                self.kind[token] = self.kinds.index(sign["kind"])
                self.less[token] = index[sign["unknown"] or sign["character"]]
        self.is_control = self.kind > 0
        # What is never to be foretold: the program writes it where it knows no more.
        self.is_unknown = self.is_control & numpy.isin(
            numpy.arange(len(index)), self.less[self.less != numpy.arange(len(index))])
        self.start = self.encode(START)

    def __len__(self):
        return len(self.characters)

    def is_a(self, kind, tokens):
        """Which of the tokens are control characters of a kind."""
        if kind not in self.kinds:
            return numpy.zeros(len(tokens), dtype=bool)
        return self.kind[tokens] == self.kinds.index(kind)

    def encode(self, text):
        """Tokens of a text; characters that are not in the vocabulary are left out."""
        tokens = self.tokens[numpy.frombuffer(text.encode("utf-32-le"), dtype=numpy.uint32)]
        return tokens[tokens >= 0]

    def learnt(self, wanted):
        """Targets without the signs that say nothing, which the program writes where it likes."""
        vague = torch.from_numpy(self.is_unknown)[wanted.clamp(min=0)] & (wanted >= 0)
        return wanted.masked_fill(vague, NOTHING)

    def view(self, tokens, view):
        """A tune's tokens with less of its plan: one of `VIEWS`."""
        if view == "plain":
            return tokens[~self.is_control[tokens]]
        if view == "unknown":
            return self.less[tokens]
        if view == "placed":
            return numpy.where(self.is_a("relation", tokens), self.less[tokens], tokens)
        return tokens

    def thinned(self, tokens, part_dropout, relation_dropout, random):
        """A tune's tokens where the places of some parts, and some relations, are unknown."""
        relations = self.is_a("relation", tokens)
        lost = relations & (random.random(len(tokens)) < relation_dropout)
        parts = numpy.cumsum(self.is_a("part", tokens))
        loses = random.random(parts[-1] + 1) < part_dropout
        lost |= loses[parts] & self.is_control[tokens] & ~relations
        return numpy.where(lost, self.less[tokens], tokens)


class Tunes:
    """Tunes, each a list of its keys, the written one first: tokens, and where its music begins."""

    def __init__(self, items):
        self.items = items

    @classmethod
    def read(cls, path, vocabulary):
        """The tunes of a file that `lilt corpus` wrote."""
        items = []
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                keys = []
                for text, start in zip(entry["texts"], entry["scored_from"]):
                    head = vocabulary.encode(START + text[:start])
                    body = vocabulary.encode(text[start:])
                    keys.append((numpy.concatenate([head, body]), len(head)))
                items.append(keys)
        return cls(items)


class Reader:
    """Draws tunes in random order, for ever: in the written key (`original_share`) or another, each
    with all of its plan or less of it: `shares` are those of the last three `VIEWS`."""

    def __init__(self, tunes, vocabulary, seed, original_share, shares, part_dropout,
                 relation_dropout):
        self.tunes, self.vocabulary = tunes, vocabulary
        self.random = numpy.random.default_rng(seed)
        self.original_share, self.shares = original_share, shares
        self.part_dropout, self.relation_dropout = part_dropout, relation_dropout
        self.order = []

    def tune(self):
        if not self.order:
            self.order = self.random.permutation(len(self.tunes.items)).tolist()
        keys = self.tunes.items[self.order.pop()]
        other = len(keys) > 1 and self.random.random() >= self.original_share
        tokens = keys[int(self.random.integers(1, len(keys))) if other else 0][0]
        if not self.vocabulary.projection:
            return tokens
        draw = self.random.random()
        for view, share in zip(VIEWS[1:], self.shares):
            draw -= share
            if draw < 0:
                return self.vocabulary.view(tokens, view)
        # Some tunes lose few of their relations, some many.
        often = 2 * self.random.random()
        return self.vocabulary.thinned(
            tokens, self.part_dropout, self.relation_dropout * often, self.random)


class Streams:
    """Rows that read one tune after the other, for ever, and hand their state on. A row that a tune
    begins in goes on from the tune before, as the empty line between them tells the network."""

    def __init__(self, reader, batch, sequence):
        self.reader, self.sequence = reader, sequence
        self.rows = [numpy.zeros(0, dtype=numpy.int16) for _ in range(batch)]
        self.is_first = True

    def next(self):
        """Tokens and those that follow them, [batch, sequence] each; whether they start anew."""
        overlap = len(self.reader.vocabulary.start)
        for place, row in enumerate(self.rows):
            parts, length = [row], len(row)
            while length <= self.sequence:
                # The empty line that ends a tune is the one before the next.
                tune = self.reader.tune()[overlap if length else 0 :]
                parts.append(tune)
                length += len(tune)
            self.rows[place] = numpy.concatenate(parts)
        block = numpy.stack([row[: self.sequence + 1] for row in self.rows]).astype(numpy.int64)
        self.rows = [row[self.sequence :] for row in self.rows]
        fresh, self.is_first = self.is_first, False
        block = torch.from_numpy(block)
        return block[:, :-1], self.reader.vocabulary.learnt(block[:, 1:]), fresh


class WholeTunes:
    """Batches of whole tunes of like length, each from a state of zeros as it is played and
    measured. What is longer than `sequence` follows in the next block, its state handed on."""

    def __init__(self, reader, batch, sequence, pool=16):
        self.reader, self.batch, self.sequence, self.pool = reader, batch, sequence, pool
        self.batches, self.blocks = [], []

    def next(self):
        if not self.blocks:
            if not self.batches:
                tunes = sorted((self.reader.tune() for _ in range(self.batch * self.pool)), key=len)
                self.batches = [tunes[at : at + self.batch]
                                for at in range(0, len(tunes), self.batch)]
                self.reader.random.shuffle(self.batches)
            x, y = padded(self.batches.pop())
            y = self.reader.vocabulary.learnt(y)
            self.blocks = [(x[:, at : at + self.sequence], y[:, at : at + self.sequence], at == 0)
                           for at in range(0, x.shape[1], self.sequence)][::-1]
        return self.blocks.pop()


def padded(tunes, starts=None):
    """Tunes as tokens and those that follow them, [tunes, longest − 1] each; nothing where a tune
    has ended or before the first place of `starts`."""
    longest = max(map(len, tunes))
    tokens = numpy.zeros((len(tunes), longest), dtype=numpy.int64)
    wanted = numpy.full((len(tunes), longest), NOTHING, dtype=numpy.int64)
    for row, tune in enumerate(tunes):
        tokens[row, : len(tune)] = tune
        start = starts[row] if starts else 1
        wanted[row, start : len(tune)] = tune[start:]
    return torch.from_numpy(tokens[:, :-1]), torch.from_numpy(wanted[:, 1:])


@torch.no_grad()
def measure(network, tunes, vocabulary, view, device, rank=0, world=1, batch=128):
    """Bits per body character, as `lilt score` counts: from a state of zeros, over the music and
    the empty line that ends it. Two figures: bits of the characters that are the musician's, and
    bits of the control characters, both per character of the musician's. An unknown sign costs what
    the network expects of all signs of its kind together, as it tells that a bar begins; an unknown
    relation costs nothing, as one follows every place. So the sum of both is never too low.
    """
    network.eval()
    kind = torch.from_numpy(vocabulary.kind.astype(numpy.int64)).to(device)
    # Adds up the probabilities of all signs of a kind.
    members = torch.nn.functional.one_hot(kind, len(vocabulary.kinds)).float()
    unknown = torch.from_numpy(vocabulary.is_unknown).to(device)
    follows = torch.from_numpy(vocabulary.is_a("relation", numpy.arange(len(vocabulary))))
    follows = follows.to(device)
    total = torch.zeros(3, dtype=torch.float64, device=device)
    own = []
    for keys in tunes.items[rank::world]:
        tokens, start = keys[0]
        head = vocabulary.view(tokens[:start], view)
        own.append((numpy.concatenate([head, vocabulary.view(tokens[start:], view)]), len(head)))
    own.sort(key=lambda tune: len(tune[0]))
    for at in range(0, len(own), batch):
        part = own[at : at + batch]
        x, y = (block.to(device) for block in
                padded([tune for tune, _ in part], [start for _, start in part]))
        scores, _ = network(x)
        scored, y = y >= 0, y.clamp(min=0)
        logarithms = torch.log_softmax(scores, 2)
        loss = -logarithms.gather(2, y.unsqueeze(2)).squeeze(2)
        vague = unknown[y]
        if bool(vague.any()):
            together = -torch.log(logarithms.exp() @ members)
            together = together.gather(2, kind[y].unsqueeze(2)).squeeze(2)
            loss = torch.where(vague, together.masked_fill(follows[y], 0), loss)
        plain = scored & (kind[y] == 0)
        total += torch.stack([loss[plain].double().sum(), loss[scored & ~plain].double().sum(),
                              plain.sum().double()])
    if world > 1:
        distributed.all_reduce(total)
    network.train()
    body, plan, count = (float(number) for number in total)
    return body / max(count, 1) / math.log(2), plan / max(count, 1) / math.log(2)


@torch.no_grad()
def imagine(networks, vocabulary, rows, longest, device):
    """Tunes that several networks write together, at temperature 1: their tokens."""
    start = torch.from_numpy(vocabulary.start.astype(numpy.int64)).to(device)
    x = start.expand(rows, -1)
    states, written = [None] * len(networks), [x]
    newline = int(vocabulary.start[0])
    ended = torch.zeros(rows, dtype=torch.bool, device=device)
    for _ in range(longest):
        chances = 0
        for place, network in enumerate(networks):
            scores, states[place] = network(x, states[place])
            chances = chances + torch.softmax(scores[:, -1], 1)
        drawn = torch.multinomial(chances, 1)
        ended |= (drawn[:, 0] == newline) & (written[-1][:, -1] == newline) & (len(written) > 1)
        written.append(drawn)
        x = drawn
        if len(written) % 64 == 0 and bool(ended.all()):
            break
    tokens = torch.cat(written, 1).cpu().numpy().astype(numpy.int16)
    tunes = []
    for row in tokens:
        ends = numpy.flatnonzero((row[2:-1] == newline) & (row[3:] == newline))
        # One that never ends is left out.
        if len(ends) and ends[0] > 32:
            tunes.append(row[: ends[0] + 4])
    return tunes
