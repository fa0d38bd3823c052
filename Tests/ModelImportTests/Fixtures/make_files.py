#!/usr/bin/env python3
"""Writes small files of the kinds that people have beside state dicts and Keras models, as
`make_fixtures.py` does, and what each network says.

    make_files.py torch       needs torch, safetensors, numpy and scipy
    make_files.py onnx        needs torch, onnx and onnxscript
    make_files.py tensorflow  needs tensorflow-cpu 2.15 and h5py
"""
import os
import shutil
import sys
import tempfile

import numpy as np

from make_fixtures import TOKENS, V, expect, logarithm, path, randomize, speak


# ---------------------------------------------------------------- PyTorch
def make_torch():
    import scipy.io
    import torch
    from safetensors.torch import save_file
    from torch import nn
    tokens = torch.tensor(TOKENS)[None]

    # AWD-LSTM as fastai keeps it: raw weights, thinned copies of them, the embedding three times.
    torch.manual_seed(21)
    embedding, bias = nn.Embedding(V, 6), torch.randn(V) / 2
    layers = [nn.LSTM(6, 10, batch_first=True), nn.LSTM(10, 10, batch_first=True),
              nn.LSTM(10, 6, batch_first=True)]
    state = {"0.encoder.weight": embedding.weight, "0.encoder_dp.emb.weight": embedding.weight}
    for i, layer in enumerate(layers):
        state[f"0.rnns.{i}.weight_hh_l0_raw"] = layer.weight_hh_l0
        state[f"0.rnns.{i}.module.weight_ih_l0"] = layer.weight_ih_l0
        state[f"0.rnns.{i}.module.weight_hh_l0"] = nn.functional.dropout(layer.weight_hh_l0, 0.3)
        state[f"0.rnns.{i}.module.bias_ih_l0"] = layer.bias_ih_l0
        state[f"0.rnns.{i}.module.bias_hh_l0"] = layer.bias_hh_l0
    state["1.decoder.weight"], state["1.decoder.bias"] = embedding.weight, bias
    torch.save({"model": {k: v.detach().clone() for k, v in state.items()}, "opt": {"state": {}}},
               path("awd-lstm.pth"))
    with torch.no_grad():
        x = embedding(tokens)
        for layer in layers:
            x = layer(x)[0]
        expect("awd-lstm", (x[0] @ embedding.weight.T + bias).numpy())

    # Tied weights, kept once under either name.
    torch.manual_seed(22)
    table, lstm, bias = torch.randn(V, 12) / 2, nn.LSTM(12, 12, batch_first=True), torch.randn(V)
    inner = {"lstm." + k: v.detach() for k, v in lstm.state_dict().items()}
    save_file({**inner, "decoder.weight": table, "decoder.bias": bias}, path("tied-output.safetensors"))
    save_file({**inner, "encoder.weight": table, "decoder.bias": bias}, path("tied-embedding.safetensors"))
    with torch.no_grad():
        expect("tied", (lstm(table[tokens])[0][0] @ table.T + bias).numpy())

    model = nn.ModuleDict({"lstm": lstm, "fc": nn.Linear(12, V)})
    small = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, dtype=torch.qint8)
    torch.save(small.state_dict(), path("torch-quantised.pt"))

    # The letters of the formulas: stacked in the order input, output, forget, new; and gate by gate.
    r = np.random.RandomState(23)
    n = 10
    gates = {g: (r.randn(n, V) / 2, r.randn(n, n) / 2, r.randn(n, 1)) for g in "iofg"}
    out, c = r.randn(V, n), r.randn(V, 1)
    W, U, b = (np.concatenate([gates[g][k] for g in "iofg"]) for k in range(3))
    np.savez(path("formulas-iofg.npz"), W=W.astype("float32"), U=U.astype("float32"), b=b, V=out, c=c)
    for name, packed in ("formulas", True), ("formulas-plain", False):
        arrays = {f"{letter}_{g}": gates[g][k] for k, letter in enumerate("WUb") for g in "iofg"}
        scipy.io.savemat(path(name + ".mat"), {**arrays, "V": out, "c": c}, do_compression=packed)
    sigmoid, h, memory, rows = lambda x: 1 / (1 + np.exp(-x)), np.zeros(n), np.zeros(n), []
    for token in TOKENS:
        i, o, f, g = (gates[k][0][:, token] + gates[k][1] @ h + gates[k][2][:, 0] for k in "iofg")
        memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(memory)
        rows.append(out @ h + c[:, 0])
    expect("formulas", np.array(rows))
    # A plain network, as min-char-rnn names its matrices.
    Wxh, Whh, Why, bh, by = r.randn(n, V), r.randn(n, n) / 3, r.randn(V, n), r.randn(n, 1), r.randn(V, 1)
    np.savez_compressed(path("min-char-rnn.npz"), Wxh=Wxh, Whh=np.asfortranarray(Whh), Why=Why, bh=bh, by=by)
    h, rows = np.zeros(n), []
    for token in TOKENS:
        h = np.tanh(Wxh[:, token] + Whh @ h + bh[:, 0])
        rows.append(Why @ h + by[:, 0])
    expect("min-char-rnn", np.array(rows))


# ---------------------------------------------------------------- ONNX
def strip_paths(file):
    """Takes the paths of the machine that it was exported on out of an ONNX file; its data stays beside it."""
    import onnx
    model = onnx.load(file, load_external_data=False)
    for part in [model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output,
                 *model.graph.value_info, *model.graph.initializer]:
        del part.metadata_props[:]
        part.doc_string = ""
    del model.graph.value_info[:]
    with open(file, "wb") as out:
        out.write(model.SerializeToString())


def make_onnx():
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self, units, layers):
            super().__init__()
            self.embedding = nn.Embedding(V, 4)
            self.lstm = nn.LSTM(4, units, layers, batch_first=True)
            self.fc = nn.Linear(units, V)

        def forward(self, x):
            return self.fc(self.lstm(self.embedding(x))[0])

    example = (torch.zeros(1, 16, dtype=torch.long),)
    for name, units, layers, external in ("onnx-lstm-large", 48, 1, False), ("onnx-lstm-external", 20, 2, True):
        torch.manual_seed(units)
        model = Net(units, layers).eval()
        torch.onnx.export(model, example, path(name + ".onnx"), dynamo=True, external_data=external,
                          verbose=False)
        strip_paths(path(name + ".onnx"))
        with torch.no_grad():
            expect(name, model(torch.tensor(TOKENS)[None])[0].numpy())


# ---------------------------------------------------------------- TensorFlow
def keep_saved_model(model, kept):
    """Saves a model as a folder, of which only what is read is kept."""
    folder = tempfile.mkdtemp()
    model.save(folder, save_format="tf")
    os.makedirs(path(kept + "/variables"), exist_ok=True)
    for name in ("keras_metadata.pb", "variables/variables.index",
                 "variables/variables.data-00000-of-00001"):
        shutil.copy(os.path.join(folder, name), path(f"{kept}/{name}"))
    with open(os.path.join(folder, "saved_model.pb"), "rb") as file:
        begin = file.read(64)
    with open(path(kept + "/saved_model.pb"), "wb") as file:
        file.write(begin)


def make_tensorflow():
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    import h5py
    import tensorflow as tf
    K, L = tf.keras, tf.keras.layers
    tokens = TOKENS[None]
    # What training reads in the published notebooks: an embedding, a stateful LSTM, scores.
    model = K.Sequential([
        L.Embedding(V, 6, batch_input_shape=(1, None)), L.LSTM(9, return_sequences=True, stateful=True),
        L.LSTM(9, return_sequences=True, stateful=True), L.Dense(V)])
    randomize(model, 31)
    model.save_weights(path("tf-checkpoint"))
    os.remove(path("checkpoint"))
    model.reset_states()
    expect("tf-checkpoint", speak(model, tokens))
    # A whole model.
    model = K.Sequential([
        L.LSTM(8, input_shape=(None, V), return_sequences=True, recurrent_activation="hard_sigmoid"),
        L.Dense(7, activation="tanh"), L.Dense(V, activation="softmax")])
    randomize(model, 32)
    keep_saved_model(model, "tf-saved")
    expect("tf-saved", logarithm(speak(model, np.eye(V, dtype="float32")[TOKENS][None])))

    class Own(K.Model):
        def __init__(self):
            super().__init__()
            self.embedding, self.gru = L.Embedding(V, 6), L.GRU(8, return_sequences=True)
            self.dense = L.Dense(V)

        def call(self, x):
            return self.dense(self.gru(self.embedding(x)))

    model = Own()
    model(tokens)
    randomize(model, 33)
    model.compile(K.optimizers.Adam(), K.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.train_on_batch(tokens, tokens)
    tf.train.Checkpoint(model=model, optimizer=model.optimizer).write(path("tf-own"))
    expect("tf-own", speak(model, tokens))

    # Weights alone: a dense layer with Keras's default, no activation; and gates of the time before 2.3.
    def alone(name, gates, hidden, version):
        model = K.Sequential([
            L.Embedding(V, 6, input_shape=(None,)),
            L.LSTM(9, return_sequences=True, recurrent_activation=gates),
            *([L.Dense(8)] * hidden), L.Dense(V)])
        randomize(model, 34)
        model.save_weights(path(name + ".h5"))
        with h5py.File(path(name + ".h5"), "a") as file:
            file.attrs["keras_version"] = version
        expect(name, speak(model, tokens))

    alone("keras2-linear-dense", "sigmoid", 1, "2.11.0")
    alone("keras22-weights", "hard_sigmoid", 0, "2.2.0")

    # TensorFlow 1: one kernel for input and state, gates i, j, f, o, and 1 added to the forget gate.
    graph = tf.Graph()
    with graph.as_default(), tf.compat.v1.Session() as session:
        cell = tf.compat.v1.nn.rnn_cell.MultiRNNCell(
            [tf.compat.v1.nn.rnn_cell.BasicLSTMCell(7) for _ in range(2)])
        read = tf.one_hot(tf.constant(tokens), V)
        out, _ = tf.compat.v1.nn.dynamic_rnn(cell, read, dtype=tf.float32)
        weights = tf.compat.v1.get_variable("softmax_w", [7, V])
        bias = tf.compat.v1.get_variable("softmax_b", [V])
        scores = tf.tensordot(out, weights, 1) + bias
        session.run(tf.compat.v1.global_variables_initializer())
        for variable in tf.compat.v1.global_variables():
            variable.load(np.random.default_rng(35).standard_normal(variable.shape) / 2, session)
        tf.compat.v1.train.Saver().save(session, path("tf1-basic"), write_meta_graph=False)
        os.remove(path("checkpoint"))
        expect("tf1-basic", session.run(scores)[0])


if __name__ == "__main__":
    {"torch": make_torch, "onnx": make_onnx, "tensorflow": make_tensorflow}[sys.argv[1]]()
