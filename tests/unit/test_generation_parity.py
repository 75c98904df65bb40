"""Sampling, greedy writing and beam search do what PyTorch's ``transformers`` does on the same network.

What it computed stands in fixtures/language; tests/make_language_fixtures.py made it.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from dlcore.language.beams import Beams, search
from dlcore.language.generation import Writer
from dlcore.language.sampling import Sampling, distribution

HERE = Path(__file__).parents[1] / "fixtures" / "language" / "gpt2"
SETTINGS = json.loads((HERE / "sampling.json").read_text())
SEARCHES = json.loads((HERE / "beams.json").read_text())


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer.load(HERE)


@pytest.mark.parametrize("number", range(len(SETTINGS)))
def test_the_next_token_is_drawn_with_the_same_probabilities(number: int) -> None:
    stored = np.load(HERE / "sampling.npz")
    predicted = distribution(stored["logits"], Sampling(**SETTINGS[number]), stored["seen"])
    assert predicted == pytest.approx(stored["chances"][number], abs=1e-6)
    assert ((predicted > 0) == (stored["chances"][number] > 0)).all()


def test_the_greedy_continuation_is_the_same_for_fifty_tokens(writer: Writer) -> None:
    stored = np.load(HERE / "numbers.npz")
    prompts = stored["prompts"].tolist()
    written = writer.write(prompts, Sampling(temperature=0), tokens=50)["tokens"]
    for prompt, new, expected in zip(prompts, written, stored["greedy"].tolist(), strict=True):
        assert prompt + new == expected


@pytest.mark.parametrize("number", range(len(SEARCHES)))
def test_beam_search_finds_the_same_texts(
    writer: Writer, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = SEARCHES[number]
    monkeypatch.setattr(writer, "tokenizer", copy.deepcopy(writer.tokenizer))
    if asked["eos"] is not None:
        writer.tokenizer.eos_token = writer.tokenizer.convert_ids_to_tokens(asked["eos"])
    beams = search(writer, Beams.start(asked["prompt"], asked["beams"]), tokens=asked["tokens"])
    assert [row for _, row in beams.done] == asked["sequences"]
    assert [score for score, _ in beams.done] == pytest.approx(asked["scores"], abs=1e-4)
