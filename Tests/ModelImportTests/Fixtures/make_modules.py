#!/usr/bin/env python3
"""Writes small files of modules that PyTorch pickled before 1.6, of networks that begin with a dense
layer, and of what Keras 3 exports, as `make_fixtures.py` does, and what each network says.

    make_modules.py torch     needs torch
    make_modules.py keras3    needs tensorflow-cpu and keras 3
"""
import os
import shutil
import sys
import tempfile

from make_fixtures import TOKENS, V, expect, one_hot, path, randomize, speak


# ---------------------------------------------------------------- PyTorch
def make_torch():
    import torch
    from torch import nn

    class Net(nn.Module):
        """A plain network with ReLU, which only its attributes tell."""

        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(V, 5)
            self.rnn = nn.RNN(5, 9, 2, batch_first=True, nonlinearity="relu")
            self.head = nn.Sequential(nn.Linear(9, 8), nn.Tanh(), nn.Linear(8, V))

        def forward(self, x):
            return self.head(self.rnn(self.embedding(x))[0])

    # Pickled classes are of this name, wherever they were made, and their source is of no interest.
    globals().update(Net=Net)
    Net.__qualname__ = "Net"
    torch.serialization.get_source_lines_and_file = lambda *_: (["class Net: pass\n"], 1, "net.py")

    torch.manual_seed(51)
    model = Net().eval()
    torch.save(model, path("torch-relu-module.pt"))
    torch.save(model, path("torch-old-module.pt"), _use_new_zipfile_serialization=False)
    with torch.no_grad():
        expect("torch-module", model(torch.tensor(TOKENS)[None])[0].numpy())

    torch.manual_seed(52)
    for name, bias in ("torch-dense-first", True), ("torch-matrix-first", False):
        model = nn.ModuleDict({
            "into": nn.Linear(V, 7, bias=bias), "lstm": nn.LSTM(7, 9, batch_first=True),
            "last": nn.Linear(9, V)}).eval()
        torch.save(model.state_dict(), path(name + ".pt"))
        with torch.no_grad():
            x = model["lstm"](model["into"](torch.tensor(one_hot())))[0]
            expect(name, model["last"](x)[0].numpy())


# ---------------------------------------------------------------- Keras
def make_keras3():
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")
    import keras
    L = keras.layers
    model = keras.Sequential([
        keras.Input((None,)), L.Embedding(V, 6), L.LSTM(9, return_sequences=True), L.Dropout(0.1),
        L.Dense(V)])
    randomize(model, 53)
    expect("keras3-exported", speak(model, TOKENS[None]))
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder + "/saved", verbose=False)
        for end in "index", "data-00000-of-00001":
            shutil.copy(folder + "/saved/variables/variables." + end, path("keras3-exported." + end))


if __name__ == "__main__":
    {"torch": make_torch, "keras3": make_keras3}[sys.argv[1]]()
