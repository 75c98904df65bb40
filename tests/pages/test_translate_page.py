"""Translate on the Text page, as Streamlit runs it; jobs answer in this process."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from app_page import open_page
from streamlit.testing.v1 import AppTest

from dlcore import models
from dlcore.client import Client

pytestmark = pytest.mark.slow

NAME = "one digit"
TINY = {
    "dataset": {"name": "addition", "digits": 1},
    "architecture": {"kind": "seq2seq", "units": 8, "embedding": 8, "attention": False},
    "training": {"epochs": 1},
}


open_text = partial(open_page, "pages/text.py")


def drawn(app: AppTest) -> dict[str, Any]:
    """What the component shows."""
    (view,) = [
        element
        for element in app.get("bidi_component")
        if element.proto.component_name.endswith("translation")
    ]
    return json.loads(view.proto.json)


def test_the_page_begins_with_a_date_that_is_translated(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "ready", property(lambda self: False))
    monkeypatch.setattr(Client, "request", lambda self, job, **kw: pytest.fail("the engine is not there yet"))
    app = open_text(part="Translate")
    shown = drawn(app)
    assert "".join(shown["source"]) == "the 3rd of may, 1999"
    assert "".join(step["piece"] for step in shown["steps"][:-1]) == "1999-05-03" and shown["attends"]
    assert any(
        info.card["limits"] in text.value
        for text in app.markdown
        for info in models.shipped()
        if info.name == "dates-seq2seq"
    )


def test_every_shipped_network_and_every_run_is_a_choice(run: str) -> None:
    app = open_text(part="Translate")
    options = app.selectbox(key="translation.model").options
    assert [option.split(" · ")[0] for option in options] == ["dates-seq2seq", "english-french", "one digit"]


def test_the_chosen_network_is_in_the_address_so_that_a_reload_brings_it_back(run: str) -> None:
    app = open_text(part="Translate")
    app.selectbox(key="translation.model").set_value("run:english-french").run()
    assert app.query_params["model"] == "english-french"
    again = open_text(part="Translate", model="english-french")
    assert again.selectbox(key="translation.model").value == "run:english-french"
    again.segmented_control(key="part").set_value("Generation").run()
    assert not again.exception and "model" not in again.query_params


def test_a_run_is_opened_by_its_link(run: str) -> None:
    app = open_text(model=run)
    assert app.selectbox(key="translation.model").value == f"run:{run}"
    shown = drawn(app)
    assert shown["source"] == [*"47+85"][:3] and not shown["attends"]
    assert app.session_state["text.part"] == "Translate"


def test_beams_give_a_table_of_texts(run: str) -> None:
    app = open_text(part="Translate")
    app.slider(key="translate.beams").set_value(3).run()
    assert not app.exception
    assert len(app.dataframe[0].value) == 3
    assert app.dataframe[0].value["Text"][0] == "1999-05-03"


def test_an_example_is_one_click(run: str) -> None:
    app = open_text(part="Translate")
    (button,) = [button for button in app.button if button.label == "7/4/76"]
    button.click().run()
    assert "".join(drawn(app)["source"]) == "7/4/76"
