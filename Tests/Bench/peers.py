"""Measures Lilt beside the libraries that people sample character networks with.

    peers.py PATH/TO/lilt [--quick] [--models B,A] [--peers numpy,torch] [--parts single,batch]

Same checkpoint, same machine, all programs in turn in every round; medians and ratios count, never
absolute figures. The libraries are installed into environments of their own below --folder, which
takes about 3 GB. --keep FILE adds the figures to a file and reports on all in it, so that one
comparison can be made of several runs; --report FILE measures nothing and only reports.

A peer's time with one thread is its CPU time or the wall clock, whichever is smaller; with two
threads it is the wall clock. Lilt's is what `lilt bench` says.
"""

import argparse
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peer_goals

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = {
    "torch": ["torch==2.13.0", "numpy==2.4.6", "onnx==1.23.2", "onnxruntime==1.31.1",
              "openvino==2026.4.1", "safetensors==0.8.0"],
    "tensorflow": ["tensorflow-cpu==2.21.0", "keras==3.15.1"],
}
# Characters, embedding (0: one-hot), LSTM layers, dense layers.
MODELS = {
    "A": (87, 512, [256, 256, 256], [87]),
    "B": (83, 256, [1024], [83]),
    "C": (359, 0, [512, 512], [512, 256, 359]),
    "D": (137, 0, [512, 512, 512], [137]),
    "E": (87, 64, [128, 128], [87]),
}
PEERS = ["numpy", "torch", "torch-cell", "torch-jit", "torch-bf16", "torch-int8", "onnxruntime",
         "onnxruntime-int8", "openvino", "keras", "tensorflow", "tensorflow-xla"]
BATCHED = ["numpy", "torch", "torch-cell", "torch-bf16", "torch-int8", "onnxruntime",
           "onnxruntime-int8", "openvino"]
THREADED = ["numpy", "torch-int8", "onnxruntime", "onnxruntime-int8", "openvino"]
STARTING = ["numpy", "torch", "torch-int8", "onnxruntime", "onnxruntime-int8", "openvino", "keras"]
PARTS = ["single", "avx2", "threads", "batch", "start", "load", "quality"]


def environment(folder, name):
    """The Python of an environment, made when it is not there yet."""
    place = os.path.join(folder, name)
    python = os.path.join(place, "bin", "python")
    mark = os.path.join(place, "requirements.json")
    wanted = REQUIREMENTS[name]
    if os.path.exists(mark) and json.load(open(mark)) == wanted:
        return python
    print(f"installing {', '.join(wanted)} into {place}", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-input",
                    "--disable-pip-version-check", *wanted], check=True)
    with open(mark, "w") as file:
        json.dump(wanted, file)
    return python


def make_model(name, path, python):
    """A checkpoint with random weights, drawn as PyTorch draws them, and a vocabulary."""
    characters = [chr(c) for c in (10, *range(32, 127), *range(0xc0, 0x200))][:MODELS[name][0]]
    code = """if True:
        import json, struct, sys
        import numpy as np
        path, count, embedding, units, dense, characters = json.loads(sys.argv[1])
        random, weights, width = np.random.default_rng(1), {}, embedding or count
        def add(name, bound, *shape):
            weights[name] = random.uniform(-bound, bound, shape).astype(np.float32)
        if embedding:
            weights["embedding.weight"] = random.standard_normal((count, embedding)).astype(np.float32)
        for n, size in enumerate(units):
            bound = size ** -0.5
            add(f"lstm.weight_ih_l{n}", bound, 4 * size, width)
            add(f"lstm.weight_hh_l{n}", bound, 4 * size, size)
            add(f"lstm.bias_ih_l{n}", bound, 4 * size)
            add(f"lstm.bias_hh_l{n}", bound, 4 * size)
            width = size
        for n, size in enumerate(dense):
            name = "head" if len(dense) == 1 else f"head.{n}"
            add(name + ".weight", width ** -0.5, size, width)
            add(name + ".bias", width ** -0.5, size)
            width = size
        header, place = {"__metadata__": {"vocabulary": json.dumps(characters)}}, 0
        for name, values in weights.items():
            header[name] = {"dtype": "F32", "shape": list(values.shape),
                            "data_offsets": [place, place + values.nbytes]}
            place += values.nbytes
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for values in weights.values():
                file.write(values.tobytes())
    """
    subprocess.run([python, "-c", code, json.dumps([path, *MODELS[name], characters])], check=True)


class Bench:
    def __init__(self, options):
        self.options = options
        self.cores = sorted(os.sched_getaffinity(0))
        self.results = []
        self.pythons = {}
        self.models = {}

    # ------------------------------------------------------------ what is there

    def python(self, peer="torch"):
        name = "tensorflow" if peer.startswith(("keras", "tensorflow")) else "torch"
        if name not in self.pythons:
            self.pythons[name] = environment(self.options.folder, name)
        return self.pythons[name]

    def model(self, name):
        if name not in self.models:
            folder = os.path.join(self.options.folder, "models")
            os.makedirs(folder, exist_ok=True)
            path = os.path.join(folder, name + ".safetensors")
            if not os.path.exists(path):
                make_model(name, path, self.python())
            self.models[name] = path
            self.graphs(path)
        return self.models[name]

    def graphs(self, path):
        """ONNX files beside a checkpoint, so that nobody's start pays for making them."""
        if any(p.startswith(("onnx", "openvino")) for p in self.options.peers):
            subprocess.run([self.python(), HERE + "/peer_networks.py", "files", path, "1", "1"],
                           check=True, stderr=subprocess.DEVNULL)

    def pinned(self, threads):
        cores = self.cores[-1:] if threads == 1 else self.cores[:threads]
        return ["taskset", "-c", ",".join(map(str, cores))] if shutil.which("taskset") else []

    def surroundings(self, threads, kernels=None):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        plus = {"LILT_KERNELS": kernels} if kernels else {}
        return {**os.environ, **{name: str(threads) for name in names}, **plus}

    def add(self, **facts):
        self.results.append(facts)
        if self.options.keep:
            with open(self.options.keep, "a") as file:
                file.write(json.dumps(facts) + "\n")

    # ------------------------------------------------------------ programs

    def lilt(self, model, precision, threads=1, streams=1, kernels=None, characters=None):
        command = [*self.pinned(threads), self.options.lilt, "bench", "--json", "--rounds", "1",
                   "--checkpoint", model, "--precision", precision, "--streams", str(streams)]
        if characters:
            command += ["--characters", str(characters)]
        if "--threads" in self.help():
            command += ["--threads", str(threads)]
        elif threads > 1:
            return None
        done = subprocess.run(command, capture_output=True, text=True,
                              env=self.surroundings(threads, kernels))
        return json.loads(done.stdout) if done.returncode == 0 else None

    def help(self):
        if not hasattr(self, "_help"):
            self._help = subprocess.run([self.options.lilt, "bench", "--help"], capture_output=True,
                                        text=True).stdout
        return self._help

    def worker(self, peer, model, threads, streams, *more):
        return subprocess.Popen(
            [*self.pinned(threads), self.python(peer), HERE + "/peer_networks.py", peer, model,
             str(threads), str(streams), *more],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=self.surroundings(threads))

    @staticmethod
    def ask(process, command):
        process.stdin.write(json.dumps(command) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        return json.loads(line) if line else None

    def speed(self, answer, threads):
        seconds = answer["wall"] if threads > 1 else min(answer["wall"], answer["cpu"])
        return answer["characters"] / max(seconds, 1e-9)

    # ------------------------------------------------------------ speed

    def compare(self, part, name, peers, own, threads=1, streams=1):
        """Peers and Lilt in turn. `own`: pairs of precision and instruction set."""
        options = self.options
        model = self.model(name)
        workers, counts, lengths = {}, {}, {}
        for peer in peers:
            process = self.worker(peer, model, threads, streams)
            if not process.stdout.readline():
                print(f"{peer} does not run {name}", file=sys.stderr)
                continue
            count, answer = 4, None
            while answer is None or answer["wall"] < options.seconds / 8:
                count *= 2
                answer = self.ask(process, {"do": "write", "count": count})
                if answer is None:
                    break
            if answer:
                workers[peer] = process
                counts[peer] = max(1, int(count * options.seconds / answer["wall"]))
        for kind in own:
            first = self.lilt(model, kind[0], threads, streams, kind[1], 400 * streams)
            if first:
                lengths[kind] = max(streams, int(first["characters_per_second"] * options.seconds))
        for number in range(options.rounds):
            for peer, process in workers.items():
                answer = self.ask(process, {"do": "write", "count": counts[peer]})
                self.add(part=part, model=name, threads=threads, streams=streams, round=number,
                         who=peer, speed=self.speed(answer, threads))
            for kind in lengths:
                answer = self.lilt(model, kind[0], threads, streams, kind[1], lengths[kind])
                who = f"lilt {kind[0]}" + (f" {kind[1]}" if kind[1] else "")
                self.add(part=part, model=name, threads=threads, streams=streams, round=number,
                         who=who, speed=answer["characters_per_second"],
                         share=answer.get("bandwidth_share"),
                         peak=answer.get("arithmetic_share"), kernels=answer.get("kernels"))
        for process in workers.values():
            process.stdin.close()
            process.wait()

    def chosen(self, peers):
        return [peer for peer in peers if peer in self.options.peers]

    def single(self):
        precisions = [("int8", None), ("fp32", None), ("bf16", None), ("int4", None)]
        for name in self.options.models:
            self.compare("single", name, self.chosen(PEERS), precisions)

    def avx2(self):
        for name in self.options.models:
            self.compare("avx2", name, self.chosen(["onnxruntime-int8", "numpy"]),
                         [("int8", "avx2"), ("fp32", "avx2"), ("bf16", "avx2")])

    def threads(self):
        for name in self.options.models:
            own = [("int8", None), ("fp32", None), ("int4", None)]
            self.compare("threads", name, [], own, threads=1)
            self.compare("threads", name, self.chosen(THREADED), own, threads=2)

    def batch(self):
        for name in [n for n in self.options.models if n in self.options.batched]:
            for streams in self.options.streams:
                self.compare("batch", name, self.chosen(BATCHED),
                             [("int8", None), ("fp32", None), ("bf16", None)], streams=streams)

    # ------------------------------------------------------------ start and load

    def start(self):
        """From the start of the process to its first character, with files in memory: each program
        is started twice in a row, and the second time counts. The processor is chosen here, as
        starting taskset first would take as long as anything that is measured."""
        model = self.model("B")
        everywhere = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self.cores[-1:])
        try:
            for number in range(self.options.rounds):
                for peer in self.chosen(STARTING):
                    command = [self.python(peer), HERE + "/peer_networks.py", peer, model, "1", "1", "--first"]
                    self.first_line(number, peer, command, {})
                command = [self.options.lilt, "generate", "--checkpoint", model, "--precision", "int8",
                           "--free", "--characters", "1"]
                # A tune is written at once: its first line comes with the character.
                self.first_line(number, "lilt", command, {})
                self.first_line(number, "lilt without its cache", command,
                                {"XDG_CACHE_HOME": "/dev/null/none"})
        finally:
            os.sched_setaffinity(0, everywhere)

    def first_line(self, number, who, command, more):
        for _ in range(2):
            began = time.perf_counter()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**self.surroundings(1), **more})
            line = process.stdout.readline()
            seconds = time.perf_counter() - began
            process.communicate()
        if line:
            self.add(part="start", model="B", round=number, who=who, seconds=seconds)

    def load(self):
        """Until the weights can be used, inside a process that runs already."""
        model = self.model("B")
        code = """if True:
            import sys, time, statistics
            import torch
            from safetensors import safe_open
            sys.path.insert(0, sys.argv[2])
            from peer_networks import Network, torch_module
            torch.set_grad_enabled(False)
            path, state = sys.argv[1], sys.argv[1] + ".pt"
            torch.save(torch_module(Network(path)).state_dict(), state)
            def median(work):
                times = []
                for _ in range(15):
                    start = time.perf_counter()
                    work()
                    times.append(time.perf_counter() - start)
                return statistics.median(times)
            def opened():
                with safe_open(path, "pt") as file:
                    return [file.get_tensor(name) for name in file.keys()]
            shell = Network(path)
            def loaded():
                values = torch.load(state, weights_only=True)
                module = torch.nn.ModuleDict({
                    "embedding": torch.nn.Embedding(*shell.embedding.shape),
                    "lstm": torch.nn.LSTM(shell.layers[0][0].shape[1], shell.units[0], len(shell.units)),
                    "head": torch.nn.ModuleList([torch.nn.Linear(w.shape[1], w.shape[0])
                                                 for w, _ in shell.heads])})
                module.load_state_dict(values)
            print(median(opened), median(loaded))
        """
        for number in range(self.options.rounds):
            done = subprocess.run([*self.pinned(1), self.python(), "-c", code, model, HERE],
                                  capture_output=True, text=True, env=self.surroundings(1))
            opened, loaded = map(float, done.stdout.split())
            self.add(part="load", model="B", round=number, who="safetensors safe_open", seconds=opened)
            self.add(part="load", model="B", round=number, who="torch.load and module", seconds=loaded)
            for precision in ("int8", "fp32"):
                answer = self.lilt(model, precision, characters=100)
                for key, who in (("load_milliseconds", "ready"), ("open_milliseconds", "opened")):
                    if answer and key in answer:
                        self.add(part="load", model="B", round=number, who=f"lilt {precision} {who}",
                                 seconds=answer[key] / 1000)

    # ------------------------------------------------------------ quality

    def quality(self):
        """How far every precision is from doubles, on text that the model itself knows."""
        for name, model in self.subjects():
            self.graphs(model)
            with tempfile.TemporaryDirectory() as folder:
                text = os.path.join(folder, "text")
                self.write_text(name, model, text)
                job = json.dumps([model, text, folder, HERE])
                code = """if True:
                    import json, sys
                    import numpy as np
                    model, text, folder, here = json.loads(sys.argv[1])
                    sys.path.insert(0, here)
                    from peer_networks import Network, NumPy
                    network = Network(model)
                    index = {c: n for n, c in enumerate(network.vocabulary)}
                    tokens = np.array([index[c] for c in open(text, newline="").read()])
                    np.save(folder + "/tokens.npy", tokens)
                    print(sum(values.size for values in network.weights.values()))
                    peer = NumPy(network, 1, 1, np.float64)
                    np.save(folder + "/reference.npy", np.stack([peer.step([t])[0] for t in tokens]))
                """
                done = subprocess.run([self.python(), "-c", code, job], check=True,
                                      capture_output=True, text=True)
                weights = int(done.stdout)
                outputs = {}
                for peer in self.chosen(["torch", "torch-int8", "onnxruntime-int8", "onnxruntime"]):
                    output = f"{folder}/{peer}.npy"
                    process = self.worker(peer, model, 1, 1)
                    process.stdout.readline()
                    self.ask(process, {"do": "logits", "tokens": folder + "/tokens.npy", "output": output})
                    process.stdin.close()
                    process.wait()
                    outputs[peer] = output
                for precision in ("fp32", "bf16", "int8", "int4"):
                    output = f"{folder}/{precision}.f32"
                    done = subprocess.run(
                        [self.options.lilt, "score", "--checkpoint", model, "--precision", precision,
                         "--logits", output, text], capture_output=True, text=True)
                    if done.returncode == 0:
                        outputs["lilt " + precision] = output
                    else:
                        print(done.stderr.partition("\n")[0], file=sys.stderr)
                code = """if True:
                    import json, sys
                    import numpy as np
                    folder, outputs = json.loads(sys.argv[1])
                    tokens = np.load(folder + "/tokens.npy")
                    wanted = np.load(folder + "/reference.npy")
                    def logs(scores):
                        scores = scores - scores.max(1, keepdims=True)
                        return scores - np.log(np.exp(scores).sum(1, keepdims=True))
                    p = logs(wanted)
                    rows = np.arange(len(tokens) - 1)
                    nll = -p[rows, tokens[1:]].mean()
                    for who, path in outputs.items():
                        found = np.load(path) if path.endswith(".npy") else np.fromfile(path, "<f4")
                        found = found.reshape(wanted.shape).astype(np.float64)
                        q = logs(found)
                        kl = (np.exp(p) * (p - q)).sum(1)
                        print(json.dumps({
                            "who": who, "kl": kl.mean(), "worst": kl.max(), "nll": nll,
                            "change": -q[rows, tokens[1:]].mean() - nll,
                            "same": float((q.argmax(1) == p.argmax(1)).mean()),
                            "difference": np.abs(found - wanted).max(), "characters": len(tokens)}))
                """
                done = subprocess.run([self.python(), "-c", code, json.dumps([folder, outputs])],
                                      check=True, capture_output=True, text=True)
                for line in done.stdout.splitlines():
                    self.add(part="quality", model=name, weights=weights, **json.loads(line))

    def subjects(self):
        folder = os.path.join(self.options.folder, "models")
        os.makedirs(folder, exist_ok=True)
        for path in self.options.checkpoints:
            # A copy: ONNX files will lie beside it.
            name = os.path.basename(path).removesuffix(".safetensors")
            copy = os.path.join(folder, "trained-" + name + ".safetensors")
            for old in (copy, copy.replace(".safetensors", ".onnx"), copy.replace(".safetensors", ".int8.onnx")):
                if os.path.exists(old):
                    os.remove(old)
            shutil.copy(path, copy)
            yield name, copy
        for name in self.options.models:
            yield name, self.model(name)

    def write_text(self, name, model, path):
        """Tunes of a trained model; of a random one, characters it draws."""
        if name in MODELS:
            code = "import json,struct,sys,random; f=open(sys.argv[1],'rb'); n=struct.unpack('<Q',f.read(8))[0]; v=json.loads(json.loads(f.read(n))['__metadata__']['vocabulary']); random.seed(5); open(sys.argv[2],'w',newline='').write(''.join(random.choices(v,k=200)))"
            subprocess.run([sys.executable, "-c", code, model, path], check=True)
            return
        written = subprocess.run(
            [self.options.lilt, "generate", "--checkpoint", model, "--precision", "fp32", "--free",
             "-k", "3" if self.options.quick else "12", "--format", "json"],
            capture_output=True, text=True, check=True).stdout
        with open(model, "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        known = set(json.loads(header["__metadata__"]["vocabulary"]))
        text = "".join(json.loads(line)["abc"] for line in written.splitlines())
        with open(path, "w", newline="") as file:
            file.write("".join(c for c in text if c in known)[:20000])


def main():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    split = lambda text: [word for word in text.split(",") if word]
    parser.add_argument("lilt", nargs="?", default="lilt")
    parser.add_argument("--quick", action="store_true", help="short rounds, models B and E")
    parser.add_argument("--models", type=split)
    parser.add_argument("--peers", type=split, default=PEERS)
    parser.add_argument("--parts", type=split, default=PARTS, help=",".join(PARTS))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of each program in each round")
    parser.add_argument("--streams", type=lambda t: [int(n) for n in t.split(",")], default=[16, 64, 256])
    parser.add_argument("--batched", type=split, default=["A", "B"], help="models of the part batch")
    parser.add_argument("--checkpoints", type=split, default=[], help="trained ones, for the part quality")
    parser.add_argument("--folder", default=os.path.join(cache, "lilt-peers"))
    parser.add_argument("--keep", help="a file of figures to add to, and to report on")
    parser.add_argument("--report", help="only report on a file that --keep wrote")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"'{part}' is none of {', '.join(PARTS)}")
    if options.models is None:
        options.models = ["B", "E"] if options.quick else list("BAECD")
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = options.seconds or (0.2 if options.quick else 0.5)
    bench = Bench(options)
    if options.report:
        options.keep = options.report
    else:
        for part in options.parts:
            getattr(bench, part)()
    if options.keep:
        with open(options.keep) as file:
            bench.results = [json.loads(line) for line in file]
    print(peer_goals.report(bench.results))


if __name__ == "__main__":
    main()
