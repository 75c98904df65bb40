"""Nearest words, arithmetic and the map, on vectors whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

from dlcore.language.embeddings import Embeddings, of_checkpoint
from dlcore.models import ZOO, UnknownModel

ROYAL, FEMALE, MAN = np.array([3.0, 0, 0]), np.array([0, 2.0, 0]), np.array([0, 0, 1.0])
WORDS = {
    "man": MAN,
    "woman": FEMALE + MAN,
    "king": ROYAL + MAN,
    "queen": ROYAL + FEMALE + MAN,
    "table": np.array([-1.0, -1, -1]),
}
SOME = Embeddings(tuple(WORDS), np.stack([*WORDS.values()]))


def test_the_nearest_points_the_same_way():
    ((first, cosine), *_) = SOME.nearest(["king"])
    assert first == "queen"
    assert cosine == pytest.approx(10 / np.sqrt(10 * 14))
    assert {word for word, _ in SOME.nearest(["king"])} == {"man", "woman", "queen", "table"}


def test_king_less_man_plus_woman():
    assert SOME.nearest(["king", "woman"], ["man"])[0][0] == "queen"


def test_a_word_is_found_in_small_letters():
    assert SOME.find(" King ") == "king" and SOME.find("throne") == SOME.find("") == ""


def test_the_map_is_that_of_scikit_learn():
    places, share = SOME.plane(list(WORDS))
    known = PCA(2).fit(SOME.units)
    assert np.abs(places) == pytest.approx(np.abs(known.transform(SOME.units)), abs=1e-9)
    assert share == pytest.approx(known.explained_variance_ratio_.sum())


def test_a_checkpoint_has_whole_words_alone():
    shipped = of_checkpoint(ZOO / "sentiment-small")
    assert shipped.find("good") and not any(word.startswith(("##", "[PAD")) for word in shipped.words)
    assert shipped.vectors.shape == (len(shipped.words), 128)
    story = of_checkpoint(ZOO / "storyteller-gpt")
    assert story.find("king") and not any(word.startswith("Ġ") for word in story.words)


def test_the_shipped_network_knows_what_is_to_a_woman_as_a_king_to_a_man():
    shipped = of_checkpoint(ZOO / "sentiment")
    assert shipped.nearest(["king", "woman"], ["man"])[0][0] == "queen"
    assert shipped.nearest(["uncle", "woman"], ["man"])[0][0] == "aunt"


def test_a_checkpoint_without_them_is_refused(tmp_path: Path):
    with pytest.raises(UnknownModel, match="cannot be read"):
        of_checkpoint(tmp_path)
