"""Forecasting: windows never look ahead, what is compared with costs nothing, recurrent layers are Keras'."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from dlcore.datasets import DATASETS, DatasetError
from dlcore.datasets.series import Series
from dlcore.layers import GRU, LSTM, SimpleRNN
from dlcore.network import Network
from dlcore.recipe import Recipe
from dlcore.tasks.forecasting import naive, verdict
from dlcore.training import train

SERIES = [name for name, kind in DATASETS.items() if issubclass(kind, Series)]


class Counting(Series):
    """0, 1, 2, …: an example's values tell its place."""

    name: str = "counting"
    title = "Counting"
    variables = ("number", "square")
    count = 100

    def values(self) -> np.ndarray:
        return np.stack([np.arange(100.0), np.arange(100.0) ** 2], axis=1)


@pytest.mark.parametrize("horizon", [1, 3])
def test_windows_are_in_the_order_of_time_and_look_only_back(horizon):
    dataset = Counting(window=5, horizon=horizon, change=False)
    split = dataset.load(1)
    first, second = dataset.cuts
    ends = []
    for part in (split.train, split.validation, split.test):
        seen = split.in_unit(part.kept[:, :, 0])
        ahead = split.in_unit(part.y)
        assert np.diff(seen, axis=1) == pytest.approx(1, abs=1e-3)
        assert ahead[:, 0] - seen[:, -1] == pytest.approx(1, abs=1e-3)
        ends.append((ahead.min().round(), ahead.max().round()))
    assert ends == [(5, first - 1), (first, second - 1), (second, 99)]
    assert dataset.training_examples == len(split.train)


def test_the_scale_is_that_of_the_past_alone():
    dataset = Counting()
    mean, deviation = dataset.load(1).scale
    past = np.arange(dataset.cuts[0])
    assert (mean, deviation) == pytest.approx((past.mean(), past.std()))


@pytest.mark.parametrize("change", [False, True])
@pytest.mark.parametrize("own_scale", [False, True])
def test_targets_come_back_as_values_of_the_series(change, own_scale):
    dataset = Counting(window=4, horizon=2, change=change, own_scale=own_scale)
    split = dataset.load(1)
    values = dataset.forecasts(split, split.test, split.test.y)
    assert values[0] == pytest.approx([dataset.cuts[1], dataset.cuts[1] + 1], abs=1e-3)
    seen = dataset.windows(split, split.test[:1])[0]
    assert seen == pytest.approx(np.arange(-4, 0) + dataset.cuts[1], abs=1e-3)


def test_a_window_in_its_own_scale_is_the_same_wherever_a_series_has_grown_to():
    split = Counting(window=4, own_scale=True, together=False).load(1)
    for part in (split.train, split.test):
        assert part.kept == pytest.approx(np.broadcast_to(split.train.kept[0], part.kept.shape), abs=1e-3)
        assert part.y == pytest.approx(1 / np.arange(4.0).std(), abs=1e-3)


def test_exactly_one_window_fits_into_a_series_as_long_as_it():
    dataset = Counting(window=69, horizon=1)
    assert dataset.cuts[0] == 70 and len(dataset.load(1).train) == 1
    with pytest.raises(DatasetError, match=r"window of 70 and a horizon of 1 need 71 rows.*there are 70"):
        Counting(window=70, horizon=1).load(1)


def test_what_costs_nothing():
    seen = np.arange(12.0)[None]
    found = naive(seen, 5, 4)
    assert found["Last value"].tolist() == [[11] * 5]
    assert found["Same as a season ago"].tolist() == [[8, 9, 10, 11, 8]]
    assert set(naive(seen, 5, 0)) == set(naive(seen, 5, 13)) == {"Last value"}


def test_it_is_said_where_a_network_does_not_beat_them():
    assert "does not beat “last value”" in verdict(2.0, "Last value", 1.0, "°C")
    assert "50% below" in verdict(1.0, "Last value", 2.0, "")


@pytest.mark.parametrize("name", SERIES)
def test_every_series_is_whole_and_always_the_same(name):
    dataset = DATASETS[name]()
    if dataset.missing:
        pytest.skip("it is uploaded")
    values = dataset.values()
    assert values.shape == (dataset.count, len(dataset.variables)) and np.isfinite(values).all()
    assert (values == DATASETS[name]().values()).all()


@pytest.mark.parametrize("kind", [SimpleRNN, LSTM, GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("every", [False, True])
def test_recurrent_layers_are_described_as_keras_builds_them(kind, bidirectional, every):
    layer = kind(units=5, bidirectional=bidirectional, return_sequences=every)
    network = Network((7, 3), (layer,))
    model, (row,) = network.build(seed=1), network.rows()
    assert row.output_shape == model.output_shape[1:] and row.parameters == model.count_params()


def test_the_seed_decides_every_weight_of_both_directions():
    network = Network((7, 3), (LSTM(units=5, bidirectional=True), GRU(units=2, return_sequences=False)))
    with pytest.raises(ValueError, match="series"):
        network.rows()
    network = Network((7, 3), (LSTM(units=5, bidirectional=True, dropout=0.2),))
    one, same, other = (network.build(seed).get_weights() for seed in (1, 1, 2))
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert not (one[0] == one[3]).all() and not (one[0] == other[0]).all()


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_attention_weighs_every_step(kind):
    recipe = Recipe.parse(
        {"dataset": "sine", "architecture": {"kind": kind, "units": 4, "layers": 2, "attention": True}}
    )
    model = recipe.build()
    weights = keras.Model(model.input, model.get_layer("attention_weights").output)
    shares = np.asarray(weights(np.random.default_rng(0).normal(size=(2, 24, 1))))
    assert shares.shape == (2, 24, 1) and shares.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert model.count_params() == recipe.describe()["parameters"]


@pytest.mark.slow
def test_a_network_beats_what_costs_nothing_on_a_sine():
    recipe = Recipe.parse(
        {
            "dataset": {"name": "sine", "horizon": 5},
            "architecture": {"kind": "mlp", "hidden": [{"units": 16}]},
            "training": {"epochs": 6, "learning_rate": 0.005},
        }
    )
    split = recipe.dataset.load(1)
    model = train(recipe, split).model
    result = recipe.task.evaluate(model, recipe, split)
    assert result["metrics"]["skill"] > 0.5
    views = recipe.task.views(recipe, result)
    assert [view["kind"] for view in views] == ["forecast", "bars", "baselines"]
    assert len(recipe.task.preview(model, recipe, split)["predicted"]) == len(
        recipe.task.examples(recipe, split)["true"]
    )
