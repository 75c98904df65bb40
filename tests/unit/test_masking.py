"""Padding changes nothing: a padded batch gives what single texts give, whatever reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlcore.architectures import ARCHITECTURES
from dlcore.problem import Problem

pytestmark = pytest.mark.slow

LENGTH = 12
SIZES = (12, 7, 3, 1)
PROBLEM = Problem((LENGTH,), ("a", "b", "c"), vocabulary=50)


def cases() -> dict[str, dict[str, Any]]:
    """Every family that reads texts, and every switch of it that has to do with steps."""
    found = {}
    for kind, family in ARCHITECTURES.items():
        if family.usual().lacks(PROBLEM):
            continue
        found[kind] = {"kind": kind}
        fields = family.model_fields
        for name in sorted({"bidirectional", "attention"} & fields.keys()):
            found[f"{kind} {name}"] = {"kind": kind, name: True, "layers": 2}
        if "positions" in fields:
            found[f"{kind} sinusoidal"] = {"kind": kind, "positions": "sinusoidal"}
    return found


CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_a_padded_batch_gives_what_single_texts_give(name: str):
    values = CASES[name]
    network = ARCHITECTURES[values["kind"]].model_validate(values).parts(PROBLEM)["network"]
    model = network.build(seed=1)
    rng = np.random.default_rng(0)
    weights = [weight + rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()]
    model.set_weights(weights)
    rows = np.zeros((len(SIZES), LENGTH), "int32")
    for row, size in zip(rows, SIZES, strict=True):
        row[:size] = rng.integers(1, 50, size)
    together = np.asarray(model(rows))
    assert np.ptp(together, axis=0).max() > 1e-3  # it does look
    for row, size, answer in zip(rows, SIZES, together, strict=True):
        alone = replace(network, input_shape=(size,)).build(seed=2)
        alone.set_weights(weights)
        assert np.asarray(alone(row[None, :size]))[0] == pytest.approx(answer, abs=1e-5)


def test_every_family_of_texts_is_here():
    assert {"mlp", "rnn", "lstm", "gru", "transformer"} <= CASES.keys()
