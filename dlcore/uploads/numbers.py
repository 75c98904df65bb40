"""Numbers as people write them: with commas or points, thousands separated, a currency, a per cent sign."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

MISSING = {
    *("", "-", "–", "—", ".", "..", "?", "n/a", "#n/a", "n.a.", "na", "nan", "null", "none", "nil"),
    *("missing", "k.a.", "k. a."),
}
"""What stands where a number is missing, in small letters."""
UNITS = re.compile(r"\s*(?:[$€£¥₹%]|\b(?:EUR|USD|CHF|GBP)\b)\s*")
GROUPS = re.compile("(?<=\\d)[ \u00a0\u202f\u2009'’](?=\\d{3}(?!\\d))")
SHAPE = re.compile(r"([-+]?)(\d+(?:[.,]\d+)*|[.,]\d+)((?:[eE][-+]?\d+)?)")
CODE = re.compile(r"0\d+")
"""A number that begins with a zero is the name of something: 007."""


def is_missing(text: str) -> bool:
    """Whether a cell says nothing."""
    return text.strip().casefold() in MISSING


def decimal_sign(texts: Iterable[str]) -> str:
    """The decimal sign that most of these numbers show, "," or "."; empty where none shows it."""
    votes = Counter(sign for text in texts if (whole := _whole(text)) and (sign := _sign(whole[2])))
    return max(votes, key=lambda sign: (votes[sign], sign)) if votes else ""


def number(text: str, decimal: str = ".") -> float | None:
    """The number in a cell; None where there is none.

    ``decimal`` decides where the number itself leaves it open, as in 1,234.
    """
    whole = _whole(text)
    if whole is None or CODE.fullmatch(whole[0]):
        return None
    digits = whole[2]
    sign = _sign(digits) or decimal
    other = "," if sign == "." else "."
    before, _, after = digits.partition(sign)
    if sign in after or other in after or not _grouped(before, other):
        return None
    return float(f"{whole[1]}{before.replace(other, '') or 0}.{after or 0}{whole[3]}")


def _whole(text: str) -> re.Match[str] | None:
    bare = UNITS.sub("", text.strip()).replace("−", "-")
    return SHAPE.fullmatch(GROUPS.sub("", bare))


def _sign(digits: str) -> str:
    """The decimal sign of a number, empty where it leaves that open."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if points + commas == 0:
        return ""
    if points + commas > 1:  # 12.345.678: then these are the thousands
        return "," if points else "."
    sign = "." if points else ","
    before, _, after = digits.partition(sign)
    grouped = len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0"
    return "" if grouped else sign


def _grouped(digits: str, separator: str) -> bool:
    """Whether thousands are where they should be."""
    first, *others = digits.split(separator)
    return not others or (1 <= len(first) <= 3 and all(len(group) == 3 for group in others))
