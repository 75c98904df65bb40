"""The text networks compute what PyTorch's transformers computes.

The numbers come from tests/make_language_fixtures.py; PyTorch is not needed here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcore.language import checkpoint
from dlcore.language.attention import attend
from dlcore.language.llama import turn, turns

FIXTURES = Path(__file__).parents[1] / "fixtures" / "language"
DECODERS = ["gpt2", "llama", "llama-sharded"]
ENCODERS = ["bert", "distilbert"]
BAR = 1e-4
# A text's first token has only itself to look at, and Keras suspects a mistake there.
pytestmark = pytest.mark.filterwarnings("ignore:You are using a softmax")


@cache
def network(name: str) -> Any:
    return checkpoint.load(FIXTURES / name)


@cache
def numbers(name: str) -> dict[str, np.ndarray]:
    with np.load(FIXTURES / name / "numbers.npz") as stored:
        return dict(stored)


@pytest.mark.parametrize("name", DECODERS)
def test_a_decoder_gives_the_same_logits(name: str):
    outputs = network(name)(numbers(name)["tokens"])
    np.testing.assert_allclose(outputs, numbers(name)["logits"], atol=BAR, rtol=0)


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("cuts", [[1, 1, 22], [8, 1, 1, 14], [23, 1]])
def test_a_decoder_that_reads_in_pieces_gives_the_same_logits(name: str, cuts: list[int]):
    model, tokens = network(name), numbers(name)["tokens"]
    kept, found, before = model.empty_cache(len(tokens), room=32), [], 0
    for part in np.split(tokens, np.cumsum(cuts)[:-1], axis=1):
        hidden, kept, _ = model.run(tf.constant(part), kept, before)
        found.append(model.logits(hidden))
        before += part.shape[1]
    np.testing.assert_allclose(np.concatenate(found, axis=1), numbers(name)["logits"], atol=BAR, rtol=0)
    assert kept[0][0].shape[2] == 32


@pytest.mark.parametrize("name", DECODERS)
def test_a_decoder_shows_the_same_attention(name: str):
    _, _, found = network(name).run(tf.constant(numbers(name)["tokens"][:1]), None)
    found = np.stack([block[0] for block in found])
    np.testing.assert_allclose(found, numbers(name)["attention"], atol=BAR, rtol=0)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize("name", DECODERS)
def test_a_decoder_writes_the_same_fifty_tokens(name: str):
    model = network(name)
    spec = [
        tuple(tf.TensorSpec((None, part.shape[1], None, part.shape[3])) for part in pair)
        for pair in model.empty_cache(1, 0)
    ]

    count = tf.TensorSpec((), "int32")

    @tf.function(input_signature=[tf.TensorSpec((None, None), "int32"), count, spec])
    def step(tokens: Any, before: Any, kept: Any) -> Any:
        hidden, longer, _ = model.run(tokens, kept, before)
        return tf.argmax(model.logits(hidden[:, -1]), -1, "int32"), [tuple(p) for p in longer]

    rows = numbers(name)["prompts"]
    new, kept = rows, [tuple(pair) for pair in model.empty_cache(len(rows), 96)]
    for _ in range(50):
        chosen, kept = step(new, tf.constant(rows.shape[1] - new.shape[1]), kept)
        new = np.asarray(chosen)[:, None]
        rows = np.concatenate([rows, new], axis=1)
    assert rows.tolist() == numbers(name)["greedy"].tolist()


@pytest.mark.parametrize("name", ENCODERS)
def test_an_encoder_gives_the_same_logits_for_texts_of_several_lengths(name: str):
    stored = numbers(name)
    outputs = network(name)((stored["tokens"], stored["mask"]))
    np.testing.assert_allclose(outputs, stored["logits"], atol=BAR, rtol=0)


@pytest.mark.parametrize("name", ENCODERS)
def test_what_fills_up_a_text_changes_nothing(name: str):
    model, stored = network(name), numbers(name)
    alone = stored["tokens"][2:3, :5]
    outputs = model((alone, np.ones_like(alone)))
    np.testing.assert_allclose(outputs, stored["logits"][2:3], atol=BAR, rtol=0)


@pytest.mark.parametrize("name", ENCODERS)
def test_an_encoder_shows_the_same_attention(name: str):
    model, stored = network(name), numbers(name)
    words = model.words(stored["tokens"][:1])
    logits, found = model.run(words, tf.constant(stored["mask"][:1]))
    np.testing.assert_allclose(logits, stored["logits"][:1], atol=BAR, rtol=0)
    np.testing.assert_allclose(np.stack([block[0] for block in found]), stored["attention"], atol=BAR, rtol=0)


def test_heads_that_share_keys_compute_as_if_each_had_its_own():
    rng = np.random.default_rng(0)
    queries = rng.normal(size=(2, 6, 3, 4)).astype("float32")
    keys, values = rng.normal(size=(2, 2, 2, 5, 4)).astype("float32")
    own_keys, own_values = (np.repeat(part, 3, axis=1) for part in (keys, values))
    for shared, own in zip(attend(queries, keys, values), attend(queries, own_keys, own_values), strict=True):
        np.testing.assert_allclose(shared, own, atol=1e-6)


def test_turned_vectors_feel_their_distance_and_not_their_place():
    rng = np.random.default_rng(0)
    query, key = rng.normal(size=(2, 1, 1, 1, 16)).astype("float32")

    def score(at: int, to: int) -> float:
        turned = [
            turn(x, *turns(keras.ops.array([place]), 16, 10000.0)) for x, place in ((query, at), (key, to))
        ]
        return float(np.sum(turned[0] * turned[1]))

    assert score(7, 2) == pytest.approx(score(105, 100), abs=1e-4)
    assert score(7, 2) != pytest.approx(score(7, 3), abs=1e-2)
    assert score(4, 4) == pytest.approx(float(np.sum(query * key)), abs=1e-4)
