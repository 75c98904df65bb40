"""A page of the app as Streamlit's own test runs it, and jobs that are answered in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.client import Client
from dlcore.recipe import Recipe

APP = str(Path(__file__).parents[1] / "app.py")


def open_page(path: str, state: Mapping[str, Any] | None = None, **query: str) -> AppTest:
    """A page as its link with this query opens it, in a session that has this state."""
    app = AppTest.from_file(APP, default_timeout=120).run()
    for name, value in (state or {}).items():
        app.session_state[name] = value
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(path).run()
    assert not app.exception, app.exception
    return app


def built(app: AppTest) -> Recipe:
    """What the Build page shows."""
    recipe: Recipe = app.session_state["build.last"]
    return recipe


@dataclass
class Answer:
    """An answer that is there, or an error."""

    job: Callable[..., Any]
    arguments: dict[str, Any]
    done = True

    def wait(self, seconds: float) -> bool:
        return True

    def result(self, timeout: float | None = None) -> Any:
        return self.job(**self.arguments)


def answer_here(
    patch: pytest.MonkeyPatch, job: Callable[[str], Callable[..., Any]]
) -> list[tuple[str, dict[str, Any]]]:
    """The engine is ready, and ``job`` gives the function that answers by its name; returns the requests to come."""
    requests: list[tuple[str, dict[str, Any]]] = []

    def request(self: Client, name: str, **arguments: Any) -> Answer:
        requests.append((name, arguments))
        return Answer(job(name), arguments)

    patch.setattr(Client, "ready", property(lambda self: True))
    patch.setattr(Client, "request", request)
    return requests
