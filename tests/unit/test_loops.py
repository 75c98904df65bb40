"""A network that goes from step to step answers compiled, and as it would step by step."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.previews import outputs
from dlcore.recipe import Recipe


@pytest.mark.parametrize("data", ["toy_reviews", "sine"])
def test_it_answers_the_same_also_after_its_weights_have_changed(data: str):
    recipe = Recipe.parse({"dataset": data, "architecture": {"kind": "lstm", "bidirectional": True}})
    model = recipe.build()
    part = recipe.dataset.load(1).train
    for _ in range(2):
        for size in (3, 20):
            x = part[:size].kept
            np.testing.assert_allclose(outputs(model, x), model(x, training=False), atol=1e-6)
        model.set_weights([weight + 0.1 for weight in model.get_weights()])
    assert "compiled_loop" in model.__dict__


def test_a_network_without_steps_stays_as_it_is():
    recipe = Recipe.parse({"dataset": "digits", "architecture": {"kind": "mlp"}})
    model = recipe.build()
    outputs(model, np.zeros((2, 8, 8, 1), "float32"))
    assert "compiled_loop" not in model.__dict__
