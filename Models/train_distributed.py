#!/usr/bin/env python3
"""Trains a character LSTM with PyTorch on one or many machines; Lilt plays the result.

    lilt corpus TUNEBOOK.abc … -o corpus
    python3 train_distributed.py corpus -o my.safetensors --steps 2000
    python3 train_distributed.py corpus -o my.safetensors --minutes 10 --whole-tunes --precision fp16
    torchrun --nproc-per-node 2 train_distributed.py corpus -o my.safetensors --steps 2000
    torchrun --nnodes 2 --node-rank 0 --master-addr HOST --nproc-per-node 8 train_distributed.py …

Each process reads its own tunes; gradients are averaged over all of them (DistributedDataParallel).
The backend is nccl where there are GPUs, else gloo. The corpus is what `lilt corpus` wrote:
train.jsonl (each tune in all its keys), valid.jsonl and vocabulary.json; with `lilt corpus --plan`
also projection.json, and tunes carry control characters. The checkpoint has the names of
torch.nn.LSTM and the description that Lilt reads, and is written by process 0 whenever valid got
better. With --teacher the network also learns the distributions of other checkpoints of the same
characters (Hinton et al. 2015), and with --imagined partly on tunes that these write.

On one GPU small batches and many steps are worth more than large batches: a step over 32 tunes takes
as long as one over 64, since the layers read one character after the other.

Needs torch and numpy; writes safetensors itself.
"""
import argparse
import json
import math
import os
import sys
import time

import torch
import torch.distributed as distributed
from torch.nn.parallel import DistributedDataParallel

from lilt_network import KINDS, Network, WeightAverage, safetensors, write
from lilt_text import (NOTHING, START, VIEWS, Reader, Streams, Tunes, Vocabulary, WholeTunes,
                       imagine, measure)


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", help="the folder that `lilt corpus` wrote")
    parser.add_argument("-o", "--output", required=True)
    network = parser.add_argument_group("network")
    network.add_argument("--embedding", type=int, default=96)
    network.add_argument("--hidden", type=int, default=512)
    network.add_argument("--layers", type=int, default=2)
    drop = parser.add_argument_group("regularization")
    drop.add_argument("--dropout", type=float, default=0.2, help="share of each layer's outputs")
    drop.add_argument("--input-dropout", type=float, default=0, help="the same for embeddings")
    drop.add_argument("--locked-dropout", action="store_true",
                      help="drop the same outputs all along a sequence")
    drop.add_argument("--weight-dropout", type=float, default=0,
                      help="share of the recurrent weights that is dropped in each step")
    drop.add_argument("--character-dropout", type=float, default=0,
                      help="share of the characters that are not seen")
    drop.add_argument("--label-smoothing", type=float, default=0)
    drop.add_argument("--decay", type=float, default=0.01, help="weight decay of AdamW")
    drop.add_argument("--average", type=float, default=0,
                      help="keep an average of the weights with this decay a step, e.g. 0.999")
    text = parser.add_argument_group("text")
    text.add_argument("--batch", type=int, default=32, help="rows of each process")
    text.add_argument("--sequence", type=int, default=64, help="characters that gradients go back")
    text.add_argument("--whole-tunes", action="store_true",
                      help="batches of whole tunes, each from a state of zeros")
    text.add_argument("--original-share", type=float, default=0.5,
                      help="share of the tunes that are read in the key they were written in")
    text.add_argument("--view-shares", type=float, nargs=3, default=(0.1, 0.05, 0.05),
                      metavar="SHARE", help="shares of the tunes that are read with unknown "
                      "relations, with nothing of their plan known, and without any signs of it")
    text.add_argument("--part-dropout", type=float, default=0.06,
                      help="share of the others' parts whose places are unknown")
    text.add_argument("--relation-dropout", type=float, default=0.12,
                      help="share of the others' relations that are unknown")
    course = parser.add_argument_group("course")
    course.add_argument("--steps", type=int, default=10000)
    course.add_argument("--minutes", type=float, help="instead of --steps: how long in all")
    course.add_argument("--rate", type=float, default=2e-3)
    course.add_argument("--warm-up", type=int, default=200, help="steps until the full rate")
    course.add_argument("--clip", type=float, default=1.0)
    course.add_argument("--measure-every", type=int, default=500, help="steps")
    course.add_argument("--measure-seconds", type=float, help="instead of --measure-every")
    course.add_argument("--seed", type=int, default=0)
    course.add_argument("--precision", choices=KINDS, default="fp32")
    course.add_argument("--from", dest="source", metavar="CHECKPOINT",
                        help="start with its weights instead of at random")
    course.add_argument("--state", help="a file that all is kept in whenever it is measured")
    course.add_argument("--resume", action="store_true", help="go on from --state, if it is there")
    teach = parser.add_argument_group("distillation")
    teach.add_argument("--teacher", action="append", default=[], metavar="CHECKPOINT",
                       help="may be repeated")
    teach.add_argument("--teacher-share", type=float, default=0.7,
                       help="weight of the teachers' distributions beside the text's characters")
    teach.add_argument("--imagined", type=int, default=0,
                       help="how many tunes the teachers write first")
    teach.add_argument("--imagined-share", type=float, default=0.3,
                       help="share of the steps that read such tunes")
    file = parser.add_argument_group("file")
    file.add_argument("--format", choices=["f16", "f32"], default="f16")
    file.add_argument("--name", default="")
    file.add_argument("--licence", default="")
    o = parser.parse_args()
    if o.imagined and not (o.teacher and o.whole_tunes):
        parser.error("--imagined needs --teacher and --whole-tunes")
    return o


class Course:
    """How far training is, in steps or in time, and the rate there: up, then down a cosine."""

    def __init__(self, o):
        self.o, self.step, self.seconds = o, 0, 0.0
        self.began = time.monotonic()

    @property
    def elapsed(self):
        """Seconds, those before a pause included."""
        return self.seconds + time.monotonic() - self.began

    @property
    def progress(self):
        return self.elapsed / (60 * self.o.minutes) if self.o.minutes else self.step / self.o.steps

    def rate(self, progress):
        warmth = min(1.0, (self.step + 1) / max(self.o.warm_up, 1))
        cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1)))
        return self.o.rate * warmth * (0.01 + 0.99 * cosine)


def checkpoint(path, vocabulary, kind=torch.float32):
    """The network of a file that reads the same characters."""
    try:
        network, told = Network.load(path, kind)
    except OSError as error:
        sys.exit(f"{path}: {error.strerror.lower()}")
    if json.loads(told.get("vocabulary", "[]")) != vocabulary.characters:
        sys.exit(f"{path}: its characters are not those of the corpus")
    return network


def taught_loss(scores, wanted, teachers, x, states, share):
    """Cross entropy with the teachers' mean distribution; their states move on."""
    chances = 0
    with torch.no_grad():
        for place, teacher in enumerate(teachers):
            told, states[place] = teacher(x, states[place])
            chances = chances + torch.softmax(told, 2)
        chances = chances / len(teachers)
    places = wanted >= 0
    soft = -(chances * torch.log_softmax(scores, 2)).sum(2)
    soft = (soft * places).sum() / places.sum()
    if share >= 1:
        return soft
    hard = torch.nn.functional.cross_entropy(
        scores.flatten(0, 1), wanted.flatten(), ignore_index=NOTHING)
    return share * soft + (1 - share) * hard


def main():
    o = options()
    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    cuda = torch.cuda.is_available()
    if world > 1:
        distributed.init_process_group("nccl" if cuda else "gloo")
    device = torch.device("cpu")
    if cuda:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False

    course = Course(o)
    try:
        vocabulary = Vocabulary(o.corpus)
        train = Tunes.read(os.path.join(o.corpus, "train.jsonl"), vocabulary)
        valid = Tunes.read(os.path.join(o.corpus, "valid.jsonl"), vocabulary)
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror.lower()}; make the corpus with 'lilt corpus'")
    if not train.items:
        sys.exit(f"{o.corpus}: there is no tune to train on")
    views = VIEWS if vocabulary.projection else ("plain",)

    torch.manual_seed(o.seed)
    network = Network(
        len(vocabulary), o.embedding, o.hidden, o.layers, o.dropout, o.input_dropout,
        o.locked_dropout, o.weight_dropout, o.character_dropout, KINDS[o.precision]).to(device)
    if o.source:
        start = checkpoint(o.source, vocabulary)
        if start.sizes != network.sizes:
            sys.exit(f"{o.source}: vocabulary, embedding, hidden and layers are {start.sizes} "
                     f"there, {network.sizes} here")
        network.load_state_dict(start.state_dict())
    model = network
    if world > 1:
        model = DistributedDataParallel(network, device_ids=[device.index] if cuda else None)
    optimizer = torch.optim.AdamW(model.parameters(), o.rate, weight_decay=o.decay, fused=cuda)
    scaler = torch.amp.GradScaler(device.type, 2.0 ** 12, enabled=o.precision == "fp16")
    average = WeightAverage(network, o.average) if o.average else None
    # Other tunes and other dropout in every process.
    torch.manual_seed(o.seed + 1000 * (rank + 1))
    reader = Reader(train, vocabulary, o.seed + 7919 * (rank + 1), o.original_share,
                    o.view_shares, o.part_dropout, o.relation_dropout)
    blocks = (WholeTunes if o.whole_tunes else Streams)(reader, o.batch, o.sequence)

    teachers = [checkpoint(path, vocabulary, KINDS[o.precision]).to(device) for path in o.teacher]
    imagined = None
    if o.imagined:
        tunes, calls = [], 0
        while len(tunes) < o.imagined and calls < 2 + o.imagined // 1024:
            tunes += imagine(teachers, vocabulary, min(o.imagined, 4096), o.sequence, device)
            calls += 1
        if not tunes:
            sys.exit("the teachers never end a tune: train them for longer")
        written = Tunes(items=[[(tune, 0)] for tune in tunes])
        imagined = WholeTunes(Reader(written, vocabulary, o.seed + rank, 1, o.view_shares,
                                     o.part_dropout, o.relation_dropout), o.batch, o.sequence)
        print(json.dumps({"imagined_tunes": len(tunes), "seconds": round(course.elapsed)}),
              flush=True)

    best = math.inf
    if o.resume and o.state and os.path.exists(o.state):
        kept = torch.load(o.state, map_location=device, weights_only=True)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        scaler.load_state_dict(kept["scaler"])
        course.step, course.seconds, best = kept["step"], kept["seconds"], kept["best"]
        if average and kept["average"]:
            average.weights, average.count = kept["average"], kept["step"]

    metadata = {
        "lilt.format": "1", "encoding": "abc-characters",
        "vocabulary": json.dumps(vocabulary.characters, ensure_ascii=False),
        "header_fields": "RMLK", "start": json.dumps(START), "end": json.dumps("\n\n"),
        "name": o.name, "licence": o.licence, "trained_by": "train_distributed.py",
        "hyperparameters": json.dumps(vars(o) | {"processes": world}),
    } | ({"projection": vocabulary.projection} if vocabulary.projection else {})

    def evaluate():
        """Measures all views, with averaged weights where there are, and keeps the best."""
        nonlocal best
        if average:
            average.exchange(network)
        network.kind = torch.float32
        found = {view: measure(network, valid, vocabulary, view, device, rank, world)
                 for view in views}
        network.kind = KINDS[o.precision]
        worth = sum(sum(bits) for bits in found.values()) / len(found)
        if rank == 0 and worth < best:
            for view, (body, plan) in found.items():
                metadata[f"valid_bits.{view}"] = f"{body:.4f} + {plan:.4f}"
            metadata["valid_bits_per_character"] = f"{found[views[-1]][0]:.4f}"
            metadata["steps"] = str(course.step)
            write(o.output, safetensors(network.state_dict(), metadata, o.format))
        best = min(best, worth)
        if average:
            average.exchange(network)
        if o.state and rank == 0:
            write(o.state, lambda file: torch.save({
                "network": network.state_dict(), "optimizer": optimizer.state_dict(),
                "scaler": scaler.state_dict(), "average": average and average.weights,
                "step": course.step, "seconds": course.elapsed, "best": best}, file))
        return {view: [round(bits, 4) for bits in pair] for view, pair in found.items()}

    def agreed(number):
        """The number that process 0 has: processes' clocks differ."""
        if world == 1:
            return number
        shared = torch.tensor(float(number), device=device)
        distributed.broadcast(shared, 0)
        return float(shared)

    state, states, source, started = None, [None] * len(teachers), blocks, time.monotonic()
    seen, loss_sum, since, measured = 0, torch.zeros((), device=device), 0, time.monotonic()
    while (progress := agreed(course.progress)) < 1 or since or course.step == 0:
        rate = course.rate(progress)
        for group in optimizer.param_groups:
            group["lr"] = rate
        if imagined and not source.blocks:
            source = imagined if reader.random.random() < o.imagined_share else blocks
        x, y, fresh = source.next()
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        if fresh:
            state, states = None, [None] * len(teachers)
        scores, state = model(x, state)
        state = tuple(part.detach() for part in state)
        if teachers:
            share = 1.0 if source is imagined else o.teacher_share
            loss = taught_loss(scores, y, teachers, x, states, share)
        else:
            loss = torch.nn.functional.cross_entropy(
                scores.flatten(0, 1), y.flatten(), ignore_index=NOTHING,
                label_smoothing=o.label_smoothing)
        optimizer.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), o.clip)
        scaler.step(optimizer)
        scaler.update()
        if average:
            average.add(network)
        course.step += 1
        seen += x.numel() * world
        loss_sum, since = loss_sum + loss.detach(), since + 1
        due = (agreed(time.monotonic() - measured) >= o.measure_seconds if o.measure_seconds
               else course.step % o.measure_every == 0)
        if due or progress >= 1:
            mean = float(loss_sum) / since / math.log(2)
            if not math.isfinite(mean):
                sys.exit(f"the loss stopped being a number before step {course.step}: "
                         "try a lower --rate")
            found = evaluate()
            if rank == 0:
                print(json.dumps({
                    "step": course.step, "minutes": round(course.elapsed / 60, 2),
                    "train_bits_per_character": round(mean, 4), "valid_bits": found,
                    "best": round(best, 4), "rate": round(rate, 6), "processes": world,
                    "characters_per_second": round(seen / (time.monotonic() - started)),
                }), flush=True)
            loss_sum, since, measured = torch.zeros((), device=device), 0, time.monotonic()
    if world > 1:
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
