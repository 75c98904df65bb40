"""A text network in a fresh process: ``python -m bench.text_once WAY WHAT FOLDER``, JSON on the last line.

``keras`` is what the app's worker does, with all that it imports, ``torch`` is Hugging Face's transformers on PyTorch; both load the same
checkpoint and its tokenizer, get the same tokens and answer with NumPy arrays or lists. Times are those
of a warm process: what runs first, imports and compilation, is in none of them.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

PROMPT, NEW = 32, 64
LATENCIES = {"1x32": (1, 32, 15), "16x64": (16, 64, 5)}
"""Texts, tokens of each, and how often they are read."""
Times = dict[str, Any]
Write = Callable[[list[list[int]], int, bool], list[list[int]]]
"""From prompts, the number of new tokens and whether to draw (else greedy), to the new tokens."""
Read = Callable[[list[list[int]]], np.ndarray]
"""From tokenized texts to logits."""


# -- the two ways -----------------------------------------------------------------------------


def keras_writer(folder: Path) -> Write:
    import dlcore.jobs  # noqa: F401  first, as in a worker
    from dlcore.language.generation import Writer
    from dlcore.language.sampling import Sampling

    writer = Writer.load(folder)
    rules = {True: Sampling(), False: Sampling(temperature=0)}
    return lambda rows, new, drawn: writer.write(rows, rules[drawn], tokens=new)["tokens"]


def keras_reader(folder: Path) -> Read:
    import dlcore.jobs  # noqa: F401  first, as in a worker
    from dlcore.language.sentiment import Reader

    return Reader(folder).logits


def torch_writer(folder: Path) -> Write:
    import torch
    from transformers import AutoTokenizer, GPT2LMHeadModel

    from dlcore.language.sampling import Sampling

    model = GPT2LMHeadModel.from_pretrained(folder).eval()
    end = AutoTokenizer.from_pretrained(folder).eos_token_id
    how = Sampling()
    drawing = {"temperature": how.temperature, "top_k": how.top_k, "top_p": how.top_p}

    def write(rows: list[list[int]], new: int, drawn: bool) -> list[list[int]]:
        tokens = torch.tensor(rows)
        written = model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=new,
            pad_token_id=end,
            eos_token_id=end,
            do_sample=drawn,
            **(drawing if drawn else {}),
        )
        return [row[len(rows[0]) :] for row in written.tolist()]

    return write


def torch_reader(folder: Path) -> Read:
    import torch
    from transformers import AutoTokenizer, DistilBertForSequenceClassification

    model = DistilBertForSequenceClassification.from_pretrained(folder).eval()
    AutoTokenizer.from_pretrained(folder)

    @torch.inference_mode()
    def read(rows: list[list[int]]) -> np.ndarray:
        tokens = torch.tensor(rows)
        return model(tokens, attention_mask=torch.ones_like(tokens)).logits.numpy()

    return read


WRITERS = {"keras": keras_writer, "torch": torch_writer}
READERS = {"keras": keras_reader, "torch": torch_reader}


# -- what is measured -------------------------------------------------------------------------


def write(way: str, folder: Path) -> Times:
    """Tokens a second of one and of four texts, the first token's seconds, and memory."""
    model = WRITERS[way](folder)
    size = json.loads((folder / "config.json").read_text())["vocab_size"]
    rng = np.random.default_rng(0)

    def prompt() -> list[int]:
        """A new one every time: what has been computed lately is kept."""
        return [int(token) for token in rng.integers(size, size=PROMPT)]

    def speed(count: int, drawn: bool) -> tuple[float, list[list[int]]]:
        rows = [prompt()] * count
        began = time.perf_counter()
        texts = model(rows, NEW, drawn)
        return sum(map(len, texts)) / (time.perf_counter() - began), texts

    _, greedy = speed(1, False)
    first = [seconds(lambda: model([prompt()], 1, False)) for _ in range(5)]
    one = [speed(1, False)[0] for _ in range(2)]
    memory, most = resident(), peak()
    speed(4, True)
    return {
        "greedy": greedy[0],
        "first": median(first),
        "one": median(one),
        "drawn": speed(1, True)[0],
        "four": speed(4, True)[0],
        "memory": memory,
        "peak": most,
    }


def read(way: str, folder: Path) -> Times:
    """Seconds to read one short text and sixteen longer ones, and memory."""
    model = READERS[way](folder)
    size = json.loads((folder / "config.json").read_text())["vocab_size"]
    rng = np.random.default_rng(0)
    result: Times = {"logits": []}
    for name, (texts, tokens, times) in LATENCIES.items():
        rows = rng.integers(1000, size, (texts, tokens)).tolist()
        result["logits"] += model(rows).ravel().tolist()
        model(rows)
        result[name] = median(seconds(lambda rows=rows: model(rows)) for _ in range(times))
    return result | {"memory": resident(), "peak": peak()}


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def resident() -> float:
    """Bytes of this process in memory."""
    return float(psutil.Process().memory_info().rss)


def peak() -> float:
    """The most bytes this process has had in memory."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:  # not Linux; macOS tells bytes
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return next(1024.0 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


WHAT = {"write": write, "read": read}

if __name__ == "__main__":
    way, what, folder = sys.argv[1:]
    print("\n" + json.dumps(WHAT[what](way, Path(folder))))
