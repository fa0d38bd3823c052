"""The network that Lilt plays, in PyTorch, and its file: safetensors, named as torch.nn.LSTM."""
import json
import math
import os
import struct
import tempfile

import torch

KINDS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Network(torch.nn.Module):
    """Characters to scores: an embedding, layers of LSTM, a head.

    Layer by layer, so that what is dropped can stay the same all along a sequence (`locked`), and
    recurrent weights can be dropped for a whole step (Merity et al. 2017, "DropConnect"). Layers
    compute in `kind`; in half precision, with batches up to 128 and sizes that 128 divides, cuDNN
    keeps the recurrent weights on the chip all along a sequence.
    """

    def __init__(self, vocabulary, embedding, hidden, layers, dropout=0.0, input_dropout=0.0,
                 locked=False, weight_dropout=0.0, character_dropout=0.0, kind=torch.float32):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, embedding)
        self.lstm = torch.nn.LSTM(embedding, hidden, layers)
        self.head = torch.nn.Linear(hidden, vocabulary)
        self.dropout, self.input_dropout, self.locked = dropout, input_dropout, locked
        self.weight_dropout, self.character_dropout = weight_dropout, character_dropout
        self.kind = kind
        # A gate that remembers at first lets gradients through (Jozefowicz et al. 2015).
        for layer in range(layers):
            bias = getattr(self.lstm, f"bias_ih_l{layer}").detach()
            bias[hidden : 2 * hidden] += 1

    def drop(self, x, share):
        """`x` [time, batch, units] with a share of it made 0 while training."""
        if not self.training or share == 0:
            return x
        if not self.locked:
            return torch.nn.functional.dropout(x, share)
        kept = torch.rand(1, x.shape[1], x.shape[2], device=x.device) >= share
        return x * (kept / (1 - share)).to(x.dtype)

    def forward(self, tokens, state=None):
        """Scores [batch, time, vocabulary] in float32 for tokens [batch, time], and the state."""
        out = self.embedding(tokens.t()).to(self.kind)
        if self.training and self.character_dropout:
            seen = torch.rand(out.shape[:2], device=out.device) >= self.character_dropout
            out = out * seen.unsqueeze(2).to(out.dtype)
        out = self.drop(out, self.input_dropout)
        if state is None:
            shape = (self.lstm.num_layers, tokens.shape[0], self.lstm.hidden_size)
            state = (out.new_zeros(shape), out.new_zeros(shape))
        ends = []
        for layer in range(self.lstm.num_layers):
            weights = [getattr(self.lstm, f"{part}_l{layer}")
                       for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            if self.training and self.weight_dropout:
                weights[1] = torch.nn.functional.dropout(weights[1], self.weight_dropout)
            start = tuple(part[layer:layer + 1].to(self.kind).contiguous() for part in state)
            out, hidden, cell = torch._VF.lstm(
                out, start, [weight.to(self.kind) for weight in weights],
                True, 1, 0.0, self.training, False, False)
            ends.append((hidden, cell))
            out = self.drop(out, self.dropout)
        state = tuple(torch.cat([end[part] for end in ends]) for part in (0, 1))
        scores = torch.nn.functional.linear(
            out, self.head.weight.to(self.kind), self.head.bias.to(self.kind))
        return scores.float().transpose(0, 1), state

    @property
    def sizes(self):
        return self.embedding.num_embeddings, self.embedding.embedding_dim, \
            self.lstm.hidden_size, self.lstm.num_layers

    @staticmethod
    def load(path, kind=torch.float32):
        """The network of a checkpoint, for reading only, and what the file says of it."""
        tensors, metadata = read_safetensors(path)
        vocabulary, embedding = tensors["embedding.weight"].shape
        layers = sum(name.startswith("lstm.weight_hh_l") for name in tensors)
        network = Network(vocabulary, embedding, tensors["head.weight"].shape[1], layers, kind=kind)
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        return network.eval().requires_grad_(False), metadata


class WeightAverage:
    """An average of the weights over the last steps (Polyak), for measuring and keeping."""

    def __init__(self, network, decay):
        self.decay, self.count = decay, 0
        self.weights = [weight.detach().clone() for weight in network.parameters()]

    @torch.no_grad()
    def add(self, network):
        self.count += 1
        share = 1 - min(self.decay, (1 + self.count) / (10 + self.count))
        torch._foreach_lerp_(self.weights, [w.detach() for w in network.parameters()], share)

    @torch.no_grad()
    def exchange(self, network):
        """Puts the average into the network and its weights here; twice is as before."""
        for own, weight in zip(self.weights, network.parameters()):
            kept = weight.detach().clone()
            weight.copy_(own)
            own.copy_(kept)


def safetensors(tensors, metadata, dtype):
    """The bytes of a safetensors file; dtype is f16 or f32."""
    name, kind = {"f16": ("F16", torch.float16), "f32": ("F32", torch.float32)}[dtype]
    header, data, offset = {"__metadata__": metadata}, [], 0
    for key, tensor in sorted(tensors.items()):
        raw = tensor.detach().to("cpu", kind).contiguous().numpy().tobytes()
        header[key] = {
            "dtype": name, "shape": list(tensor.shape), "data_offsets": [offset, offset + len(raw)]}
        offset += len(raw)
        data.append(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(data)


def read_safetensors(path):
    """Tensors by name, and the metadata."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = bytearray(file.read())
    metadata, tensors = header.pop("__metadata__", {}), {}
    kinds = {"F16": torch.float16, "F32": torch.float32, "BF16": torch.bfloat16}
    for name, entry in header.items():
        tensors[name] = torch.frombuffer(
            data, dtype=kinds[entry["dtype"]], offset=entry["data_offsets"][0],
            count=math.prod(entry["shape"])).reshape(entry["shape"])
    return tensors, metadata


def write(path, data):
    """Replaces a file as one step; data is bytes, or a function that writes to a file."""
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            data(file) if callable(data) else file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
