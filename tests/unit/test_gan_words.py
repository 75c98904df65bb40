"""Sentences about a GAN of points, and its image: they say what the numbers say."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.charts.gan_stage import LONGEST, stage
from dlcore.generative.gan_words import how_it_stands, what_happened


def snapshot(batch, samples, caught, learner="both", before=None):
    arrows = [[x, y, 1.0, 0.0] for x, y in samples]
    return {
        "batch": batch,
        "samples": samples,
        "arrows": arrows,
        "grid": [[50, 60], [40, 100]],
        "axis": [-2.0, 2.0],
        "fake_accuracy": caught,
        "real_accuracy": 0.7,
        "learner": learner,
        "before": before,
    }


FIRST = snapshot(4, [[0.0, 0.0], [1.0, 1.0]], 0.5)


def test_a_step_is_told_with_how_far_and_where_points_went():
    words = what_happened(snapshot(5, [[0.3, 0.4], [0.5, 1.0]], 0.25, before=FIRST))
    assert "by 0.5 on average" in words  # both moved half a unit
    assert "50% of them the way their arrows pointed" in words  # one right, one left
    assert "25% of the generated points as generated (50% before)" in words


def test_who_did_not_learn_is_said():
    only = what_happened(snapshot(5, FIRST["samples"], 0.9, "discriminator", FIRST))
    assert "Only the discriminator" in only and "90%" in only and "moved its" not in only
    only = what_happened(snapshot(5, [[1, 0], [2, 1]], 0.5, "generator", FIRST))
    assert "Only the generator" in only and "100% of them" in only and "as before" in only


def test_nothing_is_told_of_what_is_not_one_batch():
    assert what_happened(FIRST) == ""
    assert what_happened(snapshot(9, FIRST["samples"], 0.9, before=FIRST)) == ""
    images = {"batch": 5, "pictures": [], "learner": "both", "before": FIRST}
    assert what_happened(images) == ""


@pytest.mark.parametrize(
    ("real", "fake", "words"),
    [
        (0.99, 0.97, "right in 98% of all, it recognises"),
        (0.8, 0.7, "right in 75% of all, it is ahead"),
        (0.87, 0.21, "right in 54% of all, hardly better than guessing"),
        (0.3, 0.4, "right in 35% of all, it is fooled"),
        (1, 0, "right in 50% of all, because it classifies nearly everything as real"),
        (0.1, 0.9, "right in 50% of all, because it classifies nearly everything as generated"),
    ],
)
def test_who_is_ahead(real, fake, words):
    assert words in how_it_stands(real, fake)


def test_the_image_has_the_surface_row_by_row_from_below_and_arrows_within_the_plane():
    picture = stage(FIRST, [[0.5, 0.5]])
    assert picture["side"] == 2 and picture["grid"] == [50, 60, 40, 100] and picture["reach"] == 2
    arrows = np.array(picture["arrows"])
    lengths = np.hypot(*(arrows[:, 2:] - arrows[:, :2]).T)
    assert lengths == pytest.approx([LONGEST * 2] * 2, abs=1e-3)


def test_before_a_game_there_are_real_points_alone():
    picture = stage(None, [[1, 2]] * 400)
    assert set(picture) == {"reach", "real"} and len(picture["real"]) == 300
    assert stage(None, [[5.0, 0.0]])["reach"] == pytest.approx(6)


def test_arrows_without_a_push_are_points():
    flat = FIRST | {"arrows": [[0.0, 0.0, 0.0, 0.0]]}
    assert stage(flat, [[0, 0]])["arrows"] == [[0, 0, 0, 0]]
