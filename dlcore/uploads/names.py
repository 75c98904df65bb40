"""Names of files and folders as people wrote them, whatever their bytes are."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

ENCODINGS = ("utf-8", "cp437", "cp1252", "cp932", "gbk", "cp949", "cp866", "cp1251", "cp1253")
"""Of names whose encoding nobody has written down, the likelier first: those of zips made by Windows."""
SCRIPTS = ("LATIN", "HIRAGANA", "KATAKANA", "CJK", "HANGUL", "CYRILLIC", "GREEK")


def decoded(names: Iterable[bytes]) -> list[str]:
    """Names of one encoding, which is the first of ``ENCODINGS`` in which they look most like words."""
    raw = list(names)
    together = b"/".join(raw)
    if together.isascii():
        return [name.decode("ascii") for name in raw]
    readable = {encoding: text for encoding in ENCODINGS if (text := _text(together, encoding)) is not None}
    if "utf-8" in readable:
        best = "utf-8"  # bytes of another encoding are hardly ever valid UTF-8
    else:
        best = max(readable, key=lambda encoding: _likeness(readable[encoding]))  # of equals the first
    return [name.decode(best) for name in raw]


def from_surrogates(names: Iterable[str]) -> list[str]:
    """Names of a file system, of which Python keeps as surrogates what is not UTF-8."""
    kept = list(names)
    odd = iter(decoded(name.encode("utf-8", "surrogateescape") for name in kept if not _is_unicode(name)))
    return [name if _is_unicode(name) else next(odd) for name in kept]


def readable(name: str) -> str:
    """A name in one spelling (NFC), without what cannot be shown."""
    whole = unicodedata.normalize("NFC", name)
    return "".join(c for c in whole if unicodedata.category(c)[0] != "C").strip()


def parts(path: str) -> tuple[str, ...]:
    """Folders and name of a path, of Windows too, each readable."""
    return tuple(
        name for part in path.replace("\\", "/").split("/") if (name := readable(part)) not in ("", ".", "..")
    )


def shortened(names: Iterable[str], length: int) -> dict[str, str]:
    """For each name one of limited length; different names stay different."""
    short: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for name in names:
        tail = length // 2 - 1
        candidate = name if len(name) <= length else f"{name[: length - tail - 1]}…{name[-tail:]}"
        taken[candidate] += 1
        if taken[candidate] > 1:
            number = f" ({taken[candidate]})"
            candidate = candidate[: length - len(number)] + number
        short[name] = candidate
    return short


def _text(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _likeness(text: str) -> float:
    """How much a text looks like words: letters of one script; none of half width, no lines and symbols."""
    odd = [c for c in text if ord(c) > 127]
    scripts = Counter(_script(c) for c in odd)
    strange = scripts.pop("", 0)
    main = scripts.most_common(1)[0][1] if scripts else 0
    if {"HIRAGANA", "KATAKANA"} & scripts.keys():  # Japanese mixes three scripts
        main = sum(scripts[name] for name in ("HIRAGANA", "KATAKANA", "CJK"))
    latin = sum(c.isascii() and c.isalpha() for c in text.lower())
    # Latin letters occur beside a few accented ones, and seldom beside those of another script.
    unlikely = len(odd) > latin if scripts.keys() <= {"LATIN"} else latin > 0
    return (main * (0.9 - 0.1 * unlikely) - 2 * strange) / len(odd)


def _script(character: str) -> str:
    """One of SCRIPTS for a common letter, else nothing."""
    if unicodedata.category(character) not in ("Ll", "Lu", "Lo"):
        return ""
    first = unicodedata.name(character, "").split(" ", 1)[0]
    return first if first in SCRIPTS else ""


def _is_unicode(name: str) -> bool:
    return not any(0xD800 <= ord(c) <= 0xDFFF for c in name)
