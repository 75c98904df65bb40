"""Texts in classes: what the data are, and which networks can learn them and which cannot."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from dlcore.architectures import ARCHITECTURES
from dlcore.datasets.toy_reviews import ToyReviews
from dlcore.language.vocabulary import PAD, UNKNOWN
from dlcore.recipe import Recipe, RecipeError


@pytest.mark.parametrize("longest", [1, 2])
def test_counting_words_is_not_enough(longest: int):
    """A logistic regression on words, or on pairs of words too, cannot tell a review's opinion."""
    split = ToyReviews().load(1)
    words = CountVectorizer(token_pattern=r"\S+", ngram_range=(1, longest))
    model = make_pipeline(words, LogisticRegression(max_iter=1000)).fit(split.train.texts, split.train.y)
    assert model.score(split.test.texts, split.test.y) <= 0.8


def test_half_of_the_reviews_are_positive_and_few_are_the_same():
    split = ToyReviews(examples=2000).load(1)
    every = np.concatenate([part.y for part in (split.train, split.validation, split.test)])
    assert every.mean() == 0.5 and len(every) == 2000
    assert len({*split.train.texts}) > 0.9 * len(split.train)
    assert len(split.train) == ToyReviews(examples=2000).training_examples


def test_rows_are_whole_numbers_and_padding_is_behind():
    split = ToyReviews(examples=500).load(1)
    rows = split.train.x
    assert rows.dtype == np.int32 and rows.shape == (350, 32)
    assert (np.diff((rows != PAD).astype(int), axis=1) <= 0).all()
    assert (rows == UNKNOWN).mean() < 0.01
    part = split.train[np.array([3, 1])]
    assert [*part.texts] == [split.train.texts[3], split.train.texts[1]]


@pytest.mark.parametrize("tokens", ["characters", "words", "WordPiece", "BPE"])
def test_every_kind_of_token_serves(tokens: str):
    dataset = ToyReviews(examples=500, tokens=tokens, vocabulary=400, length=64)
    split = dataset.load(1)
    vocabulary = split.vocabularies["text"]
    assert split.train.kept.max() < len(vocabulary) <= dataset.vocabulary
    text = split.test.texts[0]
    if len(vocabulary.encode(text)) <= 64:
        assert vocabulary.decode(split.test.kept[0]).replace(" ", "") == text.replace(" ", "")
    assert {view["kind"] for view in dataset.views(split)} >= {"tokens", "table", "histogram", "balance"}


def test_the_courses_network_is_one_click():
    problem = ToyReviews().problem
    ((title, fields),) = ARCHITECTURES["lstm"].usual().presets(problem).items()
    assert title == "Embedding → LSTM 64 → LSTM 32 → Dense"
    recipe = Recipe.parse({"dataset": "toy_reviews", "architecture": {"kind": "lstm", **fields}})
    shapes = [row.output_shape for row in recipe.network.rows()]
    assert shapes == [(32, 64), (32, 64), (32,), (1,)]


def test_networks_for_numbers_do_not_take_texts():
    with pytest.raises(
        RecipeError, match=r"cnn expected a data set of numbers, received toy_reviews .text.; use"
    ):
        Recipe.parse({"dataset": "toy_reviews", "architecture": {"kind": "cnn"}})
    assert ARCHITECTURES["transformer"].usual().lacks(Recipe.parse({"dataset": "sine"}).problem)


def test_heads_divide_the_width():
    with pytest.raises(RecipeError, match=r"expected a divisor of the width .64., received 3"):
        Recipe.parse({"dataset": "toy_reviews", "architecture": {"kind": "transformer", "heads": 3}})


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["lstm", "gru", "transformer"])
def test_networks_that_read_in_order_learn_it(kind: str):
    from dlcore.previews import probabilities
    from dlcore.training import train

    recipe = Recipe.parse({"dataset": "toy_reviews", "architecture": {"kind": kind}})
    split = recipe.dataset.load(recipe.training.seed)
    model = train(recipe, split).model
    right = probabilities(model, split.test.kept).argmax(axis=1) == split.test.y
    assert right.mean() >= 0.95
