"""Embeddings on the Text page: nearest words, arithmetic and a map, without an engine."""

from __future__ import annotations

import pytest
from app_page import open_page
from streamlit.testing.v1 import AppTest


@pytest.fixture
def page() -> AppTest:
    return open_page("pages/text.py", part="Embeddings")


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
