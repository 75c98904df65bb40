"""A network that was trained here on the Text page, as Streamlit runs it; jobs answer in this process."""

from __future__ import annotations

import pytest
from app_page import open_page
from streamlit.testing.v1 import AppTest

from dlcore.client import Client, Visitor
from dlcore.runs.store import open_store
from pages.parts.text import text_model

pytestmark = pytest.mark.slow

NAME = "first words"
TINY = {
    "dataset": {"name": "python_docs", "length": 16},
    "architecture": {"kind": "gpt", "blocks": 1, "width": 16, "heads": 2},
    "training": {"epochs": 1, "batch_size": 512},
}


def open_text(**query: str) -> AppTest:
    return open_page("pages/text.py", {"generation.tokens": 20}, **query)


def test_its_link_chooses_it_and_it_writes(run: str) -> None:
    app = open_text(model=run)
    chosen = app.selectbox(key="generation.model")
    assert chosen.value == f"run:{run}"
    assert "first words · trained here" in chosen.options
    state = app.session_state["writing"]
    assert state["model"] == f"run:{run}" and len(state["rows"][0]["steps"]) == 20
    assert any("learned from Python's documentation" in caption.value for caption in app.caption)
    assert app.query_params["model"] == run
    assert app.text_area(key="generation.prompt").value == ""  # it begins by itself


def test_beside_the_shipped_one_it_is_a_choice(run: str) -> None:
    app = open_text(part="Generation")
    options = app.selectbox(key="generation.model").options
    assert options[0].startswith("storyteller-gpt") and options[1] == "first words · trained here"
    assert "model" not in app.query_params


def test_a_beginning_that_somebody_wrote_stays(run: str) -> None:
    app = open_text(model=run)
    app.selectbox(key="generation.model").set_value("storyteller-gpt").run()
    assert app.text_area(key="generation.prompt").value.startswith("Once upon a time")
    app.text_area(key="generation.prompt").set_value("The fox").run()
    app.selectbox(key="generation.model").set_value(f"run:{run}").run()
    assert app.text_area(key="generation.prompt").value == "The fox"


def test_who_may_not_see_the_run_is_not_offered_it(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a run on own data that has not been shared."""
    seen = open_store().list_runs
    monkeypatch.setattr(
        type(open_store()),
        "list_runs",
        lambda self, *given, seen_by=None, **more: [] if seen_by == "bob" else seen(*given, **more),
    )
    monkeypatch.setattr(text_model, "visitor", lambda: Visitor("bob", False))
    app = open_text(part="Generation")
    assert not any("first words" in option for option in app.selectbox(key="generation.model").options)


def test_a_link_to_a_run_that_is_not_there_is_one_line(run: str) -> None:
    app = open_text(model="nobody")
    assert [warning.value for warning in app.warning] == ["There is no network called nobody here."]


def test_the_name_of_a_run_typed_as_one_of_the_hub_opens_nothing(
    run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "models", lambda self, visitor: [])  # it is somebody else's
    app = open_text(part="Generation")
    app.selectbox(key="generation.model").set_value(text_model.OTHER).run()
    app.text_input(key="generation.model.other").set_value(f"run:{run}").run()
    assert any("cannot be a name on the Hub" in error.value for error in app.error)
    assert app.session_state["writing"]["model"] == "storyteller-gpt"
