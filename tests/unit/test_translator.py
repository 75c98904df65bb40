"""Pair networks: what is trained at once is what is written step by step, padding changes nothing, beams are right."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from dlcore.language.pair_model import END, START, scores, shifted
from dlcore.language.translator import Translator
from dlcore.models import weights_of
from dlcore.recipe import Recipe

NETWORKS = {
    "lstm": {"kind": "seq2seq", "units": 8, "embedding": 8},
    "gru": {"kind": "seq2seq", "units": 8, "embedding": 8, "cell": "gru"},
    "one way": {"kind": "seq2seq", "units": 8, "embedding": 8, "bidirectional": False},
    "no attention": {"kind": "seq2seq", "units": 8, "embedding": 8, "attention": False},
    "transformer": {"kind": "encoder_decoder", "width": 8, "blocks": 2, "heads": 2},
}


@pytest.fixture(params=NETWORKS, scope="module")
def model(request):
    return Recipe.parse({"dataset": "addition", "architecture": NETWORKS[request.param]}).build()


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    x, y = rng.integers(4, 15, (6, 5)).astype("int32"), rng.integers(4, 14, (6, 4)).astype("int32")
    x[0, 3:] = x[4, 2:] = 0
    y[:, 3] = END
    return x, y


def test_step_by_step_is_what_it_says_at_once(model, batch):
    x, y = batch
    at_once = np.asarray(model((x, shifted(y))))
    memory, states = model.encode(x)
    tokens = np.full(len(x), START)
    for place in range(y.shape[1]):
        shares, states, attention = model.step(tokens, place, memory, states)
        assert np.asarray(shares) == pytest.approx(at_once[:, place], abs=1e-5)
        assert not np.asarray(attention)[x == 0].any(), "padding is not looked at"
        tokens = y[:, place]


def test_a_padded_batch_says_what_single_sources_say(model, batch):
    x, y = batch
    together = np.asarray(model((x, shifted(y))))
    for i in range(len(x)):
        alone = model((x[i : i + 1, : (x[i] != 0).sum()], shifted(y[i : i + 1])))
        assert np.asarray(alone)[0] == pytest.approx(together[i], abs=1e-5)


def test_what_comes_later_changes_nothing_before(model, batch):
    x, y = batch
    changed = y.copy()
    changed[:, 2] = 4 + (y[:, 2] - 3) % 10
    one, other = (np.asarray(model((x, shifted(target)))) for target in (y, changed))
    assert one[:, :3] == pytest.approx(other[:, :3], abs=1e-6)
    assert abs(one[:, 3] - other[:, 3]).max() > 1e-6


def test_every_weight_has_a_name_of_its_own(model):
    assert len(weights_of(model)) == len(model.weights)


def test_greedy_for_one_is_greedy_for_many(model, batch):
    translator = Translator(model)
    many = translator.tokens(batch[0])
    for row, tokens in zip(batch[0], many, strict=True):
        alone = translator.greedy(row).tokens
        assert tokens[: len(alone)].tolist() == alone


def test_wide_beams_find_the_best_of_all_texts(model, batch):
    """Of texts of up to two tokens every one is tried: the mean log probability decides."""
    translator = Translator(model)
    translator.length = 2
    row = batch[0][1]
    memory, states = model.encode(row[None])
    first, after, _ = translator.step([START], 0, memory, states)
    logs = {(END,): np.log(first[0, END])}
    for token, end in product(range(4, 14), [END]):
        shares, _, _ = translator.step([token], 1, memory, after)
        logs[token, end] = (np.log(first[0, token]) + np.log(shares[0, end])) / 2
    found = [text for text in translator.beams(row, 200) if text.ended]
    assert {tuple(text.tokens): pytest.approx(text.score, abs=1e-4) for text in found} == logs
    assert [text.score for text in found] == sorted((text.score for text in found), reverse=True)


def test_loss_and_accuracy_count_no_padding(model, batch):
    x, y = batch
    longer = np.pad(y, ((0, 0), (0, 0)))
    longer[:3, 2], longer[:3, 3] = END, 0
    whole, few = scores(model, x, longer), scores(model, x, longer, batch=4)
    assert whole == pytest.approx(few, rel=1e-5)
    shares = np.asarray(model((x, shifted(longer))))
    counted = longer != 0
    true = np.take_along_axis(shares, longer[..., None], axis=2)[..., 0]
    assert whole["loss"] == pytest.approx(-np.log(true[counted]).mean(), rel=1e-4)
    assert whole["accuracy"] == pytest.approx((shares.argmax(-1) == longer)[counted].mean())


@pytest.mark.slow
def test_training_sees_the_same_loss(model, batch):
    model.compile(loss="sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    x, y = batch
    longer = y.copy()
    longer[:3, 2], longer[:3, 3] = END, 0
    measured = model.evaluate(x, longer, verbose=0, return_dict=True)
    assert measured == pytest.approx(scores(model, x, longer), rel=1e-4)
