"""The gates of a finished run on the Train page, computed by the worker's own job in this process."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from app_page import answer_here, open_page

from dlcore import jobs
from dlcore.client import Client
from dlcore.recipe import Recipe
from dlcore.runs.store import open_store


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Jobs are done here and at once; the requests that were made."""
    monkeypatch.setattr(Client, "_hand_over", lambda self: None)
    return answer_here(monkeypatch, partial(getattr, jobs))


def trained(kind: str, **options: Any) -> str:
    recipe = Recipe.parse(
        {
            "dataset": {"name": "passengers", "window": 6, "horizon": 2},
            "architecture": {"kind": kind, "units": 4} | options,
            "training": {"epochs": 1},
        }
    )
    run = open_store().create(recipe, "me")
    assert jobs.train(run) == "finished"
    return run


@pytest.mark.slow
def test_the_gates_are_requested_when_they_are_opened_and_follow_slider_and_layer(engine):
    run = trained("gru", bidirectional=True)
    app = open_page("pages/train.py", run=run)
    assert not app.exception and not engine
    app.session_state[f"gates.{run}"] = True
    app.run()
    assert not app.exception
    assert engine == [("gates", {"model": run, "window": 0, "layer": "gru_1"})]
    slider = next(slider for slider in app.slider if slider.label == "Window of the test part")
    slider.set_value(slider.max).run()
    app.selectbox(key=f"gates.{run}.layer").set_value("gru_1, read from the end").run()
    assert not app.exception and not app.error
    assert engine[-1][1] == {"model": run, "window": slider.max, "layer": "gru_1, read from the end"}
    figures = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    gates = next(figure for figure in figures if any(trace["type"] == "heatmap" for trace in figure["data"]))
    names = [note["text"] for note in gates["layout"]["annotations"]]
    assert names == ["<b>Update gate</b>", "<b>Reset gate</b>", "<b>Hidden state</b>"]


@pytest.mark.slow
def test_a_network_without_gates_offers_none(engine):
    app = open_page("pages/train.py", run=trained("rnn"))
    assert not app.exception
    assert not any(expander.label.startswith("Gates") for expander in app.expander)
