#!/usr/bin/env python3
"""Trains systems 1, 5 and 6 in small on a text as such corpora are published, each in the framework it
was published with, and measures the cross-entropy of the text there.

    make_scores.py torch [TEXT]     system 1: embedding, three LSTM layers      (torch)
    make_scores.py keras [TEXT]     systems 5 and 6: embedding, three stateful LSTM layers; embedding, one
                                    wide LSTM layer                             (tensorflow, tf_keras)

Without TEXT the text is score-text.abc, which this program writes itself, and the files go beside it;
with TEXT they go into the folder of the moment. Written are score-system-N (.pt, .h5, TensorFlow's .index
and .data) and score-system-N.json: {"bits": ..., "characters": ...}, the mean of -log2 p over every
character of the text but the first, read as one stream from a zero state, added up in float64.
"""
import json
import math
import os
import random
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def published_text():
    """Forty tunes with the headers of such corpora, made of bars by chance."""
    draw = random.Random(11)
    bars = ["DFA dAF", "EGB eBG", "FAd fdA", "d2A FED", "G2B dBG", "A2F D3", "~f3 gfe", "(3ABc d2 e2"]
    text = ""
    for number in range(1, 41):
        music = "|\n".join("|".join(draw.choice(bars) for _ in range(4)) for _ in range(2))
        key = draw.choice(["D Major", "G Major", "A Dorian", "E Minor"])
        text += "X: %d\nT:The %s of %s, No. %d\nZ: id:made-%d\nM:%s\nL:1/8\nK:%s\n%s|]\n\n" % (
            number, draw.choice(["Hay", "Rain", "Stone"]), draw.choice(["Kerry", "Ulster"]), number % 7 + 1,
            number, draw.choice(["6/8", "9/8"]), key, music)
        text += "\n"
    return text


def windows(data, steps, rows, length, seed):
    draw = np.random.default_rng(seed)
    for _ in range(steps):
        starts = draw.integers(0, len(data) - length - 1, rows)
        yield np.stack([data[s:s + length] for s in starts]), np.stack(
            [data[s + 1:s + length + 1] for s in starts])


def note(name, folder, logarithms, data):
    """logarithms: (len(data) - 1, vocabulary), natural ones of probabilities."""
    taken = logarithms.astype(np.float64)[np.arange(len(data) - 1), data[1:]]
    facts = {"bits": round(float(-taken.mean() / math.log(2)), 7), "characters": len(data) - 1}
    with open(os.path.join(folder, name + ".json"), "w") as file:
        json.dump(facts, file)
        file.write("\n")
    print(name, facts)


def make_torch(data, count, folder):
    import torch
    torch.manual_seed(3)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(count, 16)
            self.lstm = torch.nn.LSTM(16, 24, num_layers=3, batch_first=True, dropout=0.2)
            self.linear = torch.nn.Linear(24, count)

        def forward(self, tokens):
            return self.linear(self.lstm(self.embedding(tokens))[0])

    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), 0.01)
    for tokens, targets in windows(data, 150, 16, 64, 5):
        scores = network(torch.from_numpy(tokens))
        loss = torch.nn.functional.cross_entropy(scores.transpose(1, 2), torch.from_numpy(targets))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    network.eval()
    with torch.no_grad():
        scores = network(torch.from_numpy(data[None, :-1]))[0]
    note("score-system-1", folder, torch.log_softmax(scores.double(), -1).numpy(), data)
    torch.save(network.state_dict(), os.path.join(folder, "score-system-1.pt"))


def make_keras(data, count, folder):
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_USE_LEGACY_KERAS="1")
    import tensorflow as tf
    import tf_keras as keras
    keras.utils.set_random_seed(3)

    def build(embedding, sizes, rows, softmax):
        layers = [keras.layers.Embedding(count, embedding, batch_input_shape=(rows, None))]
        for size in sizes:
            layers.append(keras.layers.LSTM(size, return_sequences=True, stateful=True))
            if len(sizes) > 1:
                layers.append(keras.layers.Dropout(0.2))
        layers.append(keras.layers.Dense(count, activation="softmax" if softmax else None))
        return keras.Sequential(layers)

    for name, embedding, sizes, softmax in [
            ("score-system-5", 24, [16, 16, 16], True), ("score-system-6", 16, [48], False)]:
        trained = build(embedding, sizes, 16, softmax)
        trained.compile(
            keras.optimizers.Adam(0.01),
            keras.losses.SparseCategoricalCrossentropy(from_logits=not softmax))
        for tokens, targets in windows(data, 120, 16, 64, 5):
            trained.reset_states()
            trained.train_on_batch(tokens, targets)
        played = build(embedding, sizes, 1, softmax)
        played.set_weights(trained.get_weights())
        outputs = played(data[None, :-1], training=False).numpy()[0].astype(np.float64)
        if softmax:
            logarithms = np.log(outputs)
        else:
            top = outputs.max(-1, keepdims=True)
            logarithms = outputs - top - np.log(np.exp(outputs - top).sum(-1, keepdims=True))
        note(name, folder, logarithms, data)
        if softmax:
            played.save(os.path.join(folder, name + ".h5"))
        else:
            tf.train.Checkpoint(model=played).write(os.path.join(folder, name))


def main():
    own = len(sys.argv) < 3
    folder = HERE if own else os.getcwd()
    if own:
        with open(os.path.join(HERE, "score-text.abc"), "w") as file:
            file.write(published_text())
    with open(os.path.join(HERE, "score-text.abc") if own else sys.argv[2], newline="") as file:
        text = file.read()
    characters = sorted(set(text))
    data = np.array([characters.index(c) for c in text], dtype=np.int64)
    {"torch": make_torch, "keras": make_keras}[sys.argv[1]](data, len(characters), folder)


main()
