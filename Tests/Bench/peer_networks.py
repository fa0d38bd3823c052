"""The same character network in other libraries, for peers.py, which runs this file inside their
environments:

    peer_networks.py PEER MODEL.safetensors THREADS STREAMS [--first]

Reads commands from standard input, a JSON object a line, and answers each with one. With --first it
draws a single character, says so, and waits to be ended.
"""

import json
import os
import struct
import sys
import time

import numpy as np


class Network:
    """Weights as PyTorch names them: embedding (or one-hot), LSTM layers, dense layers, ReLU between."""

    def __init__(self, path):
        with open(path, "rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            header = json.loads(file.read(length))
        data = np.memmap(path, np.uint8, "r", 8 + length)
        self.path = path
        self.weights = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            part = data[start:end]
            if entry["dtype"] == "BF16":
                values = (part.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
            else:
                values = part.view({"F32": np.float32, "F16": np.float16}[entry["dtype"]])
            values = np.ascontiguousarray(values, np.float32)
            self.weights[name] = values.reshape(entry["shape"])
        self.vocabulary = json.loads(header.get("__metadata__", {}).get("vocabulary", "[]"))
        w = self.weights
        self.layers = []
        while f"lstm.weight_hh_l{len(self.layers)}" in w:
            n = len(self.layers)
            none = np.zeros(len(w[f"lstm.weight_hh_l{n}"]), np.float32)
            self.layers.append((
                w[f"lstm.weight_ih_l{n}"], w[f"lstm.weight_hh_l{n}"],
                w.get(f"lstm.bias_ih_l{n}", none), w.get(f"lstm.bias_hh_l{n}", none)))
        heads = sorted((k[:-7] for k in w if k.startswith("head") and k.endswith(".weight")),
                       key=lambda name: int(name.partition(".")[2] or 0))
        self.heads = [(w[h + ".weight"], w.get(h + ".bias", np.zeros(len(w[h + ".weight"]), np.float32)))
                      for h in heads]
        self.tokens = len(self.heads[-1][0])
        self.units = [layer[1].shape[1] for layer in self.layers]
        self.has_embedding = "embedding.weight" in w
        self.embedding = w["embedding.weight"] if self.has_embedding else np.eye(self.tokens, dtype=np.float32)


class Drawing:
    """Draws tokens from scores (streams, tokens) at temperature 1."""

    def __init__(self):
        self.random = np.random.default_rng(7)

    def one(self, scores):
        shares = np.exp(scores - scores.max()).cumsum()
        return min(int(shares.searchsorted(self.random.random() * shares[-1])), len(shares) - 1)

    def all(self, scores):
        shares = np.exp(scores - scores.max(1, keepdims=True)).cumsum(1)
        points = self.random.random((len(shares), 1)) * shares[:, -1:]
        return np.minimum((shares < points).sum(1), shares.shape[1] - 1)


def sigmoid(x):
    return 0.5 * np.tanh(0.5 * x) + 0.5


# Each peer is made of (network, streams, threads) and has reset() and step(tokens), which takes
# (streams) tokens and returns (streams, tokens) scores.

class NumPy:
    """With the embedding, the lowest input weights and their biases folded into one table."""

    def __init__(self, network, streams, threads, type=np.float32):
        self.network, self.streams, self.type = network, streams, type
        first = network.layers[0]
        self.table = (network.embedding.astype(type) @ first[0].T.astype(type)
                      + first[2].astype(type) + first[3].astype(type))
        self.matrices, self.biases = [first[1].astype(type)], [None]
        for below, own, bias, other in network.layers[1:]:
            self.matrices.append(np.ascontiguousarray(np.concatenate([below, own], 1), type))
            self.biases.append(bias.astype(type) + other.astype(type))
        self.heads = [(w.astype(type), b.astype(type)) for w, b in network.heads]
        self.reset()

    def reset(self):
        shape = lambda n: (n,) if self.streams == 1 else (self.streams, n)
        self.hidden = [np.zeros(shape(n), self.type) for n in self.network.units]
        self.cell = [np.zeros(shape(n), self.type) for n in self.network.units]

    def step(self, tokens):
        single = self.streams == 1
        x = None
        for n, matrix in enumerate(self.matrices):
            read = self.hidden[0] if n == 0 else np.concatenate([x, self.hidden[n]], -1)
            sums = matrix @ read if single else read @ matrix.T
            sums += (self.table[tokens[0]] if single else self.table[tokens]) if n == 0 else self.biases[n]
            units = self.network.units[n]
            new = np.tanh(sums[..., 2 * units:3 * units])
            self.cell[n] = sigmoid(sums[..., units:2 * units]) * self.cell[n] + sigmoid(sums[..., :units]) * new
            x = self.hidden[n] = sigmoid(sums[..., 3 * units:]) * np.tanh(self.cell[n])
        for n, (matrix, bias) in enumerate(self.heads):
            x = (matrix @ np.maximum(x, 0) if n else matrix @ x) + bias if single else (
                (np.maximum(x, 0) if n else x) @ matrix.T + bias)
        return x[None] if single else x


def torch_module(network):
    import torch
    from torch import nn

    class Module(nn.Module):
        def __init__(self):
            super().__init__()
            if network.has_embedding:
                self.embedding = nn.Embedding(*network.embedding.shape)
            self.lstm = nn.LSTM(network.layers[0][0].shape[1], network.units[0], len(network.units),
                                batch_first=True)
            self.head = nn.ModuleList([nn.Linear(w.shape[1], w.shape[0]) for w, _ in network.heads])

        def forward(self, tokens, hidden, cell):
            if network.has_embedding:
                x = self.embedding(tokens)
            else:
                x = nn.functional.one_hot(tokens, network.tokens).to(hidden.dtype)
            x, (hidden, cell) = self.lstm(x, (hidden, cell))
            for n, layer in enumerate(self.head):
                x = layer(torch.relu(x) if n else x)
            return x, hidden, cell

    module = Module().eval()
    with torch.no_grad():
        if network.has_embedding:
            module.embedding.weight.copy_(torch.from_numpy(network.embedding))
        for n, layer in enumerate(network.layers):
            for name, values in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), layer):
                getattr(module.lstm, f"{name}_l{n}").copy_(torch.from_numpy(values))
        for layer, (weights, bias) in zip(module.head, network.heads):
            layer.weight.copy_(torch.from_numpy(weights))
            layer.bias.copy_(torch.from_numpy(bias))
    return module


class Torch:
    def __init__(self, network, streams, threads, kind="eager"):
        import torch
        self.torch, self.network, self.streams, self.kind = torch, network, streams, kind
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        module = torch_module(network)
        self.type = torch.float32
        if kind == "bf16":
            module, self.type = module.bfloat16(), torch.bfloat16
        elif kind == "int8":
            import warnings
            warnings.filterwarnings("ignore")
            module = torch.ao.quantization.quantize_dynamic(
                module, {torch.nn.LSTM, torch.nn.Linear}, dtype=torch.qint8)
        self.module = module
        self.reset()
        if kind == "jit":
            example = (torch.zeros(streams, 1, dtype=torch.long), self.hidden, self.cell)
            self.module = torch.jit.optimize_for_inference(
                torch.jit.freeze(torch.jit.trace(module, example)))
        elif kind == "compile":
            self.module = torch.compile(module, mode="reduce-overhead")
        elif kind == "cell":
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            self.parts = [[getattr(module.lstm, f"{k}_l{n}") for k in names]
                          for n in range(len(network.units))]
            self.table = torch.from_numpy(network.embedding)

    def reset(self):
        shape = (len(self.network.units), self.streams, self.network.units[0])
        self.hidden = self.torch.zeros(shape, dtype=self.type)
        self.cell = self.torch.zeros(shape, dtype=self.type)

    def step(self, tokens):
        torch = self.torch
        with torch.inference_mode():
            read = torch.as_tensor(tokens)
            if self.kind == "cell":
                return self.step_cells(read)
            x, self.hidden, self.cell = self.module(read[:, None], self.hidden, self.cell)
            return x[:, 0].float().numpy()

    def step_cells(self, read):
        torch = self.torch
        x = self.table[read]
        hidden, cell = list(self.hidden), list(self.cell)
        for n, part in enumerate(self.parts):
            hidden[n], cell[n] = torch.lstm_cell(x, (hidden[n], cell[n]), *part)
            x = hidden[n]
        self.hidden, self.cell = hidden, cell
        for n, layer in enumerate(self.module.head):
            x = layer(torch.relu(x) if n else x)
        return x.numpy()


def onnx_graph(network):
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    nodes, constants, inputs, outputs = [], [], [], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def gates(values):
        """Input, forget, cell, output as input, output, forget, cell."""
        i, f, c, o = np.split(values, 4)
        return np.concatenate([i, o, f, c])

    inputs.append(helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "streams"]))
    nodes.append(helper.make_node("Gather", [constant("embedding", network.embedding), "tokens"], ["x"]))
    axis, x = constant("axis", np.array([1], np.int64)), "x"
    for n, (below, own, bias, other) in enumerate(network.layers):
        shape = [1, "streams", network.units[n]]
        for state in ("hidden", "cell"):
            inputs.append(helper.make_tensor_value_info(f"{state}{n}", TensorProto.FLOAT, shape))
            outputs.append(helper.make_tensor_value_info(f"{state}{n}out", TensorProto.FLOAT, shape))
        nodes.append(helper.make_node(
            "LSTM",
            [x, constant(f"W{n}", gates(below)[None]), constant(f"R{n}", gates(own)[None]),
             constant(f"B{n}", np.concatenate([gates(bias), gates(other)])[None]), "",
             f"hidden{n}", f"cell{n}"],
            [f"y{n}", f"hidden{n}out", f"cell{n}out"], hidden_size=network.units[n]))
        nodes.append(helper.make_node("Squeeze", [f"y{n}", axis], [f"x{n}"]))
        x = f"x{n}"
    for n, (weights, bias) in enumerate(network.heads):
        if n:
            nodes.append(helper.make_node("Relu", [x], [f"relu{n}"]))
            x = f"relu{n}"
        nodes.append(helper.make_node("MatMul", [x, constant(f"head{n}", weights.T)], [f"product{n}"]))
        x = "scores" if n == len(network.heads) - 1 else f"dense{n}"
        nodes.append(helper.make_node("Add", [f"product{n}", constant(f"bias{n}", bias)], [x]))
    outputs.insert(0, helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, "streams", network.tokens]))
    graph = helper.make_graph(nodes, "characters", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    return model


def onnx_files(network):
    """The graph and its int8 form beside the checkpoint, made once."""
    plain = network.path.removesuffix(".safetensors") + ".onnx"
    small = plain.removesuffix(".onnx") + ".int8.onnx"
    if not os.path.exists(small):
        import logging
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
        logging.disable(logging.WARNING)
        onnx.save(onnx_graph(network), plain)
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8)
    return plain, small


class ONNXRuntime:
    def __init__(self, network, streams, threads, is_int8=False):
        import onnxruntime
        self.network, self.streams = network, streams
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            onnx_files(network)[is_int8], options, providers=["CPUExecutionProvider"])
        self.reset()

    def reset(self):
        self.state = {f"{state}{n}": np.zeros((1, self.streams, units), np.float32)
                      for n, units in enumerate(self.network.units) for state in ("hidden", "cell")}
        self.names = list(self.state)

    def step(self, tokens):
        self.state["tokens"] = np.asarray(tokens, np.int64)[None]
        scores, *state = self.session.run(None, self.state)
        self.state = dict(zip(self.names, state))
        return scores[0]


class OpenVINO:
    def __init__(self, network, streams, threads):
        import openvino
        from openvino import properties
        self.network, self.streams = network, streams
        core = openvino.Core()
        model = core.read_model(onnx_files(network)[0])
        self.names = [f"{state}{n}" for n in range(len(network.units)) for state in ("hidden", "cell")]
        model.reshape({"tokens": [1, streams],
                       **{k: [1, streams, network.units[int(k[-1])]] for k in self.names}})
        compiled = core.compile_model(model, "CPU", {
            properties.inference_num_threads: threads,
            properties.hint.inference_precision: openvino.Type.f32,
            properties.hint.performance_mode: properties.hint.PerformanceMode.LATENCY})
        self.request = compiled.create_infer_request()
        self.reset()

    def reset(self):
        self.state = {k: np.zeros((1, self.streams, self.network.units[int(k[-1])]), np.float32)
                      for k in self.names}

    def step(self, tokens):
        self.state["tokens"] = np.asarray(tokens, np.int64)[None]
        self.request.infer(self.state)
        self.state = {k: self.request.get_tensor(k + "out").data.copy() for k in self.names}
        return self.request.get_tensor("scores").data[0]


def tensorflow(threads):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return tf


class Keras:
    """As the articles write it: a stateful model and predict_on_batch."""

    def __init__(self, network, streams, threads):
        tensorflow(threads)
        import keras
        L = keras.layers
        model = keras.Sequential([keras.Input(batch_shape=(streams, 1), dtype="int32")])
        model.add(L.Embedding(*network.embedding.shape))
        for units in network.units:
            model.add(L.LSTM(units, return_sequences=True, stateful=True))
        for n, (weights, _) in enumerate(network.heads):
            is_last = n == len(network.heads) - 1
            model.add(L.Dense(len(weights), activation="softmax" if is_last else "relu"))
        values = [network.embedding]
        for below, own, bias, other in network.layers:
            values += [below.T, own.T, bias + other]
        for weights, bias in network.heads:
            values += [weights.T, bias]
        model.set_weights(values)
        self.model = model

    def reset(self):
        for layer in self.model.layers:
            if hasattr(layer, "reset_states"):
                layer.reset_states()

    def step(self, tokens):
        shares = self.model.predict_on_batch(np.asarray(tokens, np.int32)[:, None])[:, 0]
        return np.log(np.maximum(shares, 1e-30))


class TensorFlow:
    """A tf.function whose state lives in variables."""

    def __init__(self, network, streams, threads, uses_xla=False):
        tf = tensorflow(threads)
        self.tf = tf
        table = tf.constant(network.embedding)
        layers = [(tf.constant(np.concatenate([b, o], 1).T), tf.constant(x + y))
                  for b, o, x, y in network.layers]
        heads = [(tf.constant(w.T.copy()), tf.constant(b)) for w, b in network.heads]
        self.states = [(tf.Variable(tf.zeros((streams, n))), tf.Variable(tf.zeros((streams, n))))
                       for n in network.units]

        @tf.function(jit_compile=uses_xla, input_signature=[tf.TensorSpec((streams,), tf.int32)])
        def step(tokens):
            x = tf.gather(table, tokens)
            for (matrix, bias), (hidden, cell) in zip(layers, self.states):
                i, f, c, o = tf.split(tf.matmul(tf.concat([x, hidden], 1), matrix) + bias, 4, 1)
                cell.assign(tf.sigmoid(f) * cell + tf.sigmoid(i) * tf.tanh(c))
                x = tf.sigmoid(o) * tf.tanh(cell)
                hidden.assign(x)
            for n, (matrix, bias) in enumerate(heads):
                x = tf.matmul(tf.nn.relu(x) if n else x, matrix) + bias
            return x

        self.run = step

    def reset(self):
        for pair in self.states:
            for variable in pair:
                variable.assign(self.tf.zeros_like(variable))

    def step(self, tokens):
        return self.run(self.tf.constant(tokens, self.tf.int32)).numpy()


def make(name, network, streams, threads):
    library, _, kind = name.partition("-")
    if library == "numpy":
        return NumPy(network, streams, threads)
    if library == "torch":
        return Torch(network, streams, threads, kind or "eager")
    if library == "onnxruntime":
        return ONNXRuntime(network, streams, threads, kind == "int8")
    if library == "openvino":
        return OpenVINO(network, streams, threads)
    if library == "keras":
        return Keras(network, streams, threads)
    return TensorFlow(network, streams, threads, kind == "xla")


def write(peer, streams, count, drawing=Drawing()):
    """Feeds characters that the peer draws back to it; each stream gets `count`."""
    if streams == 1:
        token = 0
        for _ in range(count):
            token = drawing.one(peer.step([token])[0])
    else:
        tokens = np.zeros(streams, np.int64)
        for _ in range(count):
            tokens = drawing.all(peer.step(tokens))


def answer(peer, streams, command):
    if command["do"] == "write":
        wall, cpu = time.perf_counter(), time.process_time()
        write(peer, streams, command["count"])
        return {"characters": command["count"] * streams, "wall": time.perf_counter() - wall,
                "cpu": time.process_time() - cpu}
    # The scores after each of some tokens, read from a zero state.
    peer.reset()
    tokens = np.load(command["tokens"])
    np.save(command["output"], np.stack([peer.step([int(t)])[0] for t in tokens]))
    return {}


def main():
    name, path, threads, streams = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if name == "files":
        onnx_files(Network(path))
        return
    peer = make(name, Network(path), streams, threads)
    peer.reset()
    if "--first" in sys.argv:
        write(peer, 1, 1)
        print("first", flush=True)
        sys.stdin.read()
        os._exit(0)
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(peer, streams, json.loads(line))), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
