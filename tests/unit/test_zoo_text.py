"""The shipped text networks are as good as their cards say."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from dlcore.language import catalog, checkpoint

FIXTURES = Path(__file__).parents[1] / "fixtures"
SHIPPED = {model.name: model for model in catalog.shipped()}


@pytest.mark.parametrize("name", ["sentiment", "sentiment-small", "storyteller-gpt"])
def test_its_size_is_what_the_card_says(name: str) -> None:
    model = SHIPPED[name]
    assert model.folder
    weights = model.folder / "model.safetensors"
    assert weights.stat().st_size == model.card["bytes"]
    assert checkpoint.load(model.folder).count_params() == model.card["parameters"]


@pytest.mark.slow
def test_the_storyteller_predicts_stories_it_has_not_read_as_well_as_its_card_says() -> None:
    """Forty of the 280 held-out stories (TinyStories, CDLA-Sharing-1.0); the card's number is of all of them."""
    from dlcore.language.tokens import tokenizer
    from dlcore.zoo.storyteller import END, bits_per_byte, encode

    model = SHIPPED["storyteller-gpt"]
    assert model.folder
    texts = (FIXTURES / "held_out_stories.txt").read_text().strip().split(f"\n{END}\n")
    tokens = encode(tokenizer(model.folder), texts)
    size = sum(len(text.encode()) for text in texts)
    found = bits_per_byte(checkpoint.load(model.folder), tokens, size)
    assert found == pytest.approx(model.card["metrics"]["bits_per_byte"], abs=0.02)


def test_the_storyteller_writes_words() -> None:
    """Of the words of four texts a share as in English is of the most frequent ones."""
    from dlcore.language.generation import Writer
    from dlcore.language.sampling import Sampling

    folder = SHIPPED["storyteller-gpt"].folder
    assert folder
    writer = Writer.load(folder)
    prompt = writer.encode("Once upon a time there was a king who had")
    written = writer.write([prompt] * 4, Sampling(temperature=0.7), seed=1, tokens=60)["tokens"]
    texts = [writer.decode(tokens) for tokens in written]
    assert len(set(texts)) == 4
    common = {"the", "and", "to", "he", "a", "was", "of", "in", "his", "had", "that", "it", "she", "her"}
    for text in texts:
        words = [word.strip(".,;:!?'\"-").lower() for word in text.split()]
        assert 0.15 < np.mean([word in common for word in words]) < 0.7


def pairs() -> list[tuple[str, str]]:
    with (FIXTURES / "negation_pairs.tsv").open(newline="") as file:
        return [(row[0], row[1]) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize(("name", "least"), [("sentiment", 0.9), ("sentiment-small", 0.8)])
def test_plain_negation_does_not_fool_the_sentiment_networks(name: str, least: float) -> None:
    from dlcore.language.sentiment import sentiment

    model = SHIPPED[name]
    assert model.folder
    both = pairs()
    assert len(both) == len(set(both)) == 100
    texts = [text for pair in both for text in pair]
    labels = [row["label"] for row in sentiment(model.folder, texts)]
    right = np.array(labels).reshape(-1, 2) == ["positive", "negative"]
    share = right.all(axis=1).mean()
    assert share >= least
    assert share == pytest.approx(model.card["metrics"]["negation_pairs"], abs=0.021)


def test_the_larger_one_comes_first_and_two_can_be_compared() -> None:
    names = [model.name for model in catalog.available("sentiment") if model.source == "shipped"]
    assert names == ["sentiment", "sentiment-small"]


@pytest.mark.parametrize("name", ["sentiment", "sentiment-small"])
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love you.", "positive"),
        ("This product broke after two days.", "negative"),
        ("great", "positive"),
        ("awful", "negative"),
        ("The food was terrible.", "negative"),
    ],
)
def test_everyday_texts(name: str, text: str, label: str) -> None:
    from dlcore.language.sentiment import sentiment

    folder = SHIPPED[name].folder
    assert folder
    assert sentiment(folder, [text])[0]["label"] == label


@pytest.mark.parametrize("name", ["distilbert", "gpt2", "llama"])
def test_a_network_also_runs_in_the_precision_it_is_trained_in(name: str) -> None:
    """The scripts that train the shipped ones again compute in bfloat16."""
    import keras

    tokens = np.array([[1, 2, 3, 4]], "int32")
    asked = (tokens, np.ones_like(tokens)) if name == "distilbert" else tokens
    whole = np.asarray(checkpoint.load(FIXTURES / "language" / name)(asked))
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = checkpoint.load(FIXTURES / "language" / name)
        found = np.asarray(model(asked), "float32")
    finally:
        keras.config.set_dtype_policy(usual)
    assert np.abs(found - whole).max() < 0.05 * np.abs(whole).max()
