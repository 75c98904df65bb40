"""The Sentiment page as Streamlit runs it; a tiny network answers in this process instead of the engine's."""

from __future__ import annotations

import json
import shutil
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from app_page import answer_here, open_page
from streamlit.testing.v1 import AppTest

from dlcore.client import Client
from dlcore.language import catalog, first_answer
from dlcore.language.catalog import TextModel
from pages.parts.cookie import COOKIE
from pages.parts.plain import plain

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "fixtures" / "sentiment"
FIRST = "A gorgeous, witty film, and the ending is not bad at all."
EVIL = [
    "<b>bold</b> film",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "**bold** $x^2$ :material/home: :red[x] [a](javascript:x)",
    "# heading\n\n- list\n\n| a | b |",
]


@cache
def sentiment(*texts: str) -> Any:
    from dlcore.language import sentiment

    return sentiment.sentiment(TINY, list(texts))


@cache
def explained(text: str) -> Any:
    from dlcore.language import sentiment

    return sentiment.explain(TINY, text)


class Engine:
    """Instead of the engine: the questions, and the answers of the tiny network."""

    requests: list[tuple[str, dict[str, Any]]]
    ready = True
    broken = ""

    def answer(self, job: str, **arguments: Any) -> Any:
        if self.broken:
            raise RuntimeError(self.broken)
        if job == "sentiment":
            return sentiment(*arguments["texts"])
        assert job == "explain_sentiment"
        return explained(arguments["text"])


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    known = [TextModel(name, name, "sentiment", "hub", {}, TINY, 1, 1) for name in ("tiny", "second")]
    monkeypatch.setattr(catalog, "available", lambda task: known)
    engine.requests = answer_here(monkeypatch, lambda job: partial(engine.answer, job))
    monkeypatch.setattr(Client, "ready", property(lambda self: engine.ready))
    return engine


def open_sentiment(text: str | None = None, **state: Any) -> AppTest:
    kept = {} if text is None else {"sentiment.text.kept": {"text": text, "version": 1}}
    return open_page("pages/text.py", state | kept)


def html_of(app: AppTest, key: str = "sentiment.words") -> str:
    (widget,) = [c for c in app.get("bidi_component") if c.key == key]
    html: str = json.loads(widget.proto.json)
    return html


def all_words(app: AppTest) -> str:
    """Everything Streamlit would take for Markdown or HTML, but for the script that keeps the cookie."""
    elements = [*app.markdown, *app.caption, *app.get("html"), *app.info, *app.error, *app.warning]
    labels = [w.label for w in [*app.button, *app.text_input, *app.selectbox, *app.toggle]]
    words = [str(getattr(e, "value", "") or e.proto) for e in elements]
    return "\n".join([*(word for word in words if COOKIE not in word), *labels])


def test_the_first_look_shows_a_sentence_with_its_words_coloured(engine: Engine):
    app = open_sentiment()
    html = html_of(app)
    assert "sure</div>" in html_of(app, "sentiment.verdict")
    assert html.count('class="word positive') + html.count('class="word negative') > 3
    assert "chosen" in html
    assert "Blue, full line: towards positive" in app.caption[1].value
    assert "points</b>" in html_of(app, "sentiment.change")


def test_without_an_engine_the_page_says_that_it_warms_up(engine: Engine):
    engine.ready = False
    app = open_sentiment()
    assert any("warming up" in caption.value for caption in app.caption)


def test_a_shipped_answer_is_there_before_the_engine(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    first_answer.write(folder)
    shipped = TextModel("tiny", "tiny", "sentiment", "hub", {}, folder, 1, 1)
    monkeypatch.setattr(catalog, "available", lambda task: [shipped])
    engine.ready = False
    app = open_sentiment()
    assert not any("warming up" in caption.value for caption in app.caption)
    before = html_of(app), html_of(app, "sentiment.verdict"), html_of(app, "sentiment.change")
    assert not engine.requests
    engine.ready = True
    app.run()
    after = html_of(app), html_of(app, "sentiment.verdict"), html_of(app, "sentiment.change")
    assert engine.requests
    assert after == before


def write(app: AppTest, text: str) -> None:
    app.session_state["sentiment.text.kept"] = {"text": text, "version": 1}
    app.run()
    assert not app.exception, app.exception


def test_text_is_never_markup(engine: Engine):
    app = open_sentiment()
    for text in EVIL:
        write(app, text)
        for tag in ("<b>bold", "<script", "<img"):
            assert tag not in html_of(app)
            assert tag not in html_of(app, "sentiment.change")
        for sign in ("<b>bold", "<script", "<img", ":red[", "$x^2$", "# heading", ":material/home:"):
            assert sign not in all_words(app)


def test_text_is_never_markup_in_a_table_or_an_error(engine: Engine):
    lines = "\n".join(EVIL)
    kept = {"text": lines, "version": 1}
    app = open_sentiment(**{"sentiment.kind": "Many lines", "sentiment.lines.kept": kept})
    expected = [line for line in lines.splitlines() if line.strip()]
    assert app.dataframe[0].value["text"].tolist() == expected
    engine.broken = lines
    app = open_sentiment("other")
    assert [error.value for error in app.error] == [plain(lines)] and plain(lines) != lines


def test_nothing_to_read_is_said(engine: Engine):
    app = open_sentiment("")
    for text in ("", "  \n ", "\u200b\u200d"):
        write(app, text)
        assert app.info
        assert not [c for c in app.get("bidi_component") if c.key == "sentiment.words"]


def test_strange_texts_are_answered(engine: Engine):
    app = open_sentiment()
    for text in ("😀😀", "שלום, סרט נהדר", "a\u200bb", "film " * 3000, "x" * 20_000):
        write(app, text)
        assert "sure</div>" in html_of(app, "sentiment.verdict")
        assert ("room for 48 tokens" in html_of(app)) == (len(text.split()) > 1000)


def test_an_example_takes_the_place_of_the_text(engine: Engine):
    app = open_sentiment()
    app.button(key="sentiment.example.Mixed").click().run()
    assert "beautiful" in html_of(app)
    assert app.session_state["sentiment.text.kept"]["version"] == 1


def test_a_word_is_left_out_or_replaced_and_the_change_can_be_kept(engine: Engine):
    app = open_sentiment("the film is wonderful", **{"sentiment.chosen": ("the film is wonderful", 3)})
    assert "without it" in html_of(app, "sentiment.change")
    assert len(engine.requests) == 2
    app.text_input(key="sentiment.instead").set_value("<i>dull").run()
    assert "&lt;i&gt;dull" in html_of(app, "sentiment.change")
    assert engine.requests[-1] == ("sentiment", {"model": "tiny", "texts": ["the film is <i>dull"]})
    (keep,) = [b for b in app.button if b.label == "Keep this change"]
    keep.click().run()
    assert app.session_state["sentiment.text.kept"]["text"] == "the film is <i>dull"
    assert app.text_input(key="sentiment.instead").value == ""


def test_two_networks_stand_side_by_side(engine: Engine):
    app = open_sentiment(**{"sentiment.closer": "Compare", "sentiment.other": "second"})
    views = [c for c in app.get("bidi_component") if str(c.key).startswith("sentiment.compare")]
    assert len(views) == 2
    assert any("They agree" in caption.value for caption in app.caption)
    assert {kw["model"] for job, kw in engine.requests if job == "explain_sentiment"} == {"tiny", "second"}


def test_a_network_is_not_compared_with_itself(engine: Engine):
    app = open_sentiment(**{"sentiment.closer": "Compare", "sentiment.other": "tiny"})
    assert any("another network" in caption.value for caption in app.caption)


def test_attention_of_any_layer_and_head(engine: Engine):
    app = open_sentiment(**{"sentiment.closer": "Attention"})
    app.selectbox(key="sentiment.layer").set_value(1).run()
    app.selectbox(key="sentiment.head").set_value(2).run()
    (chart,) = app.get("plotly_chart")
    (trace,) = json.loads(chart.proto.spec)["data"]
    rows = trace["z"]
    assert all(abs(sum(row) - 1) < 0.01 for row in rows)
    app.toggle(key="sentiment.bare").set_value(True).run()
    (chart,) = app.get("plotly_chart")
    assert len(json.loads(chart.proto.spec)["data"][0]["z"]) == len(rows) - 2
    assert len([1 for job, _ in engine.requests if job == "explain_sentiment"]) == 1


def test_many_lines_give_a_table_and_two_charts(engine: Engine):
    app = open_sentiment(**{"sentiment.kind": "Many lines"})
    assert len(app.dataframe[0].value) == 8
    assert len(app.get("plotly_chart")) == 2
    assert app.get("download_button")


def test_a_large_file_is_classified_in_slices_and_only_once(engine: Engine):
    app = open_sentiment(**{"sentiment.kind": "CSV file"})
    data = "nr,text\n" + "".join(f"{i},film number {i}\n" for i in range(1200))
    app.file_uploader(key="sentiment.file").set_value(("big.csv", data.encode(), "text/csv")).run()
    assert not app.exception
    assert len(app.dataframe[0].value) == 1200
    slices = [len(kw["texts"]) for job, kw in engine.requests if job == "sentiment"]
    assert max(slices) <= 512
    asked = len(engine.requests)
    app.run()
    assert len(engine.requests) == asked


def test_a_file_that_is_no_table_is_refused(engine: Engine):
    app = open_sentiment(**{"sentiment.kind": "CSV file"})
    app.file_uploader(key="sentiment.file").set_value(("x.csv", b"PK\0\0", "text/csv")).run()
    assert "no text file" in app.error[0].value
