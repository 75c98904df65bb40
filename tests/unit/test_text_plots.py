"""Figures about texts: what they show, and labels that stay text."""

from __future__ import annotations

import json

import numpy as np

from dlcore.charts import text_plots


def test_attention_shows_each_row_and_hides_what_is_not_wanted():
    weights = np.array([[0.5, 0.25, 0.25], [0.1, 0.9, 0.0], [0.0, 0.0, 1.0]])
    figure = text_plots.attention(["[CLS]", "<b>good</b>", "[SEP]"], weights)
    assert figure["data"][0]["z"] == weights.tolist()
    assert figure["layout"]["yaxis"]["ticktext"] == ["[CLS]", "&lt;b&gt;good&lt;/b&gt;", "[SEP]"]
    assert "<b>" not in json.dumps(figure)
    bare = text_plots.attention(["[CLS]", "good", "[SEP]"], weights, hide=("[CLS]", "[SEP]"))
    assert bare["data"][0]["z"] == [[0.9]]


def test_shares_have_the_colours_of_their_signs_and_add_up():
    figure = text_plots.shares({"negative": 1, "positive": 3, "<i>odd</i>": 1})
    colours = [trace["marker"]["color"] for trace in figure["data"]]
    assert colours[:2] == [text_plots.NEGATIVE, text_plots.POSITIVE]
    assert len(set(colours)) == 3
    assert [trace["x"] for trace in figure["data"]] == [[1], [3], [1]]
    assert "<i>" not in json.dumps(figure)


def test_a_histogram_counts_every_text_once():
    figure = text_plots.histogram([0.0, 0.049, 0.5, 0.999, 1.0], "probability", signed=True)
    (trace,) = figure["data"]
    assert (trace["y"][0], trace["y"][10], trace["y"][19], sum(trace["y"])) == (2, 1, 2, 5)
    assert trace["marker"]["color"][9] == text_plots.NEGATIVE
    assert trace["marker"]["color"][10] == text_plots.POSITIVE


def test_words_of_neighbours_are_written_on_different_sides():
    places = np.array([[0, 0], [0.03, 0.01], [0.05, -0.01], [1, 1]])
    written = text_plots.sides(["good", "great", "fine", "king"], places)
    assert len({*written[:3]}) == 3 and written[3] == "top center"
    assert text_plots.sides(["one"], np.zeros((1, 2))) == ["top center"]
