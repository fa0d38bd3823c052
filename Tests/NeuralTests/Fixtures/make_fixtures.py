#!/usr/bin/env python3
"""Writes tiny.safetensors: a network with random weights, and the scores it has to give.

    python3 make_fixtures.py        (needs numpy; the file is the same each time)

Tensors: those of a two-layer LSTM as PyTorch names them, `tokens` (what is read) and `logits`
(the scores after each token, computed in 64-bit floats by the textbook equations).
"""
import json
import struct

import numpy as np

VOCABULARY, EMBEDDING, HIDDEN, STEPS = list("\n |:abcdefg"), 7, (21, 37), 60

random = np.random.default_rng(5)


def uniform(*shape):
    return random.uniform(-1.2, 1.2, shape).astype(np.float16)


weights = {"embedding.weight": uniform(len(VOCABULARY), EMBEDDING)}
below = EMBEDDING
for layer, size in enumerate(HIDDEN):
    weights[f"lstm.weight_ih_l{layer}"] = uniform(4 * size, below)
    weights[f"lstm.weight_hh_l{layer}"] = uniform(4 * size, size)
    weights[f"lstm.bias_ih_l{layer}"] = uniform(4 * size)
    weights[f"lstm.bias_hh_l{layer}"] = uniform(4 * size)
    below = size
weights["head.weight"] = uniform(len(VOCABULARY), below)
weights["head.bias"] = uniform(len(VOCABULARY))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


exact = {name: value.astype(np.float64) for name, value in weights.items()}
tokens = random.integers(0, len(VOCABULARY), STEPS)
h = [np.zeros(size) for size in HIDDEN]
c = [np.zeros(size) for size in HIDDEN]
logits = []
for token in tokens:
    x = exact["embedding.weight"][token]
    for layer in range(len(HIDDEN)):
        gates = (
            exact[f"lstm.weight_ih_l{layer}"] @ x + exact[f"lstm.weight_hh_l{layer}"] @ h[layer]
            + exact[f"lstm.bias_ih_l{layer}"] + exact[f"lstm.bias_hh_l{layer}"])
        i, f, g, o = np.split(gates, 4)
        c[layer] = sigmoid(f) * c[layer] + sigmoid(i) * np.tanh(g)
        h[layer] = x = sigmoid(o) * np.tanh(c[layer])
    logits.append(exact["head.weight"] @ x + exact["head.bias"])

tensors = dict(weights, tokens=tokens.astype(np.float32), logits=np.array(logits, np.float32))
header = {"__metadata__": {"vocabulary": json.dumps(VOCABULARY)}}
data = b""
for name, value in tensors.items():
    dtype = {"float16": "F16", "float32": "F32"}[str(value.dtype)]
    raw = value.tobytes()
    header[name] = {"dtype": dtype, "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("tiny.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
