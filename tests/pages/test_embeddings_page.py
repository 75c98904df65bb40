"""Embeddings on the Text page: nearest words, arithmetic and a map, without an engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.client import Client

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(Client, "warm_up", lambda self: None)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.query_params["part"] = "Embeddings"
    app.switch_page("pages/text.py").run()
    assert not app.exception, app.exception
    return app


def tables(page: AppTest) -> list[list[str]]:
    return [list(frame.value["word"]) for frame in page.dataframe]


def test_words_near_a_word_are_listed(page: AppTest):
    near, total = tables(page)
    assert len(near) == len(total) == 10 and "good" not in near
    page.text_input(key="embeddings.word").set_value("bad").run()
    again, _ = tables(page)
    assert again != near and "bad" not in again


def test_an_unknown_word_says_so(page: AppTest):
    page.text_input(key="embeddings.word").set_value("zyxwv").run()
    assert any("“zyxwv” is not one of its words" in caption.value for caption in page.caption)
    assert len(page.dataframe) == 1 and not page.exception


def test_few_words_make_no_map(page: AppTest):
    page.text_area(key="embeddings.map").set_value("good, bad").run()
    assert any("at least three words" in info.value for info in page.info)
