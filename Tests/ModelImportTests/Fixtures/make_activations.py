#!/usr/bin/env python3
"""Writes small files of networks with leaky ReLU between their dense layers, as `make_fixtures.py`
does, and what each network says.

    make_activations.py torch       needs torch, onnx and onnxscript
    make_activations.py keras2      needs tensorflow-cpu and tf_keras   (Keras 2)
    make_activations.py keras3      needs tensorflow-cpu and keras 3
"""
import os
import sys

import numpy as np

from make_files import keep_saved_model, strip_paths
from make_fixtures import TOKENS, V, expect, logarithm, one_hot, path, randomize, speak


# ---------------------------------------------------------------- PyTorch
def make_torch():
    import torch
    from torch import nn
    tokens = torch.tensor(TOKENS)[None]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(V, 5)
            self.lstm = nn.LSTM(5, 9, 2, batch_first=True, dropout=0.1)
            self.dropout = nn.Dropout(0.2)
            self.head = nn.Sequential(
                nn.Linear(9, 8), nn.LeakyReLU(0.15), nn.Dropout(0.1), nn.Linear(8, 7), nn.Tanh(),
                nn.Linear(7, V))
            self.criterion = nn.CrossEntropyLoss()

        def forward(self, x):
            return self.head(self.dropout(self.lstm(self.embedding(x))[0]))

    class Shared(nn.Module):
        """One activation between all its dense layers, which have names of their own."""

        def __init__(self):
            super().__init__()
            self.leaky = nn.LeakyReLU()
            self.rnn = nn.GRU(V, 9, batch_first=True)
            self.norm = nn.BatchNorm1d(8)
            self.fc1, self.fc2, self.fc3 = nn.Linear(9, 8), nn.Linear(8, 6), nn.Linear(6, V)
            nn.init.normal_(self.norm.weight)
            self.norm.running_mean.normal_()

        def forward(self, x):
            x = self.leaky(self.fc1(self.rnn(x)[0]))
            x = self.norm(x.transpose(1, 2)).transpose(1, 2)
            return self.fc3(self.leaky(self.fc2(x)))

    # Pickled classes are of this name, wherever they were made.
    globals().update(Net=Net, Shared=Shared)
    Net.__qualname__, Shared.__qualname__ = "Net", "Shared"

    torch.manual_seed(41)
    model = Net().eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(2)
        expect("torch-leaky", model(tokens)[0].numpy())
    torch.save(model, path("torch-leaky.pt"))
    for name, dynamo in ("onnx-leaky-script", False), ("onnx-leaky-dynamo", True):
        torch.onnx.export(model, (torch.zeros(1, 16, dtype=torch.long),), path(name + ".onnx"),
                          dynamo=dynamo, external_data=False, verbose=False)
        strip_paths(path(name + ".onnx"))

    torch.manual_seed(42)
    model = Shared().eval()
    torch.save(model, path("torch-leaky-shared.pt"))
    with torch.no_grad():
        expect("torch-leaky-shared", model(torch.tensor(one_hot()))[0].numpy())


# ---------------------------------------------------------------- Keras
def layers(keras, slope):
    """Every way in which Keras keeps one: a layer with its default slope, a layer with another, an
    activation by name, a layer as activation."""
    L = keras.layers
    return [
        L.Dense(9), L.LeakyReLU(), L.Dense(8), L.BatchNormalization(), L.LeakyReLU(**slope(0.2)),
        L.TimeDistributed(L.Dense(8, activation="leaky_relu")),
        L.Dense(7, activation=L.LeakyReLU(**slope(0.1))), L.Dense(6), L.Activation("leaky_relu"),
        L.Dense(V)]


def quiet():
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")


def make_keras2():
    quiet()
    import tf_keras as keras
    L = keras.layers
    model = keras.Sequential([
        L.Embedding(V, 6, input_shape=(None,)), L.LSTM(9, return_sequences=True),
        *layers(keras, lambda slope: {"alpha": slope}), L.Softmax()])
    randomize(model, 43)
    model.save(path("keras2-leaky.h5"))
    expect("keras2-leaky", logarithm(speak(model, TOKENS[None])))
    keep_saved_model(model, "tf-leaky")
    # Weights alone tell nothing of it.
    model = keras.Sequential([
        L.Embedding(V, 6, input_shape=(None,)), L.LSTM(9, return_sequences=True), L.Dense(8),
        L.LeakyReLU(), L.Dense(V)])
    randomize(model, 44)
    model.save_weights(path("keras2-leaky-weights.h5"))
    expect("keras2-leaky-weights", speak(model, TOKENS[None]))


def make_keras3():
    quiet()
    import keras
    L = keras.layers
    model = keras.Sequential([
        keras.Input((None, V)), L.GRU(9, return_sequences=True),
        *layers(keras, lambda slope: {"negative_slope": slope})])
    randomize(model, 45)
    model.save(path("keras3-leaky.keras"))
    model.save(path("keras3-leaky-whole.h5"))
    expect("keras3-leaky", speak(model, one_hot()))


if __name__ == "__main__":
    {"torch": make_torch, "keras2": make_keras2, "keras3": make_keras3}[sys.argv[1]]()
