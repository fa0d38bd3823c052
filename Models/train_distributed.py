#!/usr/bin/env python3
"""Trains a character LSTM with PyTorch on one or many machines; Lilt plays the result.

    lilt corpus TUNEBOOK.abc … -o corpus
    torchrun --nproc-per-node 2 train_distributed.py corpus -o my.safetensors --steps 2000
    torchrun --nnodes 2 --node-rank 0 --master-addr HOST --nproc-per-node 8 train_distributed.py …

Each process reads its own streams of tunes; gradients are averaged over all of them
(DistributedDataParallel), so that a step sees `processes x batch x sequence` characters. The
backend is nccl where there are GPUs, else gloo. The corpus is what `lilt corpus` wrote:
train.jsonl (each tune in all its keys), valid.jsonl and vocabulary.json. The checkpoint has the
names of torch.nn.LSTM and the description that Lilt reads, and is written by process 0 whenever
valid got better. A plain `python3 train_distributed.py …` runs one process.

Needs torch; writes safetensors itself.
"""
import argparse
import json
import math
import os
import struct
import sys
import tempfile
import time

import torch
import torch.distributed as distributed
from torch.nn.parallel import DistributedDataParallel

START = "\n\n"


class Network(torch.nn.Module):
    """Layer by layer, so that what is dropped can stay the same all along a sequence (`locked`),
    and recurrent weights can be dropped for a whole step (Merity et al. 2017, "DropConnect"). The
    tensors are one torch.nn.LSTM, whose names a checkpoint has."""

    def __init__(self, vocabulary, embedding, hidden, layers, dropout, locked, weight_dropout):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, embedding)
        self.lstm = torch.nn.LSTM(embedding, hidden, layers, batch_first=True)
        self.head = torch.nn.Linear(hidden, vocabulary)
        self.dropout, self.locked, self.weight_dropout = dropout, locked, weight_dropout

    def drop(self, x):
        if not self.training or self.dropout == 0:
            return x
        if not self.locked:
            return torch.nn.functional.dropout(x, self.dropout)
        kept = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= self.dropout
        return x * kept / (1 - self.dropout)

    def forward(self, tokens, state):
        out = self.embedding(tokens)
        if state is None:
            shape = (self.lstm.num_layers, tokens.shape[0], self.lstm.hidden_size)
            state = (out.new_zeros(shape), out.new_zeros(shape))
        ends = []
        for layer in range(self.lstm.num_layers):
            weights = [getattr(self.lstm, f"{part}_l{layer}")
                       for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            if self.training and self.weight_dropout:
                weights[1] = torch.nn.functional.dropout(weights[1], self.weight_dropout)
            out, hidden, cell = torch._VF.lstm(
                out, (state[0][layer:layer + 1].to(out.dtype).contiguous(),
                      state[1][layer:layer + 1].to(out.dtype).contiguous()),
                weights, True, 1, 0.0, self.training, False, True)
            ends.append((hidden, cell))
            out = self.drop(out)
        state = tuple(torch.cat([end[part] for end in ends]) for part in (0, 1))
        return self.head(out), state


class Tunes:
    """The tunes of a file as tokens; every tune is a list of its keys."""

    def __init__(self, path, index):
        self.items = []
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                keys = []
                for text, start in zip(entry["texts"], entry["scored_from"]):
                    head = [index[c] for c in START + text[:start] if c in index]
                    body = [index[c] for c in text[start:] if c in index]
                    keys.append((head + body, len(head)))
                self.items.append(keys)


class Streams:
    """Rows that read one tune after the other, for ever. A row of a batch that a tune begins in
    starts from the tune before, as the empty line between them tells the network."""

    def __init__(self, tunes, batch, sequence, seed, original_share):
        self.tunes, self.batch, self.sequence = tunes, batch, sequence
        self.share = original_share
        self.random = torch.Generator().manual_seed(seed)
        self.order, self.rows = [], [[] for _ in range(batch)]

    def number(self, below):
        return int(torch.randint(below, (1,), generator=self.random))

    def tune(self):
        if not self.order:
            self.order = torch.randperm(len(self.tunes.items), generator=self.random).tolist()
        keys = self.tunes.items[self.order.pop()]
        other = len(keys) > 1 and float(torch.rand(1, generator=self.random)) >= self.share
        return keys[1 + self.number(len(keys) - 1) if other else 0][0]

    def next(self):
        for row in self.rows:
            while len(row) <= self.sequence:
                # The empty line that ends a tune is the one before the next.
                row.extend(self.tune() if not row else self.tune()[len(START):])
        block = torch.tensor([row[: self.sequence + 1] for row in self.rows])
        for row in self.rows:
            del row[: self.sequence]
        return block[:, :-1], block[:, 1:]


@torch.no_grad()
def measure(network, tunes, device, rank, world, batch=32):
    """Bits per scored character over all tunes, from a state of zeros; shared out among processes."""
    network.eval()
    total = torch.zeros(2, dtype=torch.float64, device=device)
    own = sorted((keys[0] for keys in tunes.items[rank::world]), key=lambda k: len(k[0]))
    for at in range(0, len(own), batch):
        part = own[at : at + batch]
        longest = max(len(tokens) for tokens, _ in part)
        x = torch.zeros(len(part), longest, dtype=torch.long)
        wanted = torch.full((len(part), longest), -1, dtype=torch.long)
        for row, (tokens, start) in enumerate(part):
            x[row, : len(tokens)] = torch.tensor(tokens)
            wanted[row, start - 1 : len(tokens) - 1] = torch.tensor(tokens[start:])
        scores, _ = network(x.to(device), None)
        wanted = wanted.to(device)
        loss = torch.nn.functional.cross_entropy(
            scores.float().flatten(0, 1), wanted.flatten(), ignore_index=-1, reduction="sum")
        total += torch.stack([loss.double(), (wanted >= 0).sum().double()])
    if world > 1:
        distributed.all_reduce(total)
    network.train()
    return float(total[0] / max(float(total[1]), 1) / math.log(2))


def safetensors(tensors, metadata, dtype):
    """The bytes of a safetensors file."""
    names = {"f16": ("F16", torch.float16), "f32": ("F32", torch.float32)}
    name, kind = names[dtype]
    header, data = {"__metadata__": metadata}, []
    offset = 0
    for key, tensor in sorted(tensors.items()):
        raw = tensor.detach().to("cpu", kind).contiguous().numpy().tobytes()
        header[key] = {
            "dtype": name, "shape": list(tensor.shape), "data_offsets": [offset, offset + len(raw)]}
        offset += len(raw)
        data.append(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(data)


def write(path, data):
    """Replaces a file as one step."""
    folder = os.path.dirname(os.path.abspath(path))
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", help="the folder that `lilt corpus` wrote")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--embedding", type=int, default=96)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--locked-dropout", action="store_true",
                        help="drop the same outputs all along a sequence")
    parser.add_argument("--weight-dropout", type=float, default=0,
                        help="share of the recurrent weights that is dropped in each step")
    parser.add_argument("--batch", type=int, default=32, help="rows of each process")
    parser.add_argument("--sequence", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--decay", type=float, default=0.01)
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--original-share", type=float, default=0.5)
    parser.add_argument("--measure-every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--format", choices=["f16", "f32"], default="f16")
    parser.add_argument("--name", default="")
    parser.add_argument("--licence", default="")
    o = parser.parse_args()

    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    cuda = torch.cuda.is_available()
    if world > 1:
        distributed.init_process_group("nccl" if cuda else "gloo")
    device = torch.device("cpu")
    if cuda:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)

    try:
        with open(os.path.join(o.corpus, "vocabulary.json"), encoding="utf-8") as file:
            vocabulary = json.load(file)
        index = {character: token for token, character in enumerate(vocabulary)}
        train = Tunes(os.path.join(o.corpus, "train.jsonl"), index)
        valid = Tunes(os.path.join(o.corpus, "valid.jsonl"), index)
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror.lower()}; make the corpus with 'lilt corpus'")
    if not train.items:
        sys.exit(f"{o.corpus}: there is no tune to train on")

    torch.manual_seed(o.seed)
    network = Network(len(vocabulary), o.embedding, o.hidden, o.layers, o.dropout,
                      o.locked_dropout, o.weight_dropout).to(device)
    model = network
    if world > 1:
        model = DistributedDataParallel(network, device_ids=[device.index] if cuda else None)
    optimizer = torch.optim.AdamW(model.parameters(), o.rate, weight_decay=o.decay)
    # Other streams and other dropout in every process.
    torch.manual_seed(o.seed + 1000 * (rank + 1))
    streams = Streams(train, o.batch, o.sequence, o.seed + 7919 * (rank + 1), o.original_share)

    metadata = {
        "lilt.format": "1", "encoding": "abc-characters",
        "vocabulary": json.dumps(vocabulary, ensure_ascii=False), "header_fields": "RMLK",
        "start": json.dumps(START), "end": json.dumps("\n\n"), "name": o.name,
        "licence": o.licence, "trained_by": "train_distributed.py",
        "hyperparameters": json.dumps(vars(o) | {"processes": world}),
    }
    best, state, began, bits = math.inf, None, time.time(), 0.0
    for step in range(o.steps):
        warmth = min(1.0, (step + 1) / max(o.warm_up, 1))
        rate = o.rate * warmth * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / o.steps)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        x, y = (part.to(device) for part in streams.next())
        with torch.autocast(device.type, torch.bfloat16, enabled=o.precision == "bf16"):
            scores, state = model(x, state)
        loss = torch.nn.functional.cross_entropy(scores.float().flatten(0, 1), y.flatten())
        state = tuple(part.detach() for part in state)
        if not torch.isfinite(loss):
            sys.exit(f"the loss stopped being a number at step {step + 1}: try a lower --rate")
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), o.clip)
        optimizer.step()
        bits += float(loss.detach()) / math.log(2)
        if (step + 1) % o.measure_every == 0 or step + 1 == o.steps:
            found = measure(network, valid, device, rank, world)
            if rank == 0:
                speed = world * o.batch * o.sequence * (step + 1) / (time.time() - began)
                print(json.dumps({
                    "step": step + 1, "train_bits_per_character": round(
                        bits / ((step % o.measure_every) + 1), 4),
                    "valid_bits_per_character": round(found, 4), "rate": rate,
                    "characters_per_second": round(speed), "processes": world}), flush=True)
                if found < best:
                    metadata["valid_bits_per_character"] = f"{found:.4f}"
                    write(o.output, safetensors(network.state_dict(), metadata, o.format))
            best, bits = min(best, found), 0.0
    if world > 1:
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
