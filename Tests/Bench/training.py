#!/usr/bin/env python3
"""Characters a second in training: lilt beside PyTorch, in turns, on the same networks and batches.

    training.py LILT CORPUS.abc [--threads 1] [--rounds 3] [--steps 25] [--precision fp32]

Processor seconds are compared with one thread (other programs cannot disturb them), wall clock with
more. A step is forward, backward and Adam over batch x 64 characters. Needs torch.
"""
import argparse, json, statistics, subprocess, sys, time

NETWORKS = {  # name: embedding (0 = one-hot), layers
    "A": (512, [256, 256, 256]),
    "B": (256, [1024]),
    "D": (0, [512, 512, 512]),
}


def lilt(program, corpus, embedding, layers, batch, o):
    command = [program, "train", corpus, "-o", "/tmp/lilt-bench.safetensors", "--json",
               "--embedding", str(embedding), "--layers", ",".join(map(str, layers)),
               "--dropout", "0", "--batch", str(batch), "--sequence", "64", "--optimizer", "adam",
               "--rate", "0.001", "--schedule", "constant", "--clip", "0", "--no-transpose",
               "--steps", str(o.steps + 3), "--threads", str(o.threads),
               "--precision", o.precision]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    end = json.loads(out.strip().split("\n")[-1])
    vocabulary = json.loads(out.split("\n")[0])["vocabulary"]
    key = "characters_per_processor_second" if o.threads == 1 else "characters_per_second"
    return end[key], vocabulary


def pytorch(vocabulary, embedding, layers, batch, o):
    import torch
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(vocabulary, embedding) if embedding else None
            self.lstm = torch.nn.LSTM(
                embedding or vocabulary, layers[0], len(layers), batch_first=True)
            self.head = torch.nn.Linear(layers[-1], vocabulary)

        def forward(self, x, state):
            x = (self.embedding(x) if self.embedding
                 else torch.nn.functional.one_hot(x, vocabulary).float())
            x, state = self.lstm(x, state)
            return self.head(x), state

    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    state, start, characters = None, None, 0
    clock = time.process_time if o.threads == 1 else time.perf_counter
    for step in range(o.steps + 3):
        if step == 3:
            start = clock()
        x = torch.randint(vocabulary, (batch, 65))
        with torch.autocast("cpu", torch.bfloat16, enabled=o.precision == "bf16"):
            y, state = network(x[:, :-1], state)
            loss = torch.nn.functional.cross_entropy(
                y.float().reshape(-1, vocabulary), x[:, 1:].reshape(-1))
        state = tuple(s.detach() for s in state)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step >= 3:
            characters += batch * 64
    return characters / (clock() - start)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lilt")
    parser.add_argument("corpus")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--networks", default="ABD")
    parser.add_argument("--batches", default="16,64")
    o = parser.parse_args()
    for name in o.networks:
        embedding, layers = NETWORKS[name]
        for batch in map(int, o.batches.split(",")):
            ours, theirs = [], []
            for _ in range(o.rounds):
                speed, vocabulary = lilt(o.lilt, o.corpus, embedding, layers, batch, o)
                ours.append(speed)
                theirs.append(pytorch(vocabulary, embedding, layers, batch, o))
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"{name} batch {batch}, {o.threads} threads, {o.precision}: lilt {a:,.0f} "
                  f"({min(ours):,.0f}-{max(ours):,.0f}), torch {b:,.0f} "
                  f"({min(theirs):,.0f}-{max(theirs):,.0f}) characters/s: {a / b:.2f}x", flush=True)


if __name__ == "__main__":
    sys.exit(main())
