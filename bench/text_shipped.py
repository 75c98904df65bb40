"""The shipped text networks, and a slider's part of a redraw, in a fresh process; JSON on the last line."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np

from bench.servers import ROOT
from bench.text_once import seconds
from dlcore.language.sampling import Sampling, best, distribution

ZOO = ROOT / "dlcore" / "zoo"
BEGINNING = "Once upon a time there was a little girl who lived in a"
TEXTS = [
    "A warm and funny film that never drags.",
    "Not a bad idea, but the second half is a mess and nobody seems to care.",
    "The actors are good; the story is not.",
    "I would watch it again tomorrow, and I hardly ever say that.",
    "Two hours I will not get back.",
]


def story() -> list[float]:
    """Tokens a second of storyteller-gpt as the page asks for them, in slices, with other seeds."""
    from dlcore.language.generation import Writer

    writer = Writer.load(ZOO / "storyteller-gpt")
    prompt = writer.encode(BEGINNING)
    rates = []
    for seed in range(6):
        rows, began = [list(prompt)], time.perf_counter()
        while len(rows[0]) < len(prompt) + 150:
            new = writer.write(rows, Sampling(), seed=seed, tokens=150, seconds=0.15)
            rows[0] += new["tokens"][0]
            if new["ended"][0]:
                break
        rates.append((len(rows[0]) - len(prompt)) / (time.perf_counter() - began))
    return rates[1:]  # the first compiles


def sentiment() -> dict[str, list[float]]:
    """Seconds of `sentiment` in a process that has TensorFlow: its first answer, and later ones to 32 tokens."""
    import dlcore.jobs  # noqa: F401  first, as in a worker
    from dlcore.language.sentiment import reader
    from dlcore.language.sentiment import sentiment as classify

    folder = ZOO / "sentiment"
    first = seconds(lambda: classify(folder, TEXTS[:1]))
    new = [seconds(lambda text=text: classify(folder, [text])) for text in TEXTS[1:]]
    words = " and ".join(TEXTS).split()
    text = next(
        " ".join(words[:n]) for n in range(40) if len(reader(folder).encode(" ".join(words[:n])).tokens) == 32
    )
    return {
        "first": [first],
        "sentiment": new,
        "32": [seconds(lambda: classify(folder, [text])) for _ in range(20)],
    }


def redraw() -> list[float]:
    """Seconds from logits and a slider's place to the candidates."""
    logits = np.random.default_rng(0).normal(0, 3, 50257).astype("float32")
    times = []
    for temperature in np.linspace(0.2, 1.8, 20):
        rules = Sampling(temperature=float(temperature), top_k=50, repetition_penalty=1.1)
        times.append(seconds(lambda rules=rules: best(distribution(logits, rules, np.arange(9)), 10)))
    return times


if __name__ == "__main__":
    results: dict[str, Any] = {"redraw": redraw(), "story": story()} | sentiment()
    print("\n" + json.dumps(results))
