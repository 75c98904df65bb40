"""Gates: from what is shown of them, Keras' own layer computes its output."""

from __future__ import annotations

import keras
import numpy as np
import plotly.graph_objects
import pytest

from dlcore.charts.gate_plot import gate_plot
from dlcore.gates import gated_layers, gates_over_window, layer_steps
from dlcore.layers.gates import sigmoid
from dlcore.recipe import Recipe

CASES = {
    "plain": {},
    "stacked": {"layers": 2},
    "bidirectional": {"bidirectional": True},
    "stacked both ways": {"layers": 2, "bidirectional": True},
    "attention": {"attention": True, "layers": 2},
}


def trained(kind: str, options: dict) -> tuple[Recipe, keras.Model]:
    """A network whose weights are not small, so that gates are not all about one half."""
    recipe = Recipe.parse(
        {
            "dataset": {"name": "weather", "window": 12, "horizon": 2},
            "architecture": {"kind": kind, "units": 8} | options,
        }
    )
    model = recipe.build()
    rng = np.random.default_rng(0)
    model.set_weights([2 * weight + rng.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
    return recipe, model


def outputs_of(steps: dict[str, np.ndarray], *, backward: bool) -> np.ndarray:
    """The hidden state at every step, from the gates alone."""
    if "output gate" in steps:
        return steps["output gate"] * np.tanh(steps["cell state"])
    order = slice(None, None, -1 if backward else 1)
    hidden, found = np.zeros(steps["update gate"].shape[1]), []
    for update, candidate in zip(steps["update gate"][order], steps["candidate"][order], strict=True):
        hidden = update * hidden + (1 - update) * candidate
        found.append(hidden)
    return np.array(found)[order]


@pytest.mark.parametrize("options", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_keras_computes_its_output_from_these_gates(kind, options):
    recipe, model = trained(kind, options)
    split = recipe.dataset.load(1)
    x = split.test[5:6].x
    layers = gated_layers(recipe)
    assert len(layers) == options.get("layers", 1) * (2 if options.get("bidirectional") else 1)
    for place, backward in layers.values():
        steps = layer_steps(recipe, model, x, place, backward=backward)
        hidden = outputs_of(steps, backward=backward)
        layer = model.get_layer(recipe.parts["network"].rows()[place].name)
        theirs = np.asarray(keras.Model(model.inputs[0], layer.output)(x))[0]
        units = slice(8, None) if backward else slice(8)
        ours = hidden if theirs.ndim == 2 else hidden[0] if backward else hidden[-1]
        assert ours == pytest.approx(theirs[..., units], abs=1e-5)
        assert steps["hidden state"] == pytest.approx(hidden, abs=1e-5)
        for name, values in steps.items():
            if name.endswith("gate"):
                assert values.min() >= 0 and values.max() <= 1
                assert np.ptp(values) > 0.3, "a gate that is never moved says nothing"


def test_the_cell_keeps_what_the_forget_gate_leaves_and_takes_what_the_input_gate_lets_in():
    recipe, model = trained("lstm", {})
    steps = layer_steps(recipe, model, recipe.dataset.load(1).test[:1].x, 0)
    before = np.vstack([np.zeros((1, 8)), steps["cell state"][:-1]])
    after = steps["forget gate"] * before + steps["input gate"] * steps["candidate"]
    assert steps["cell state"] == pytest.approx(after, abs=1e-6)


def test_the_reset_gate_weighs_what_the_candidate_sees_of_the_memory():
    recipe, model = trained("gru", {})
    x = recipe.dataset.load(1).test[:1].x
    steps = layer_steps(recipe, model, x, 0)
    kernel, recurrent, bias = model.layers[0].get_weights()
    before = np.vstack([np.zeros((1, 8)), steps["hidden state"][:-1]])
    new = (x[0] @ kernel + bias[0])[:, 16:]
    old = (before @ recurrent + bias[1])[:, 16:]
    assert steps["candidate"] == pytest.approx(np.tanh(new + steps["reset gate"] * old), abs=1e-5)
    assert steps["update gate"] == pytest.approx(
        sigmoid((x[0] @ kernel + bias[0] + before @ recurrent + bias[1])[:, :8]), abs=1e-5
    )


def test_a_page_gets_the_window_its_prediction_and_the_gates_in_the_order_of_time():
    recipe, model = trained("gru", {"bidirectional": True})
    split = recipe.dataset.load(1)
    shown = gates_over_window(recipe, model, split, 7, "gru_1, read from the end")
    assert shown["count"] == len(split.test)
    assert [*shown["gates"]] == ["update gate", "reset gate", "hidden state"]
    assert np.shape(shown["gates"]["reset gate"]) == (12, 8)
    one = split.test[7:8]
    assert shown["window"]["seen"] == pytest.approx(split.in_unit(one.x[0, :, 0]), rel=1e-4)
    predicted = recipe.dataset.forecasts(split, one, recipe.task.predict(model, one.kept))[0]
    assert shown["window"]["predicted"] == pytest.approx(predicted)


def test_the_heat_maps_have_a_row_for_each_unit_below_the_curve_and_a_scale_of_their_own():
    window = {"seen": [1.0, 2.0, 3.0], "true": [4.0], "predicted": [3.5], "step": "hour", "unit": "°C"}
    gates = {
        "reset gate": [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]],
        "hidden state": [[-2.0, 1.0], [0, 0], [0, 0.5]],
    }
    figure = gate_plot(window, gates)
    plotly.graph_objects.Figure(figure)  # plotly knows every word of it
    *curves, reset, hidden = figure["data"]
    assert [curve["name"] for curve in curves] == ["window", "what followed", "predicted"]
    assert reset["z"] == [[0.1, 0.2, 0.3], [0.9, 0.8, 0.7]] and (reset["zmin"], reset["zmax"]) == (0, 1)
    assert (hidden["zmin"], hidden["zmax"]) == (-2, 2)
    domains = [figure["layout"][axis]["domain"] for axis in ("yaxis", "yaxis2", "yaxis3")]
    assert all(0 <= low < high <= 1 for low, high in domains)
    assert domains[2][1] < domains[1][0] < domains[1][1] < domains[0][0]


@pytest.mark.parametrize(
    ("dataset", "kind"), [("sine", "rnn"), ("sine", "mlp"), ("digits", "cnn"), ("moons", "gan")]
)
def test_networks_without_gates_have_none_to_look_at(dataset, kind):
    assert not gated_layers(Recipe.parse({"dataset": dataset, "architecture": {"kind": kind}}))
