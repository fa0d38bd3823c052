"""Tables and goals from the figures that peers.py measured."""

import statistics

# What Lilt sets itself; each figure is a ratio of medians taken in turn in the same run.
SINGLE_INT8 = {"B": 2.3, "A": 5.0, "D": 2.4, "C": 2.8, "E": 18.0}
SINGLE_FP32 = {"A": 2.2, "B": 1.6, "E": 5.0, "D": 1.5, "C": 1.7}
AGAINST_KERAS = {"B": 30, "A": 50}
AGAINST_TORCH = {"B": 120, "A": 150}
BANDWIDTH_INT8, BANDWIDTH_FP32 = 0.85, 0.92
TWO_THREADS = {"B": 3.0, "A": 7.0}
SPEEDUP = {"B": 1.9, "D": 1.7, "A": 1.6}
STRETCH_INT4 = {1: 3.3, 2: 4.5}
KL_INT8 = {"large": 2e-5, "small": 2e-4}
BATCH_INT8 = {("B", 16): 1.45, ("B", 64): 1.7, ("B", 256): 1.6, ("A", 16): 1.7, ("A", 64): 1.7,
              ("A", 256): 1.7}
BATCH_FP32 = 1.3
START = {"numpy": 15, "onnxruntime-int8": 20, "torch": 150, "keras": 400}
START_UNCACHED = 7


class Figures:
    def __init__(self, results):
        self.results = results

    def values(self, key="speed", **facts):
        return [r[key] for r in self.results
                if r.get(key) is not None and all(r.get(k) == v for k, v in facts.items())]

    def median(self, key="speed", **facts):
        values = self.values(key, **facts)
        return statistics.median(values) if values else None

    def names(self, key, **facts):
        return list(dict.fromkeys(
            r[key] for r in self.results
            if key in r and all(r.get(k) == v for k, v in facts.items())))

    def best(self, among=lambda who: True, **facts):
        """The fastest peer and its median."""
        found = [(self.median(who=who, **facts), who) for who in self.names("who", **facts)
                 if not who.startswith("lilt") and among(who)]
        return max(found, default=(None, None))


def is_float(who):
    return not who.endswith(("int8", "bf16"))


def amount(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def speeds(figures, title, **facts):
    """Programs down, models or numbers of streams across."""
    across = "streams" if facts["part"] == "batch" else "model"
    columns = figures.names(across, **facts)
    rows = []
    for who in figures.names("who", **facts):
        cells = []
        for column in columns:
            values = figures.values(who=who, **{**facts, across: column})
            cells.append(
                f"{amount(statistics.median(values))} ({amount(min(values))}–{amount(max(values))})"
                if values else "–")
        rows.append([who, *cells])
    if not rows:
        return []
    for who in [name for name in figures.names("who", **facts) if name.startswith("lilt")]:
        cells = []
        for column in columns:
            own = figures.median(who=who, **{**facts, across: column})
            among = is_float if "fp32" in who else lambda peer: True
            peer, name = figures.best(among, **{**facts, across: column})
            cells.append(f"{own / peer:.2f} × {name}" if own and peer else "–")
        best = "best in fp32" if "fp32" in who else "best"
        rows.append([f"**{who} / {best}**", *cells])
    return ["", f"### {title}", "", *table([across, *map(str, columns)], rows)]


class Goals:
    def __init__(self):
        self.rows = []

    def check(self, number, what, value, wanted, above=True, form="{:.2f}", kind="goal"):
        if value is None:
            return
        passed = value >= wanted if above else value <= wanted
        verdict = ("reached" if passed else "missed") if kind == "goal" else (
            f"{kind}: " + ("reached" if passed else "missed"))
        sign = "≥" if above else "≤"
        self.rows.append([str(number), what, form.format(value), sign + " " + form.format(wanted), verdict])


def ratio(own, other):
    return own / other if own and other else None


def judge(figures):
    goals = Goals()
    single = lambda model, **more: dict(part="single", model=model, threads=1, streams=1, **more)
    for model in figures.names("model", part="single"):
        facts = single(model)
        own = figures.median(who="lilt int8", **facts)
        peer, who = figures.best(**facts)
        goals.check(1, f"{model}, int8 against the best peer ({who})", ratio(own, peer), SINGLE_INT8[model])
        peer, who = figures.best(is_float, **facts)
        full = figures.median(who="lilt fp32", **facts)
        goals.check(2, f"{model}, fp32 against the best in fp32 ({who})", ratio(full, peer), SINGLE_FP32[model])
        for name, wanted in (("keras", AGAINST_KERAS), ("torch", AGAINST_TORCH)):
            peer = figures.median(who=name, **facts)
            if model in wanted:
                goals.check(3, f"{model}, int8 against {name}", ratio(own, peer), wanted[model],
                            form="{:.0f}", kind="reported")
        if model in "BCD":
            goals.check(4, f"{model}, int8, share of the read bandwidth",
                        figures.median("share", who="lilt int8", **facts), BANDWIDTH_INT8)
        goals.check(4, f"{model}, fp32, share of the read bandwidth",
                    figures.median("share", who="lilt fp32", **facts), BANDWIDTH_FP32)
        if model in "BCD":
            small = figures.median(who="lilt int4", **facts)
            goals.check(6, f"{model}, int4 against the best peer, 1 thread",
                        ratio(small, figures.best(**facts)[0]), STRETCH_INT4[1], kind="stretch")
    for model in figures.names("model", part="threads"):
        two = dict(part="threads", model=model, threads=2)
        peer, who = figures.best(**two)
        own = figures.median(who="lilt int8", **two)
        if model in TWO_THREADS:
            goals.check(5, f"{model}, int8, 2 threads against the best ({who})", ratio(own, peer),
                        TWO_THREADS[model], kind="reported")
        if model in SPEEDUP:
            one = figures.median(who="lilt int8", **{**two, "threads": 1})
            goals.check(5, f"{model}, int8, 2 threads against 1", ratio(own, one), SPEEDUP[model],
                        kind="reported")
        if model == "B":
            goals.check(6, f"{model}, int4 against the best peer, 2 threads",
                        ratio(figures.median(who="lilt int4", **two), peer), STRETCH_INT4[2],
                        kind="stretch")
    judge_quality(figures, goals)
    judge_batches(figures, goals)
    judge_start(figures, goals)
    return goals.rows


def judge_quality(figures, goals):
    for model in figures.names("model", part="quality"):
        facts = dict(part="quality", model=model)
        own = figures.median("kl", who="lilt int8", **facts)
        trained = (figures.median("nll", **facts) or 9) < 3
        if own is not None and trained:
            size = "large" if (figures.median("weights", **facts) or 0) > 4e6 else "small"
            goals.check(7, f"{model}, int8, KL to doubles in nats", own, KL_INT8[size], False, "{:.1e}")
            for who in ("onnxruntime-int8", "torch-int8"):
                goals.check(7, f"{model}, int8, KL against that of {who}", own,
                            figures.median("kl", who=who, **facts) or 0, False, "{:.1e}")
            goals.check(7, f"{model}, int8, likeliest character the same",
                        figures.median("same", who="lilt int8", **facts), 0.99, form="{:.4f}")
        goals.check(2, f"{model}, fp32, largest difference to doubles",
                    figures.median("difference", who="lilt fp32", **facts), 1e-4, False, "{:.1e}")


def judge_batches(figures, goals):
    for model in figures.names("model", part="batch"):
        for streams in figures.names("streams", part="batch", model=model):
            facts = dict(part="batch", model=model, streams=streams)
            peer, who = figures.best(**facts)
            own = figures.median(who="lilt int8", **facts)
            goals.check(8, f"{model}, {streams} streams, int8 against the best peer ({who})",
                        ratio(own, peer), BATCH_INT8.get((model, streams), 1.45))
            peer, who = figures.best(is_float, **facts)
            goals.check(8, f"{model}, {streams} streams, fp32 against the best in fp32 ({who})",
                        ratio(figures.median(who="lilt fp32", **facts), peer), BATCH_FP32)
            for who, wanted in (("lilt int8", 0.80), ("lilt fp32", 0.88)):
                if model == "B":
                    goals.check(8, f"{model}, {streams} streams, {who}, share of the peak",
                                figures.median("peak", who=who, **facts), wanted)


def judge_start(figures, goals):
    own = figures.median("seconds", part="start", who="lilt")
    for who, wanted in START.items():
        peer = figures.median("seconds", part="start", who=who)
        goals.check(11, f"start to the first character against {who}", ratio(peer, own), wanted, form="{:.0f}")
    raw = figures.median("seconds", part="start", who="lilt without its cache")
    goals.check(11, "the same from the raw checkpoint against numpy",
                ratio(figures.median("seconds", part="start", who="numpy"), raw), START_UNCACHED)
    load = lambda who: figures.median("seconds", part="load", who=who)
    goals.check(12, "checkpoint opened, times safetensors safe_open",
                ratio(load("lilt int8 opened"), load("safetensors safe_open")), 1, False)
    goals.check(12, "ready to sample, int8, against torch.load and module",
                ratio(load("torch.load and module"), load("lilt int8 ready")), 40, form="{:.0f}")


def report(results):
    figures = Figures(results)
    lines = []
    for part, title in (("single", "Characters a second, one stream, one thread"),
                        ("avx2", "The same, Lilt with AVX2 instead of AVX-512")):
        lines += speeds(figures, title, part=part, threads=1)
    lines += speeds(figures, "One stream, one thread, between those of two", part="threads", threads=1)
    lines += speeds(figures, "One stream, two threads", part="threads", threads=2)
    for model in figures.names("model", part="batch"):
        lines += speeds(figures, f"Many streams, one thread, model {model}", part="batch", model=model)
    for part, title in (("start", "Start of the process to the first character, model B"),
                        ("load", "Loading, model B")):
        rows = []
        for who in figures.names("who", part=part):
            values = [1000 * v for v in figures.values("seconds", part=part, who=who)]
            rows.append([who, amount(statistics.median(values)), f"{amount(min(values))}–{amount(max(values))}"])
        if rows:
            lines += ["", f"### {title}", "", *table(["", "ms", "from–to"], rows)]
    rows = [[r["model"], r["who"], f"{r['difference']:.1e}", f"{100 * r['same']:.2f} %", f"{r['kl']:.1e}",
             f"{r['worst']:.1e}", f"{r['change']:+.5f}"] for r in results if r["part"] == "quality"]
    if rows:
        lines += ["", "### Distance to doubles", ""]
        lines += table(["model", "", "largest difference", "likeliest the same", "KL, nats", "worst",
                        "change of the text's nats"], rows)
    rows = judge(figures)
    if rows:
        lines += ["", "### Goals", "", *table(["", "", "measured", "wanted", ""], rows)]
    return "\n".join(lines).lstrip("\n")
