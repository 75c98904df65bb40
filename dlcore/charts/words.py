"""A text in words, and as HTML in which each word has the colour of what it did. Plain data only.

Orange pushes towards negative and blue towards positive; because not everybody sees that, a positive word
is also underlined with a full line and a negative one with a dashed line, and what counts has its sign and
number below it. Text is escaped here and nowhere shown as markup.
"""

from __future__ import annotations

import unicodedata
from html import escape
from typing import Any

from dlcore.charts.palette import CLASSES, NEGATIVE, POSITIVE

JOINERS = "'’-‐_"


def _kind(character: str) -> str:
    """ "letter", "ideograph", "sign" (punctuation, emoji), "space", or "mark", which goes with what it follows."""
    if character.isspace():
        return "space"
    code = ord(character)
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF:
        return "ideograph"  # Chinese and Japanese are written without spaces
    category = unicodedata.category(character)
    if category[0] in "MC":
        return "mark"
    return "sign" if category[0] in "PS" else "letter"


def words(text: str) -> list[tuple[int, int]]:
    """Where the words of a text begin and end. Punctuation and emoji stand for themselves."""
    spans: list[tuple[int, int]] = []
    last = "space"
    for i, character in enumerate(text):
        kind = _kind(character)
        if kind == "mark":
            joined = last != "space"
            kind = last if joined else "letter"
        elif kind == "sign" and last == "letter" and _joins(text[i - 1 : i + 2]):
            kind, joined = "letter", True
        else:
            joined = kind == last and kind in ("letter", "sign")
        if joined:
            spans[-1] = spans[-1][0], i + 1
        elif kind != "space":
            spans.append((i, i + 1))
        last = kind
    return spans


def _joins(three: str) -> bool:
    """Whether the sign in the middle belongs to the word around it: don't, well-made, 3.5."""
    if len(three) < 3 or _kind(three[2]) != "letter":
        return False
    return three[1] in JOINERS or (three[1] in ".," and three[0].isdigit() and three[2].isdigit())


def without(text: str, start: int, end: int, instead: str = "") -> str:
    """The text with one word replaced or, without a replacement, left out together with one space."""
    if not instead and text[end : end + 1].isspace() and (start == 0 or text[start - 1].isspace()):
        end += 1
    return text[:start] + instead + text[end:]


def number(value: float) -> str:
    """A signed number of two digits, with a real minus."""
    return f"{value:+.2f}".replace("-", "−")


def coloured(text: str, marks: list[dict[str, Any]], *, chosen: int | None = None, numbers: int = 12) -> str:
    """The text as HTML.

    Args:
        text: Any text at all.
        marks: In order, ``{"start", "end", "value", "about"}``: where a word is, what it did (above 0:
            positive; None: not known) and its tooltip.
        chosen: Index of the mark that gets a frame.
        numbers: The number of strongest words that have their number below them.
    """
    values = [mark["value"] or 0.0 for mark in marks]
    most = max((abs(value) for value in values), default=0.0) or 1.0
    loud = sorted(range(len(marks)), key=lambda i: -abs(values[i]))[:numbers]
    numbered = {i for i in loud if abs(values[i]) >= 0.1 * most}
    parts, done = [], 0
    for i, mark in enumerate(marks):
        parts.append(escape(text[done : mark["start"]]))
        done = mark["end"]
        parts.append(_word(text[mark["start"] : done], mark, i, values[i] / most, i in numbered, i == chosen))
    parts.append(escape(text[done:]))
    return f'<div class="words" dir="auto">{"".join(parts)}</div>'


def _word(word: str, mark: dict[str, Any], index: int, share: float, numbered: bool, chosen: bool) -> str:
    side = "positive" if share > 0 else "negative"
    classes = ["word", side] if abs(share) >= 0.03 else ["word"]
    classes += ["strong"] * (abs(share) >= 0.5) + ["chosen"] * chosen
    below = f' data-number="{number(mark["value"])}"' if numbered else ""
    return (
        f'<span class="{" ".join(classes)}" data-word="{index}" role="button" tabindex="0" '
        f'style="--share:{abs(share):.2f}" title="{escape(mark.get("about", ""))}"{below}>'
        f"{escape(word)}</span>"
    )


def percent(share: float) -> str:
    """A probability with as many digits as mean something; never 100 %, which nobody is sure of."""
    if share > 0.999:
        return "> 99.9 %"
    if share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def colour(label: str, place: int) -> str:
    """The colour of a class: orange and blue for negative and positive, else its own."""
    signs = {"negative": NEGATIVE, "positive": POSITIVE}
    return signs.get(label) or CLASSES[(place + 2) % len(CLASSES)]


def verdict(probabilities: dict[str, float]) -> str:
    """The most probable class in words, and all of them as one bar, as HTML."""
    best = max(probabilities, key=lambda name: probabilities[name])
    parts = "".join(
        f'<span style="flex-basis:{100 * share:.1f}%;background:{colour(name, i)}"></span>'
        for i, (name, share) in enumerate(probabilities.items())
    )
    keys = "".join(
        f'<span><i style="background:{colour(name, i)}"></i>{escape(name)} {percent(share)}</span>'
        for i, (name, share) in enumerate(probabilities.items())
    )
    return (
        f'<div class="verdict" role="status"><b>{escape(best.capitalize())}</b>, '
        f"{percent(probabilities[best])} sure</div>"
        f'<div class="shares" aria-hidden="true">{parts}</div><div class="keys">{keys}</div>'
    )


def change(before: float, after: float, label: str, word: str, instead: str) -> str:
    """The probability of a class with a word and with another, or none, in its place, as HTML."""
    points = round(100 * (after - before), 1)
    change = f"{points:+.1f}".replace("-", "−") if points else "0.0"
    now = f"with “{instead}”" if instead else "without it"
    rows = "".join(
        f'<span class="name" dir="auto">{escape(name)}</span><span class="track">'
        f'<span style="width:{100 * share:.1f}%;background:{colour(label, 0)}"></span></span>'
        f'<span class="share">{percent(share)}</span>'
        for name, share in ((f"with “{word}”", before), (now, after))
    )
    return (
        f'<div class="verdict" role="status"><b>{change} points</b> {escape(label)}</div>'
        f'<div class="rows">{rows}</div>'
    )


CSS = f"""
.words {{ line-height: 2.6; font-size: 1.2rem; max-height: 21rem; overflow-y: auto; padding: 0 .2rem .3rem;
          white-space: pre-wrap; overflow-wrap: anywhere; }}
.word {{ position: relative; cursor: pointer; border-radius: .2rem; padding: .12em .1em;
         border-bottom: 3px solid transparent; }}
.word:hover, .word:focus-visible {{ outline: 2px solid var(--st-border-color); }}
.word.chosen {{ outline: 2px solid var(--st-text-color); outline-offset: 1px; }}
.word.negative {{ background: color-mix(in srgb, {NEGATIVE} calc(var(--share) * 55%), transparent);
                  border-bottom: 3px dashed {NEGATIVE}; }}
.word.positive {{ background: color-mix(in srgb, {POSITIVE} calc(var(--share) * 45%), transparent);
                  border-bottom: 3px solid {POSITIVE}; }}
.word.strong {{ font-weight: 700; }}
.word[data-number] {{ display: inline-block; min-width: 2.1rem; text-align: center; line-height: 1.4; }}
.word[data-number]::after {{ content: attr(data-number); position: absolute; left: 50%; top: calc(100% + 4px);
    transform: translateX(-50%); font: 400 .68rem/1.3 var(--st-font); white-space: nowrap;
    opacity: .85; pointer-events: none; direction: ltr; }}
.note {{ font-size: .875rem; opacity: .8; margin-top: .4rem; }}
.verdict {{ font-size: 1.35rem; }}
.shares {{ display: flex; height: .8rem; border-radius: .4rem; overflow: hidden; margin: .5rem 0 .3rem; }}
.keys {{ display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1rem;
         font-size: .875rem; }}
.keys i {{ display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .35em; }}
.rows {{ display: grid; grid-template-columns: fit-content(45%) 1fr auto; gap: .35rem .6rem; align-items: center;
         margin-top: .5rem; font-size: .95rem; }}
.name {{ overflow-wrap: anywhere; }}
.track {{ height: .8rem; border-radius: .4rem; overflow: hidden;
          background: var(--st-secondary-background-color); }}
.track > span {{ display: block; height: 100%; transition: width .2s; }}
.share {{ font-variant-numeric: tabular-nums; text-align: right; }}
"""
"""How those words look, in any of Streamlit's themes."""
