"""Foreign text is one line of plain text to Markdown; the browser tests look at what comes of it."""

from __future__ import annotations

import pytest

from pages.parts.plain import JOINER, plain


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("digits cnn-2 (best), 99.5 %!", "digits cnn-2 (best), 99.5 %!"),
        ("# title", "\\# title"),
        ("1. one", "1\\. one"),
        ("12) twelve", "12\\) twelve"),
        ("- item", "\\- item"),
        ("> quote", "\\> quote"),
        ("**bold** _it_ `code`", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\`"),
        ("![p](http://x.y/z)", f"!\\[p\\](http:{JOINER}//x.y/z)"),
        ("www.x.org", f"www{JOINER}.x.org"),
        ("a@b.org", f"a@{JOINER}b.org"),
        (":material/home:", f":{JOINER}material/home:"),
        (":red[x]", f":{JOINER}red\\[x\\]"),
        ("$x^2$", "\\$x^2\\$"),
        ("<b>x</b>", "\\<b>x\\</b>"),
        ("a -> b", f"a -{JOINER}> b"),
        ("two\n\n# lines\tand\x00more", "two # lines and more"),
        ("\u202egpj.exe", "gpj.exe"),
        (7, "7"),
    ],
)
def test_marks_lose_their_powers_and_words_stay(given: object, shown: str) -> None:
    assert plain(given) == shown
