#!/usr/bin/env python3
"""Writes the six published systems, in full size with random weights, as their notebooks save them.

    make_systems.py torch FOLDER     needs torch and lightning
    make_systems.py keras3 FOLDER    needs keras 3, h5py and a backend
    make_systems.py keras2 FOLDER    needs tensorflow-cpu 2.15 and h5py

Beside NAME.ext lies NAME.expected.safetensors as `make_fixtures.py` writes it, and NAME.json with a
vocabulary. The files are too large to be kept: LILT_IMPORT_FOLDER=FOLDER swift test --filter
SystemTests imports each and compares what it scores over 200 steps.
"""
import itertools
import json
import os
import sys

import numpy as np

import make_fixtures as fixtures

SIZES = {"jigs-hornpipes": 87, "midi-characters": 137, "note-chords": 359, "stateful-3x256": 87,
         "irish-1024": 83}
NUMBERS = fixtures.NUMBERS


def characters(count):
    plain = "\n" + "".join(map(chr, range(32, 127)))
    return list(plain[:count]) + [chr(256 + i) for i in range(max(0, count - len(plain)))]


def chords(count):
    """Keys and chords of pitch classes, as music21 names them."""
    names = [f"{letter}{octave}" for octave in range(2, 7)
             for letter in ("C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B")]
    sets = [".".join(map(str, each)) for size in (3, 4)
            for each in itertools.combinations(range(12), size)]
    return (names + sets)[:count]


def tokens(count):
    return np.random.default_rng(7).integers(0, count, fixtures.STEPS)


def tell(name, outputs, read=None, vocabulary=None):
    """What a network says; read: the tokens, or 200 x 3 numbers."""
    if not isinstance(outputs, dict):
        outputs = {"logits": outputs}
    key = "inputs" if read.ndim == 2 else "tokens"
    tensors = {key: read.astype(np.float32)}
    tensors.update({k: np.asarray(v, dtype=np.float32) for k, v in outputs.items()})
    fixtures.write_safetensors(name + ".expected.safetensors", tensors)
    if vocabulary:
        with open(fixtures.path(name + ".json"), "w") as file:
            json.dump(vocabulary, file)


# ---------------------------------------------------------------- PyTorch
def torch_networks():
    """name, module, what it reads in a batch of one, vocabulary."""
    import torch
    from torch import nn

    class CharRNN(nn.Module):
        def __init__(self, vocabulary, width, units, layers, cell=nn.LSTM, **options):
            super().__init__()
            self.vocabulary = vocabulary
            if width:
                self.embedding = nn.Embedding(vocabulary, width)
            self.rnn = cell(width or vocabulary, units, layers, batch_first=True, **options)
            self.dropout = nn.Dropout(0.2)
            self.fc = nn.Linear(units, vocabulary)

        def forward(self, x):
            if hasattr(self, "embedding"):
                x = self.embedding(x)
            else:
                x = nn.functional.one_hot(x, self.vocabulary).float()
            return self.fc(self.dropout(self.rnn(x)[0]))

    class Notes(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 128, batch_first=True)
            self.pitch = nn.Linear(128, 128)
            self.step = nn.Linear(128, 1)
            self.duration = nn.Linear(128, 1)

        def forward(self, x):
            x, _ = self.lstm(x)
            return {"pitch": self.pitch(x), "step": self.step(x), "duration": self.duration(x)}

    class Chords(nn.Module):
        def __init__(self, count):
            super().__init__()
            self.count = count
            self.lstm1 = nn.LSTM(1, 512, batch_first=True)
            self.lstm2 = nn.LSTM(512, 512, batch_first=True)
            self.dropout = nn.Dropout(0.3)
            self.dense1 = nn.Linear(512, 512)
            self.dense2 = nn.Linear(512, 256)
            self.dense3 = nn.Linear(256, count)

        def forward(self, x):
            x = (x.float() / self.count)[..., None]
            x, _ = self.lstm1(x)
            x, _ = self.lstm2(self.dropout(x))
            x = torch.relu(self.dense1(self.dropout(x)))
            return self.dense3(torch.relu(self.dense2(x)))

    class Normed(nn.Module):
        """GRU, batch normalisation before the activation, dense layers."""

        def __init__(self, count):
            super().__init__()
            self.embed = nn.Embedding(count, 48)
            self.gru = nn.GRU(48, 96, 2, batch_first=True)
            self.head = nn.Sequential(
                nn.Linear(96, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1),
                nn.Linear(64, 80), nn.ReLU(), nn.BatchNorm1d(80), nn.Linear(80, count))
            for layer in self.head:
                if isinstance(layer, nn.BatchNorm1d):
                    layer.running_mean.normal_()
                    layer.running_var.uniform_(0.5, 2)

        def forward(self, x):
            x, _ = self.gru(self.embed(x))
            return self.head(x[0])[None]

    torch.manual_seed(1)
    sizes = SIZES
    yield "jigs-hornpipes", CharRNN(87, 64, 128, 2, dropout=0.2), 87, characters(87)
    yield "midi-characters", CharRNN(137, 0, 512, 3), 137, characters(137)
    yield "pitch-step-duration", Notes(), 0, None
    yield "note-chords", Chords(359), 359, chords(359)
    yield "stateful-3x256", CharRNN(87, 512, 256, 3, dropout=0.2), 87, characters(87)
    yield "irish-1024", CharRNN(83, 256, 1024, 1), 83, characters(83)
    yield "gru", CharRNN(87, 64, 160, 2, nn.GRU), 87, characters(87)
    yield "rnn", CharRNN(87, 64, 160, 2, nn.RNN), 87, characters(87)
    yield "gru-norm", Normed(87), 87, characters(87)
    yield "lstm-no-bias", CharRNN(87, 0, 100, 2, bias=False), 87, characters(87)


def make_torch():
    import torch

    def say(name, model, count, vocabulary):
        model.eval()
        with torch.no_grad():
            if count:
                read = tokens(count)
                out = model(torch.tensor(read)[None])[0].numpy()
            else:
                read = NUMBERS
                out = {k: v[0].numpy() for k, v in model(torch.tensor(read)[None]).items()}
        tell("torch-" + name, out, read, vocabulary)

    for name, model, count, vocabulary in torch_networks():
        target = fixtures.path(f"torch-{name}")
        if name == "jigs-hornpipes":
            parallel = torch.nn.DataParallel(model)
            optimizer = torch.optim.RMSprop(parallel.parameters())
            model(torch.tensor(tokens(count))[None]).sum().backward()
            optimizer.step()
            torch.save({"epoch": 50, "state_dict": parallel.state_dict(),
                        "optimizer": optimizer.state_dict(), "best_loss": 1.2}, target + ".pth.tar")
        elif name == "midi-characters":
            torch.save({"n_hidden": 512, "n_layers": 3, "state_dict": model.state_dict(),
                        "tokens": tuple(vocabulary)}, target + ".net")
        elif name == "note-chords":
            torch.save(torch.compile(model).state_dict(), target + ".pt")
        elif name == "stateful-3x256":
            lightning_checkpoint(model, target + ".ckpt")
        elif name == "irish-1024":
            torch.save(model.state_dict(), target + ".pt")
            torch.save(model.state_dict(), target + ".legacy.pth",
                       _use_new_zipfile_serialization=False)
            from safetensors.torch import save_file
            save_file(model.state_dict(), target + ".safetensors")
        else:
            torch.save(model.state_dict(), target + ".pt")
        say(name, model, count, vocabulary)


def lightning_checkpoint(model, target):
    """One step of training under Lightning, and the file it writes itself."""
    import logging
    import lightning
    import torch
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Composer(lightning.LightningModule):
        def __init__(self, net, learning_rate=1e-3):
            super().__init__()
            self.save_hyperparameters(ignore=["net"])
            self.net = net

        def training_step(self, batch, index):
            x, = batch
            return torch.nn.functional.cross_entropy(self.net(x).flatten(0, 1), x.flatten())

        def configure_optimizers(self):
            adam = torch.optim.Adam(self.parameters(), self.hparams.learning_rate)
            return [adam], [torch.optim.lr_scheduler.StepLR(adam, 10)]

    data = torch.utils.data.TensorDataset(torch.randint(0, 87, (4, 16)))
    trainer = lightning.Trainer(
        max_steps=1, accelerator="cpu", logger=False, enable_progress_bar=False,
        enable_model_summary=False, enable_checkpointing=True,
        default_root_dir=os.path.dirname(target))
    trainer.fit(Composer(model), torch.utils.data.DataLoader(data, 4))
    trainer.save_checkpoint(target)


# ---------------------------------------------------------------- Keras
def keras_networks(keras):
    """name, the network as it is saved, the same for one long sequence, tokens."""
    L = keras.layers

    def sequential(*layers):
        return keras.Sequential(list(layers))

    def read(*shape):
        return (L.InputLayer(batch_shape=shape) if getattr(keras, "__version__", "2").startswith("3")
                else L.InputLayer(batch_input_shape=shape))

    def jigs(batch, steps):
        return sequential(
            read(batch, steps), L.Embedding(87, 64),
            L.LSTM(128, return_sequences=True, stateful=True), L.Dropout(0.2),
            L.LSTM(128, return_sequences=True, stateful=True), L.Dropout(0.2),
            L.TimeDistributed(L.Dense(87)), L.Activation("softmax"))

    def midi(batch, steps):
        return sequential(
            read(batch, steps, 137), L.LSTM(512, return_sequences=True), L.Dropout(0.2),
            L.LSTM(512, return_sequences=True), L.Dropout(0.2),
            L.LSTM(512, return_sequences=steps is None), L.Dense(137, activation="softmax"))

    def chord(batch, steps):
        return sequential(
            read(batch, steps, 1), L.LSTM(512, return_sequences=True), L.Dropout(0.3),
            L.LSTM(512, return_sequences=steps is None), L.Dropout(0.3),
            L.Dense(512, activation="relu"), L.Dense(256, activation="relu"),
            L.Dense(359, activation="softmax"))

    def stateful(batch, steps):
        return sequential(
            read(batch, steps), L.Embedding(87, 512),
            L.LSTM(256, return_sequences=True, stateful=True), L.Dropout(0.2),
            L.LSTM(256, return_sequences=True, stateful=True), L.Dropout(0.2),
            L.LSTM(256, return_sequences=True, stateful=True), L.Dropout(0.2),
            L.TimeDistributed(L.Dense(87)), L.Activation("softmax"))

    def irish(batch, steps):
        return sequential(
            read(batch, steps), L.Embedding(83, 256),
            L.LSTM(1024, return_sequences=True, stateful=True, recurrent_initializer="glorot_uniform",
                   recurrent_activation="sigmoid"),
            L.Dense(83))

    def gru(reset_after):
        return lambda batch, steps: sequential(
            read(batch, steps), L.Embedding(87, 64),
            L.GRU(160, return_sequences=True, reset_after=reset_after),
            L.GRU(96, return_sequences=True, reset_after=reset_after),
            L.BatchNormalization(), L.Dense(87))

    def rnn(activation):
        return lambda batch, steps: sequential(
            read(batch, steps), L.Embedding(87, 64),
            L.SimpleRNN(96, return_sequences=True, activation=activation),
            L.Dense(60, activation="tanh"), L.Dense(87))

    def notes(batch, steps):
        inputs = keras.Input((steps, 3))
        x = L.LSTM(128, return_sequences=steps is None)(inputs)
        return keras.Model(inputs, {
            "pitch": L.Dense(128, name="pitch")(x), "step": L.Dense(1, name="step")(x),
            "duration": L.Dense(1, name="duration")(x)})

    embedded = lambda count: (lambda t: t[None])
    one_hot = lambda count: (lambda t: np.eye(count, dtype=np.float32)[t][None])
    scaled = lambda count: (lambda t: (t / count).astype(np.float32)[None, :, None])
    yield "jigs-hornpipes", jigs, (16, 64), (1, None), 87, embedded(87), characters(87)
    yield "midi-characters", midi, (None, 100), (1, None), 137, one_hot(137), characters(137)
    yield "note-chords", chord, (None, 100), (1, None), 359, scaled(359), chords(359)
    yield "stateful-3x256", stateful, (16, 64), (1, None), 87, embedded(87), characters(87)
    yield "irish-1024", irish, (1, None), (1, None), 83, embedded(83), characters(83)
    yield "pitch-step-duration", notes, (None, 25), (None, None), 0, lambda x: x[None], None
    yield "gru", gru(True), (1, None), (1, None), 87, embedded(87), characters(87)
    yield "gru-before", gru(False), (1, None), (1, None), 87, embedded(87), characters(87)
    yield "rnn", rnn("tanh"), (1, None), (1, None), 87, embedded(87), characters(87)
    yield "rnn-relu", rnn("relu"), (1, None), (1, None), 87, embedded(87), characters(87)


def make_keras(keras, mark, endings):
    for name, build, saved, long, count, prepare, vocabulary in keras_networks(keras):
        model = build(*saved)
        rng = np.random.default_rng(3)
        values = model.get_weights()
        for place, value in enumerate(values):
            if value.ndim == 1 and not np.any(value):
                values[place] = rng.uniform(-0.1, 0.1, value.shape).astype(np.float32)
            elif name == "rnn-relu" and value.shape == (96, 96):
                values[place] = value * 0.6
        model.set_weights(values)
        if count:
            model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        for ending in endings:
            if mark == "keras2" and ending == ".weights.h5" and not count:
                continue  # does not say which output is which
            target = fixtures.path(f"{mark}-{name}{ending}")
            (model.save_weights if "weights" in ending else model.save)(target)
        reader = build(*long)
        reader.set_weights(model.get_weights())
        read = tokens(count) if count else NUMBERS
        out = fixtures.speak(reader, prepare(read))
        softmax = count and name not in ("irish-1024", "gru", "gru-before", "rnn", "rnn-relu")
        tell(f"{mark}-{name}", fixtures.logarithm(out) if softmax else out, read, vocabulary)
        print(mark, name, model.count_params(), flush=True)
    if mark == "keras3":
        make_subclassed(keras)


def make_subclassed(keras):
    """The class of TensorFlow's tutorial on text generation, whose layers are attributes."""
    L = keras.layers

    @keras.saving.register_keras_serializable()
    class MyModel(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.embedding = L.Embedding(87, 64)
            self.gru = L.GRU(160, return_sequences=True)
            self.dense = L.Dense(87)

        def call(self, x, training=False):
            return self.dense(self.gru(self.embedding(x), training=training))

    model = MyModel()
    read = tokens(87)
    out = fixtures.speak(model, read[None])
    for ending in (".weights.h5", ".keras"):
        (model.save_weights if "weights" in ending else model.save)(
            fixtures.path("keras3-subclassed" + ending))
    tell("keras3-subclassed", out, read, characters(87))


if __name__ == "__main__":
    fixtures.HERE = os.path.abspath(sys.argv[2])
    os.makedirs(fixtures.HERE, exist_ok=True)
    if sys.argv[1] == "torch":
        make_torch()
    elif sys.argv[1] == "keras3":
        import keras
        make_keras(keras, "keras3", (".keras", ".h5", ".weights.h5"))
    else:
        import tensorflow
        make_keras(tensorflow.keras, "keras2", (".h5", ".weights.h5", ".keras"))
