#!/usr/bin/env python3
"""Writes the small foreign checkpoints that the import tests read, and what each network says.

    make_fixtures.py torch     needs torch and numpy
    make_fixtures.py onnx      needs torch, onnx and onnxscript
    make_fixtures.py lightning needs torch and lightning
    make_fixtures.py keras3    needs keras 3, h5py and torch     (KERAS_BACKEND=torch)
    make_fixtures.py keras2    needs tensorflow-cpu 2.15, h5py   (Keras 2.15)

Beside NAME.ext lies NAME.expected.safetensors: `tokens` (200; or `inputs`, 200 x 3), and the
network's outputs after each of them, read from a zero state: `logits` (200 x vocabulary), as
logarithms of probabilities where the network ends in a softmax, or one tensor for each head.
Weights are random: nothing here was trained on anything.
"""
import json
import os
import struct
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
CHARACTERS = "\n |:ABCDEFGabcdefg2"  # 19 in the order of their tokens below
CHARACTERS = "".join(sorted(set(CHARACTERS)))
V = len(CHARACTERS)
STEPS = 200
TOKENS = np.random.default_rng(7).integers(0, V, STEPS)
NUMBERS = (np.random.default_rng(8).random((STEPS, 3)) * [127, 1, 1]).astype(np.float32)


def path(name):
    return os.path.join(HERE, name)


def write_safetensors(name, tensors, metadata=None):
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for key, value in tensors.items():
        value = np.ascontiguousarray(value)
        kind = {"float32": "F32", "float16": "F16"}[str(value.dtype)]
        header[key] = {"dtype": kind, "shape": list(value.shape),
                       "data_offsets": [len(data), len(data) + value.nbytes]}
        data += value.tobytes()
    text = json.dumps(header).encode()
    with open(path(name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def expect(name, outputs, inputs=None):
    """outputs: (200, V), or a dictionary of heads."""
    if not isinstance(outputs, dict):
        outputs = {"logits": outputs}
    tensors = {"tokens": TOKENS.astype(np.float32)} if inputs is None else {"inputs": inputs}
    tensors.update({k: np.asarray(v, dtype=np.float32) for k, v in outputs.items()})
    write_safetensors(name + ".expected.safetensors", tensors)


def one_hot():
    return np.eye(V, dtype=np.float32)[TOKENS][None]


# ---------------------------------------------------------------- PyTorch
def make_torch():
    import torch
    from torch import nn

    class Characters(nn.Module):
        """Embedding or one-hot, recurrent layers, perhaps a norm, dense layers."""

        def __init__(self, cell, units, layers, width=None, norm=False, dense=(), **options):
            super().__init__()
            if width:
                self.encoder = nn.Embedding(V, width)
            self.rnn = cell(width or V, units, layers, batch_first=True, **options)
            if norm:
                self.norm = nn.BatchNorm1d(units)
                self.norm.running_mean.normal_()
                self.norm.running_var.uniform_(0.5, 2)
                nn.init.normal_(self.norm.weight)
                nn.init.normal_(self.norm.bias)
            sizes = (units, *dense, V)
            self.decoder = nn.Sequential()
            for below, above in zip(sizes, sizes[1:]):
                if len(self.decoder):
                    self.decoder.append(nn.ReLU())
                self.decoder.append(nn.Linear(below, above))

        def forward(self, tokens):
            x = self.encoder(tokens) if hasattr(self, "encoder") else nn.functional.one_hot(tokens, V).to(self.rnn.weight_ih_l0.dtype)
            x, _ = self.rnn(x)
            if hasattr(self, "norm"):
                x = self.norm(x.transpose(1, 2)).transpose(1, 2)
            return self.decoder(x)

    tokens = torch.tensor(TOKENS)[None]

    def say(name, model):
        model.eval()
        with torch.no_grad():
            expect(name, model.float()(tokens)[0].numpy())

    torch.manual_seed(1)
    model = Characters(nn.LSTM, 12, 2, width=6)
    optimizer = torch.optim.Adam(model.parameters())
    model(tokens).sum().backward()
    optimizer.step()
    model.zero_grad()
    torch.save({
        "epoch": 3, "loss": 1.25, "optimizer_state_dict": optimizer.state_dict(),
        "model_state_dict": {"module." + k: v for k, v in model.state_dict().items()},
        "char2idx": {c: i for i, c in enumerate(CHARACTERS)},
    }, path("torch-lstm.pt"))
    say("torch-lstm", model)

    torch.manual_seed(2)
    model = Characters(nn.LSTM, 12, 1, width=6).half()
    torch.save(model.state_dict(), path("torch-legacy-half.pth"),
               _use_new_zipfile_serialization=False)
    say("torch-legacy-half", model)

    torch.manual_seed(3)
    model = Characters(nn.GRU, 12, 2, dense=(14, 16))
    torch.save(model.state_dict(), path("torch-gru-dense.pt"))
    say("torch-gru-dense", model)

    torch.manual_seed(4)
    model = Characters(nn.RNN, 12, 2, width=6)
    torch.save(model.state_dict(), path("torch-rnn.pt"))
    say("torch-rnn", model)

    torch.manual_seed(5)
    model = Characters(nn.RNN, 12, 1, nonlinearity="relu").double()
    with torch.no_grad():
        model.rnn.weight_hh_l0.mul_(0.5)
    torch.save({"state_dict": model.state_dict()}, path("torch-rnn-relu-double.pt"))
    say("torch-rnn-relu-double", model)

    # Tensors that are views of others, and parameters instead of tensors, in another protocol.
    torch.manual_seed(6)
    model = Characters(nn.LSTM, 12, 2, width=6, norm=True).bfloat16()
    state = {}
    for key, value in model.state_dict().items():
        if value.dim() == 2:
            value = nn.Parameter(value.t().contiguous().t())
        state["net." + key] = value
    torch.save(state, path("torch-norm-bfloat16-views.pt"), pickle_protocol=4)
    say("torch-norm-bfloat16-views", model)

    class Notes(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 10, batch_first=True)
            self.pitch = nn.Linear(10, 16)
            self.step = nn.Linear(10, 1)
            self.duration = nn.Linear(10, 1)

    torch.manual_seed(7)
    model = Notes().eval()
    torch.save(model.state_dict(), path("torch-heads.pt"))
    with torch.no_grad():
        x, _ = model.lstm(torch.tensor(NUMBERS)[None])
        expect("torch-heads", {k: getattr(model, k)(x)[0].numpy()
                               for k in ("pitch", "step", "duration")}, NUMBERS)

    torch.manual_seed(8)
    model = Characters(nn.LSTM, 12, 2, width=12)
    names = {"encoder.weight": "wte", "decoder.0.weight": "out/W", "decoder.0.bias": "out/b"}
    for layer in range(2):
        for part, own in (("weight_ih", "w_x"), ("weight_hh", "w_h"), ("bias_ih", "b_x"), ("bias_hh", "b_h")):
            names[f"rnn.{part}_l{layer}"] = f"cell{layer}.{own}"
    write_safetensors("other-names.safetensors",
                      {names[k]: v.numpy() for k, v in model.state_dict().items()})
    say("other-names", model)

    # As torch.compile keeps it; the numbers of the Sequential tell that ReLU follows the norm.
    torch.manual_seed(10)
    model = Characters(nn.GRU, 12, 1, width=6)
    model.decoder = nn.Sequential(
        nn.Linear(12, 14), nn.BatchNorm1d(14), nn.ReLU(), nn.Dropout(0.1),
        nn.Linear(14, 16), nn.ReLU(), nn.BatchNorm1d(16), nn.Linear(16, V))
    model.rnn.register_forward_hook(lambda _, __, out: (out[0][0], out[1]))
    for layer in model.decoder:
        if isinstance(layer, nn.BatchNorm1d):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
    model.eval()
    torch.save({"_orig_mod." + k: v for k, v in model.state_dict().items()},
               path("torch-sequential-norm.pt"))
    with torch.no_grad():
        expect("torch-sequential-norm", model(tokens).numpy())

    # As many pitches as units: only its being one of three outputs tells that it is no hidden layer.
    torch.manual_seed(11)
    model = Notes()
    model.lstm, model.pitch = nn.LSTM(3, 16, batch_first=True), nn.Linear(16, 16)
    model.step, model.duration = nn.Linear(16, 1), nn.Linear(16, 1)
    torch.save(model.state_dict(), path("torch-heads-square.pt"))
    with torch.no_grad():
        x, _ = model.lstm(torch.tensor(NUMBERS)[None])
        expect("torch-heads-square", {k: getattr(model, k)(x)[0].numpy()
                                      for k in ("pitch", "step", "duration")}, NUMBERS)

    torch.manual_seed(9)
    model = nn.LSTM(4, 4, bidirectional=True)
    torch.save(model.state_dict(), path("torch-bidirectional.pt"))
    torch.save(nn.Linear(2, 2), path("torch-whole-module.pt"))


def make_lightning():
    """The file that Lightning itself writes after one step of training."""
    import lightning
    import torch
    from torch import nn

    class Composer(lightning.LightningModule):
        def __init__(self, units, learning_rate=1e-3):
            super().__init__()
            self.save_hyperparameters()
            self.embedding = nn.Embedding(V, 6)
            self.lstm = nn.LSTM(6, units, 2, batch_first=True)
            self.fc = nn.Linear(units, V)

        def forward(self, x):
            return self.fc(self.lstm(self.embedding(x))[0])

        def training_step(self, batch, index):
            return nn.functional.cross_entropy(self(batch[0]).flatten(0, 1), batch[0].flatten())

        def configure_optimizers(self):
            adam = torch.optim.Adam(self.parameters(), self.hparams.learning_rate)
            return [adam], [torch.optim.lr_scheduler.StepLR(adam, 10)]

    torch.manual_seed(12)
    model = Composer(10)
    data = torch.utils.data.TensorDataset(torch.tensor(TOKENS).reshape(4, 50))
    trainer = lightning.Trainer(
        max_steps=1, accelerator="cpu", logger=False, enable_progress_bar=False,
        enable_model_summary=False, enable_checkpointing=False)
    trainer.fit(model, torch.utils.data.DataLoader(data, 4))
    trainer.save_checkpoint(path("torch-lightning.ckpt"))
    model.eval()
    with torch.no_grad():
        expect("torch-lightning", model(torch.tensor(TOKENS)[None])[0].numpy())


# ---------------------------------------------------------------- Keras
def randomize(model, seed):
    r = np.random.default_rng(seed)
    for layer in model.layers:
        weights = []
        for value in layer.get_weights():
            weights.append((r.standard_normal(value.shape) * 0.3).astype(np.float32))
        if "batch_normalization" in layer.name:
            weights[-1] = np.abs(weights[-1]) + 0.5
        layer.set_weights(weights)


def speak(model, x):
    """The model's outputs for one long sequence."""
    out = model(x, training=False)
    convert = lambda t: (t.detach().cpu().numpy() if hasattr(t, "detach") else t.numpy())[0]
    if isinstance(out, dict):
        return {k: convert(v) for k, v in out.items()}
    if isinstance(out, (list, tuple)):
        return dict(zip(("pitch", "step", "duration"), map(convert, out)))
    return convert(out)


def logarithm(probabilities):
    return np.log(np.maximum(probabilities.astype(np.float64), 1e-30))


def make_keras3():
    import keras
    from keras import layers as L
    tokens = TOKENS[None]

    model = keras.Sequential([
        keras.Input((None,)), L.Embedding(V, 6), L.LSTM(12, return_sequences=True), L.Dropout(0.2),
        L.LSTM(10, return_sequences=True), L.Dense(V, activation="softmax")])
    randomize(model, 1)
    for name in ("keras3-lstm.keras", "keras3-lstm.weights.h5", "keras3-lstm-whole.h5"):
        (model.save_weights if "weights" in name else model.save)(path(name))
    expect("keras3-lstm", logarithm(speak(model, tokens)))

    model = keras.Sequential([
        keras.Input((None, V)), L.GRU(12, return_sequences=True), L.GRU(9, return_sequences=True),
        L.BatchNormalization(), L.TimeDistributed(L.Dense(11, activation="relu")), L.Dense(V)])
    randomize(model, 2)
    model.save(path("keras3-gru-norm.keras"))
    model.save_weights(path("keras3-gru-norm.weights.h5"))
    expect("keras3-gru-norm", speak(model, one_hot()))

    model = keras.Sequential([
        keras.Input((None,)), L.Embedding(V, 6),
        L.SimpleRNN(12, activation="relu", return_sequences=True),
        L.SimpleRNN(12, return_sequences=True), L.Dense(V), L.Activation("softmax")])
    randomize(model, 3)
    model.save(path("keras3-rnn.keras"))
    expect("keras3-rnn", logarithm(speak(model, tokens)))

    model = keras.Sequential([
        keras.Input((None,)), L.Embedding(V, 6),
        L.LSTM(8, recurrent_activation="hard_sigmoid", return_sequences=True), L.Dense(V)])
    randomize(model, 4)
    model.save(path("keras3-hard-sigmoid.keras"))
    expect("keras3-hard-sigmoid", speak(model, tokens))

    notes = keras.Input((25, 3))
    x = L.LSTM(10, return_sequences=True)(notes)
    model = keras.Model(notes, {
        "pitch": L.Dense(16, name="pitch")(x), "step": L.Dense(1, name="step")(x),
        "duration": L.Dense(1, name="duration")(x)})
    randomize(model, 5)
    model.save(path("keras3-heads.keras"))
    free = keras.Input((None, 3))
    x = model.layers[1](free)
    outputs = {n: model.get_layer(n)(x) for n in ("pitch", "step", "duration")}
    expect("keras3-heads", speak(keras.Model(free, outputs), NUMBERS[None]), NUMBERS)

    # Weights alone: the outputs' names are attributes, the order of layers nowhere.
    keras.Model(notes, {n: model.get_layer(n).output for n in ("pitch", "step", "duration")}
                ).save_weights(path("keras3-heads.weights.h5"))
    model = keras.Sequential([
        keras.Input((None, 1)), L.LSTM(12, return_sequences=True), L.Dropout(0.3),
        L.LSTM(12, return_sequences=True), L.Dense(12, activation="relu"),
        L.Dense(10, activation="relu"), L.Dense(V, activation="softmax")])
    randomize(model, 6)
    model.save_weights(path("keras3-chords.weights.h5"))
    expect("keras3-chords", logarithm(speak(model, (TOKENS / V).astype(np.float32)[None, :, None])))

    @keras.saving.register_keras_serializable()
    class MyModel(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.embedding = L.Embedding(V, 6)
            self.gru = L.GRU(10, return_sequences=True)
            self.dense = L.Dense(V)

        def call(self, x, training=False):
            return self.dense(self.gru(self.embedding(x), training=training))

    model = MyModel()
    model(tokens)
    randomize(model, 7)
    model.save(path("keras3-subclassed.keras"))
    model.save_weights(path("keras3-subclassed.weights.h5"))
    expect("keras3-subclassed", speak(model, tokens))

    model = keras.Sequential([
        keras.Input((None,)), L.Embedding(V, 4), L.Bidirectional(L.LSTM(4)), L.Dense(V)])
    model.save(path("keras3-bidirectional.keras"))


def make_keras2():
    import h5py
    import tensorflow as tf
    K = tf.keras
    L = K.layers
    assert tf.__version__.startswith("2.15.")
    tokens = TOKENS[None]

    model = K.Sequential([
        L.Embedding(V, 6, batch_input_shape=(1, None)),
        L.LSTM(9, return_sequences=True, stateful=True), L.Dropout(0.2),
        L.LSTM(9, return_sequences=True, stateful=True), L.Dropout(0.2),
        L.LSTM(9, return_sequences=True, stateful=True), L.Dropout(0.2),
        L.TimeDistributed(L.Dense(V)), L.Activation("softmax")])
    randomize(model, 11)
    model.save(path("keras2-stateful.h5"))
    model.save_weights(path("keras2-stateful-weights.h5"))
    model.save(path("keras2-stateful.keras"))
    model.reset_states()
    expect("keras2-stateful", logarithm(speak(model, tokens)))

    # As the first Keras wrote it: twelve arrays for an LSTM, gates one by one, c before f.
    with h5py.File(path("keras1-lstm.h5"), "w") as file:
        layers = []
        root = file.create_group("model_weights")

        def layer(class_name, name, arrays, **config):
            group = root.create_group(name)
            names = [f"{name}_{k}".encode() for k in arrays]
            group.attrs["weight_names"] = np.array(names) if names else np.zeros((0,))
            for key, value in zip(names, arrays.values()):
                group.create_dataset(key.decode(), data=value)
            layers.append({"class_name": class_name, "config": {"name": name, **config}})

        def split(weights):
            kernel, recurrent, bias = weights
            n = recurrent.shape[0]
            out = {}
            for gate, place in (("i", 0), ("c", 2), ("f", 1), ("o", 3)):
                part = slice(place * n, place * n + n)
                out[f"W_{gate}"], out[f"U_{gate}"] = kernel[:, part], recurrent[:, part]
                out[f"b_{gate}"] = bias[part]
            return out

        embedding, first, second, dense = (model.layers[i] for i in (0, 1, 3, 7))
        layer("Embedding", "embedding_1", {"W": embedding.get_weights()[0]}, input_dim=V,
              output_dim=6, batch_input_shape=[1, None], input_dtype="int32")
        layer("LSTM", "lstm_1", split(first.get_weights()), output_dim=9, activation="tanh",
              inner_activation="sigmoid", return_sequences=True, stateful=True)
        layer("Dropout", "dropout_1", {}, p=0.2)
        layer("LSTM", "lstm_2", split(second.get_weights()), output_dim=9, activation="tanh",
              inner_activation="hard_sigmoid", return_sequences=True, stateful=True)
        W, b = dense.get_weights()
        layer("TimeDistributed", "timedistributed_1", {"W": W, "b": b},
              layer={"class_name": "Dense", "config": {
                  "name": "dense_1", "output_dim": V, "activation": "linear"}})
        layer("Activation", "activation_1", {}, activation="softmax")
        root.attrs["layer_names"] = np.array([l["config"]["name"].encode() for l in layers])
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers}).encode()
        file.attrs["keras_version"] = b"1.2.2"
    second_model = K.Sequential([
        L.Embedding(V, 6, batch_input_shape=(1, None)), L.LSTM(9, return_sequences=True),
        L.LSTM(9, return_sequences=True, recurrent_activation="hard_sigmoid"),
        L.Dense(V, activation="softmax")])
    for target, source in zip(second_model.layers, (embedding, first, second, dense)):
        target.set_weights(source.get_weights())
    expect("keras1-lstm", logarithm(speak(second_model, tokens)))

    model = K.Sequential([
        L.GRU(9, return_sequences=True, reset_after=False, input_shape=(None, V)),
        L.GRU(8, return_sequences=True, reset_after=False, recurrent_activation="hard_sigmoid"),
        L.Dense(12, activation="tanh"), L.Dense(V, activation="softmax")])
    randomize(model, 12)
    model.save(path("keras2-gru-before.h5"))
    expect("keras2-gru-before", logarithm(speak(model, one_hot())))

    def notes_and_chords(window, sequences):
        return K.Sequential([
            L.LSTM(12, input_shape=(window, 1), return_sequences=True), L.Dropout(0.3),
            L.LSTM(12, return_sequences=sequences), L.BatchNormalization(), L.Dropout(0.3),
            L.Dense(12), L.Activation("relu"), L.BatchNormalization(), L.Dense(10),
            L.Activation("relu"), L.Dense(V), L.Activation("softmax")])

    model = notes_and_chords(100, False)
    randomize(model, 13)
    model.save(path("keras2-note-chords.h5"))
    free = notes_and_chords(None, True)
    free.set_weights(model.get_weights())
    expect("keras2-note-chords", logarithm(speak(free, (TOKENS / V).astype(np.float32)[None, :, None])))

    model = K.Sequential([
        L.Embedding(V, 6, batch_input_shape=(1, None)),
        L.GRU(9, return_sequences=True, stateful=True), L.Dense(V)])
    randomize(model, 14)
    model.save_weights(path("keras2-gru-weights.h5"))
    model.reset_states()
    expect("keras2-gru-weights", speak(model, tokens))

    # Layers for NVIDIA cards keep their kernels otherwise; Keras itself converts them on loading.
    for name, special, plain, options in (
            ("lstm", tf.compat.v1.keras.layers.CuDNNLSTM, L.LSTM, {}),
            ("gru", tf.compat.v1.keras.layers.CuDNNGRU, L.GRU, {"reset_after": True})):
        def network(cell, **options):
            return K.Sequential([
                L.Embedding(V, 6, batch_input_shape=(1, None), name="embedding"),
                cell(9, return_sequences=True, name="first", **options),
                cell(8, return_sequences=True, name="second", **options), L.Dense(V, name="scores")])
        model = network(special)
        randomize(model, 15)
        model.save(path(f"keras2-cudnn-{name}.h5"))
        model.save_weights(path(f"keras2-cudnn-{name}-weights.h5"))
        same = network(plain, **options)
        same.load_weights(path(f"keras2-cudnn-{name}-weights.h5"))
        expect(f"keras2-cudnn-{name}", speak(same, tokens))


# ---------------------------------------------------------------- ONNX
def make_onnx():
    import onnx
    import torch
    from onnx import helper, numpy_helper
    from torch import nn

    class Characters(nn.Module):
        def __init__(self, cell, units, layers, width=None, dense=(), **options):
            super().__init__()
            self.encoder = nn.Embedding(V, width) if width else None
            self.rnn = cell(width or V, units, layers, **options)
            self.decoder = nn.Sequential()
            for below, above in zip((units, *dense), (*dense, V)):
                if len(self.decoder):
                    self.decoder.append(nn.ReLU())
                self.decoder.append(nn.Linear(below, above))

        def layers(self, x, *state):
            x, state = self.rnn(x, *state)
            return self.decoder(x), state

    class Tokens(Characters):
        """Embedded tokens, one example."""

        def forward(self, tokens):
            return self.layers(self.encoder(tokens))[0]

    class Stateful(Characters):
        """The state comes from outside and goes there."""

        def forward(self, tokens, hidden, cell):
            scores, state = self.layers(self.encoder(tokens), (hidden, cell))
            return scores, *state

    class OneHot(Characters):
        """What to make of tokens is said in the graph; only the last step is scored."""

        def forward(self, tokens):
            scores = self.layers(nn.functional.one_hot(tokens, V).float())[0]
            return nn.functional.log_softmax(scores[:, -1], -1)

    class Given(Characters):
        """One input for each token; examples in the second dimension."""

        def forward(self, x):
            return self.layers(x)[0]

    def plain(model):
        """Without the paths of the machine that it was exported on."""
        for part in [model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output,
                     *model.graph.value_info, *model.graph.initializer]:
            del part.metadata_props[:]
            part.doc_string = ""
        del model.graph.value_info[:]
        return model

    def export(name, model, inputs, dynamo):
        more = {"external_data": False, "verbose": False} if dynamo else {}
        torch.onnx.export(model.eval(), inputs, path(name), dynamo=dynamo, **more)
        onnx.save(plain(onnx.load(path(name))), path(name))

    def say(name, model, turned=False):
        x = torch.tensor(TOKENS)[None]
        x = model.encoder(x) if model.encoder else nn.functional.one_hot(x, V).float()
        with torch.no_grad():
            scores = model.layers(x.transpose(0, 1) if turned else x)[0]
        expect(name, scores.reshape(STEPS, V).numpy())

    tokens = torch.tensor(TOKENS[:2])[None]
    for number, (name, make, inputs) in enumerate([
        ("onnx-lstm", lambda: Tokens(nn.LSTM, 12, 1, width=6, batch_first=True), (tokens,)),
        ("onnx-lstm-states",
         lambda: Stateful(nn.LSTM, 12, 2, width=6, dense=(14,), batch_first=True),
         (tokens, torch.zeros(2, 1, 12), torch.zeros(2, 1, 12))),
        ("onnx-gru", lambda: OneHot(nn.GRU, 12, 2, batch_first=True), (tokens,)),
        ("onnx-rnn", lambda: Given(nn.RNN, 12, 1, nonlinearity="relu", dense=(14,)),
         (torch.zeros(2, 1, V),)),
    ]):
        torch.manual_seed(40 + number)
        model = make()
        say(name, model, turned=name == "onnx-rnn")
        # The newer exporter writes a plain RNN step by step, which is refused.
        for dynamo in (False, True):
            export(f"{name}-{'dynamo' if dynamo else 'script'}.onnx", model, inputs, dynamo)

    torch.manual_seed(50)
    model = Tokens(nn.LSTM, 4, 1, width=3, batch_first=True, bidirectional=True)
    model.decoder[0] = nn.Linear(8, V)
    export("onnx-bidirectional.onnx", model, (tokens,), False)

    # What PyTorch does not have: a GRU that resets before it multiplies, in half precision.
    generator = np.random.default_rng(51)
    weights = {name: generator.normal(0, 0.5, shape).astype(np.float16) for name, shape in
               {"W": (1, 36, V), "R": (1, 36, 12), "B": (1, 72), "head": (12, V)}.items()}
    nodes = [
        helper.make_node("GRU", ["x", "W", "R", "B"], ["y"], hidden_size=12),
        helper.make_node("Squeeze", ["y", "one"], ["z"]),
        helper.make_node("MatMul", ["z", "head"], ["scores"])]
    tensors = [numpy_helper.from_array(v, k) for k, v in weights.items()]
    tensors.append(numpy_helper.from_array(np.array([1]), "one"))
    kind = onnx.TensorProto.FLOAT16
    graph = helper.make_graph(
        nodes, "gru", [helper.make_tensor_value_info("x", kind, [None, 1, V])],
        [helper.make_tensor_value_info("scores", kind, [None, 1, V])], tensors)
    onnx.save(helper.make_model(graph), path("onnx-gru-before.onnx"))
    w, r, b, head = (weights[name].astype(np.float64) for name in ("W", "R", "B", "head"))
    h, scores = np.zeros(12), []
    for token in TOKENS:
        def gate(part, x, own):
            rows = slice(12 * part, 12 * part + 12)
            return w[0, rows, x] + b[0, rows] + r[0, rows] @ own + b[0, 36:][rows]
        update, reset = (1 / (1 + np.exp(-gate(part, token, h))) for part in (0, 1))
        h = (1 - update) * np.tanh(gate(2, token, reset * h)) + update * h
        scores.append(h @ head)
    expect("onnx-gru-before", np.array(scores))


if __name__ == "__main__":
    {"torch": make_torch, "onnx": make_onnx, "lightning": make_lightning, "keras3": make_keras3, "keras2": make_keras2}[sys.argv[1]]()
