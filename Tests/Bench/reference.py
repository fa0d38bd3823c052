"""A plain numpy run of a Lilt checkpoint: what one core does without kernels of our own."""

import json
import os
import struct
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"


def read_tensors(path):
    import numpy

    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        part = data[8 + length + first : 8 + length + last]
        if entry["dtype"] == "BF16":
            words = numpy.frombuffer(part, dtype="<u2").astype("<u4") << 16
            values = words.view("<f4")
        else:
            values = numpy.frombuffer(part, dtype={"F16": "<f2", "F32": "<f4"}[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"]).astype("float32")
    return tensors


def numpy_speed(path, seconds=2.0):
    """Characters per second, sampling at temperature 1 from a zero state."""
    import numpy

    tensors = read_tensors(path)
    embedding, head, head_bias = (
        tensors["embedding.weight"], tensors["head.weight"], tensors["head.bias"])
    layers = []
    while f"lstm.weight_ih_l{len(layers)}" in tensors:
        k = len(layers)
        weights = numpy.concatenate(
            [tensors[f"lstm.weight_ih_l{k}"], tensors[f"lstm.weight_hh_l{k}"]], axis=1)
        bias = tensors[f"lstm.bias_ih_l{k}"] + tensors[f"lstm.bias_hh_l{k}"]
        layers.append((numpy.ascontiguousarray(weights), bias))
    size = layers[0][1].shape[0] // 4
    hidden = [numpy.zeros(size, "float32") for _ in layers]
    cell = [numpy.zeros(size, "float32") for _ in layers]
    random = numpy.random.default_rng(1)

    def sigmoid(x):
        return 1 / (1 + numpy.exp(-x))

    def step(token):
        x = embedding[token]
        for k, (weights, bias) in enumerate(layers):
            gates = weights @ numpy.concatenate([x, hidden[k]]) + bias
            i, f, g, o = gates[:size], gates[size : 2 * size], gates[2 * size : 3 * size], gates[3 * size :]
            cell[k] = sigmoid(f) * cell[k] + sigmoid(i) * numpy.tanh(g)
            hidden[k] = sigmoid(o) * numpy.tanh(cell[k])
            x = hidden[k]
        logits = head @ x + head_bias
        shares = numpy.exp(logits - logits.max()).astype("float64")
        return int(random.choice(len(shares), p=shares / shares.sum()))

    token = 0
    for _ in range(50):
        token = step(token)
    best = 0.0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(200):
            token = step(token)
        best = max(best, 200 / (time.perf_counter() - start))
    return best


def torch_speed(path, seconds=2.0):
    """The same with torch.nn.LSTM on one thread."""
    import torch

    torch.set_num_threads(1)
    tensors = {name: torch.from_numpy(t) for name, t in read_tensors(path).items()}
    vocabulary, width = tensors["embedding.weight"].shape
    size = tensors["lstm.weight_hh_l0"].shape[1]
    count = sum(name.startswith("lstm.weight_ih_l") for name in tensors)
    lstm = torch.nn.LSTM(width, size, count)
    lstm.load_state_dict({n[5:]: t for n, t in tensors.items() if n.startswith("lstm.")})
    embedding = torch.nn.Embedding(vocabulary, width)
    embedding.load_state_dict({"weight": tensors["embedding.weight"]})
    head = torch.nn.Linear(size, vocabulary)
    head.load_state_dict({"weight": tensors["head.weight"], "bias": tensors["head.bias"]})
    best, state, token = 0.0, None, torch.zeros(1, 1, dtype=torch.long)
    with torch.inference_mode():
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            start = time.perf_counter()
            for _ in range(200):
                output, state = lstm(embedding(token), state)
                shares = torch.softmax(head(output[0, 0]), 0)
                token = torch.multinomial(shares, 1).reshape(1, 1)
            best = max(best, 200 / (time.perf_counter() - start))
    return best


if __name__ == "__main__":
    print(f"numpy {numpy_speed(sys.argv[1]):.0f} characters/s")
