"""chrF and BLEU are those of sacreBLEU 2.6 (the numbers here), and what they are by definition."""

from __future__ import annotations

import pytest

from dlcore.language.overlap import bleu, chrf

WRITTEN = ["The cat sat on the mat.", "It costs 3,5 euros - or so (maybe)!", "Hello world"]
TRUE = ["The cat is sitting on the mat.", "It costs 3.5 euros, or so (perhaps)!", "Hello, world!"]
OTHER = ["A cat sat on a mat.", "That is 3,5 euros or so!", "Hi world"]


def test_one_truth():
    truths = [[text] for text in TRUE]
    assert bleu(WRITTEN, truths) == pytest.approx(24.645724197170864)
    assert chrf(WRITTEN, truths) == pytest.approx(47.44536962934515)


def test_several_truths():
    truths = [*zip(TRUE, OTHER, strict=True)]
    assert bleu(WRITTEN, truths) == pytest.approx(34.315019159021524)
    assert chrf(WRITTEN, truths) == pytest.approx(49.91338859945802)


def test_the_same_is_all_and_nothing_in_common_is_none():
    assert bleu(TRUE, [[text] for text in TRUE]) == pytest.approx(100)
    assert chrf(TRUE, [[text] for text in TRUE]) == pytest.approx(100)
    assert bleu(["x y z w v"], [["a b c d e"]]) == 0
    assert chrf(["xyz"], [["abc"]]) == 0
    assert chrf([""], [["abc"]]) == bleu([""], [["abc"]]) == 0
