"""Words in any script, and text that never becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from dlcore.charts.words import change, coloured, percent, verdict, without, words

EVIL = [
    "<b>bold</b>",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</div></span><h1>&lt;",
    "**bold** $x^2$ :material/x: :red[x] [a](javascript:x)",
]


class Reading(HTMLParser):
    """The tags and the text of HTML."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's a well-made film, isn’t it?", ["It's", "a", "well-made", "film", ",", "isn’t", "it", "?"]),
        ("so good!!! :)", ["so", "good", "!!!", ":)"]),
        ("'quoted' 3.5", ["'", "quoted", "'", "3.5"]),
        ("שלום, עולם", ["שלום", ",", "עולם"]),
        ("हिन्दी फ़िल्म", ["हिन्दी", "फ़िल्म"]),
        ("电影很好", ["电", "影", "很", "好"]),
        ("👩‍🚀 ok", ["👩‍🚀", "ok"]),
        ("a\u200bb", ["a\u200bb"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_words_of_any_script(text: str, expected: list[str]):
    assert [text[start:end] for start, end in words(text)] == expected


@pytest.mark.parametrize("text", ["a b c", "\u0301x \u200b\u200b y", "—-'-_", "a'b'c- d", "😀a😀"])
def test_words_never_overlap_and_leave_out_only_spaces(text: str):
    spans = words(text)
    assert all(a < b for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    rest = "".join(text[a:b] for a, b in spans)
    assert rest == "".join(character for character in text if not character.isspace())


def test_a_word_is_left_out_with_one_space_or_replaced():
    assert without("not bad at all", 0, 3) == "bad at all"
    assert without("not bad at all", 4, 7) == "not at all"
    assert without("not bad!", 4, 7) == "not !"
    assert without("not bad!", 4, 7, "good") == "not good!"


def marks(text: str) -> list[dict]:
    return [
        {"start": a, "end": b, "value": (-1) ** i * i / 7, "about": text}
        for i, (a, b) in enumerate(words(text))
    ]


@pytest.mark.parametrize("text", EVIL)
def test_text_is_shown_as_it_is(text: str):
    reading = Reading(coloured(text, marks(text), chosen=0))
    assert reading.text == text
    assert set(reading.tags) == {"div", "span"}
    assert reading.attributes <= {
        "class",
        "dir",
        "data-word",
        "role",
        "tabindex",
        "style",
        "title",
        "data-number",
    }


@pytest.mark.parametrize("text", EVIL)
def test_labels_and_words_in_answers_are_shown_as_they_are(text: str):
    for html in (verdict({text: 0.7, "other": 0.3}), change(0.2, 0.9, text, text, text)):
        reading = Reading(html)
        assert set(reading.tags) <= {"div", "span", "b", "i"}
        assert text.casefold() in reading.text.casefold()


def test_sign_and_line_tell_what_colour_tells():
    text = "good bad so"
    html = coloured(
        text,
        [
            {"start": 0, "end": 4, "value": 2.0, "about": ""},
            {"start": 5, "end": 8, "value": -1.0, "about": ""},
            {"start": 9, "end": 11, "value": None, "about": ""},
        ],
    )
    spans = re.findall(r"<span ([^>]*)>(\w+)<", html)
    assert [word for _, word in spans] == ["good", "bad", "so"]
    assert "positive" in spans[0][0]
    assert 'data-number="+2.00"' in spans[0][0]
    assert "negative" in spans[1][0]
    assert 'data-number="−1.00"' in spans[1][0]
    assert "data-number" not in spans[2][0]


def test_nobody_is_sure_to_a_hundred_percent():
    assert percent(0.99999) == "> 99.9 %"
    assert percent(0.00001) == "< 0.1 %"
    assert percent(0.5) == "50.0 %"
