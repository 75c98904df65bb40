"""Build without a network: each data set that would be downloaded says one line, and what to take instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore import jobs
from dlcore.client import Client
from dlcore.datasets import DATASETS
from dlcore.recipe import Recipe
from pages.parts import shell

APP = str(Path(__file__).parents[2] / "app.py")


class Answer:
    """A job, done in this process instead of the engine's."""

    done = True

    def __init__(self, job: str, arguments: dict[str, Any]):
        self.job, self.arguments = job, arguments

    def wait(self, seconds: float) -> bool:
        return True

    def result(self, timeout: float | None = None) -> Any:
        return getattr(jobs, self.job)(**self.arguments)


@pytest.mark.parametrize("name", [name for name, kind in DATASETS.items() if kind.source == "download"])
def test_a_data_set_that_cannot_be_downloaded_says_so(
    name: str, offline: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shell, "_warm_up", lambda: None)
    monkeypatch.setattr(Client, "ready", property(lambda self: True))
    monkeypatch.setattr(Client, "request", lambda self, job, **arguments: Answer(job, arguments))
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.query_params["recipe"] = Recipe.parse({"dataset": name}).link()
    app.switch_page("pages/build.py").run()
    assert not app.exception, app.exception
    kind = DATASETS[name]
    (error,) = app.error
    assert error.value == (
        f"{kind.title} could not be downloaded (Connection refused). "
        f"Try again, or choose {kind.instead[1]}, which is always at hand."
    )
    assert any(button.label == "Try again" for button in app.button)
    (instead,) = [
        link for link in app.get("page_link") if link.proto.label == f"Take {kind.instead[1]} instead"
    ]
    link = instead.proto.query_string.removeprefix("recipe=")
    assert Recipe.from_link(link).dataset.name == kind.instead[0]
