"""Texts as their tokens: HTML in which every token is a box, and unknown ones stand out."""

from __future__ import annotations

from html import escape
from typing import Any

from dlcore.charts.palette import NEGATIVE


def token_chips(rows: list[dict[str, Any]], unknown: str) -> str:
    """Rows of ``{"pieces", "label"}``, each a text and its class; ``unknown`` is what unknown tokens are called."""
    return "".join(
        f'<div style="margin:0 0 .7rem"><div style="font-size:.8rem;opacity:.7">{escape(row["label"])}</div>'
        f'<div dir="auto" style="line-height:1.9">{"".join(_chip(p, p == unknown) for p in row["pieces"])}</div></div>'
        for row in rows
    )


def _chip(piece: str, unknown: bool) -> str:
    border = f"1px dashed {NEGATIVE}" if unknown else "1px solid rgba(128,128,128,.35)"
    title = ' title="Not in the vocabulary"' if unknown else ""
    return (
        f'<span{title} style="border:{border};border-radius:.3rem;padding:.05rem .3rem;margin:0 .2rem .2rem 0;'
        f'display:inline-block;line-height:1.45;font-size:.9rem;white-space:pre">{escape(visible(piece))}</span>'
    )


def visible(piece: str) -> str:
    """A space as "␣" and a line's end as "↵", where there is nothing else to see."""
    return piece if piece.strip() else piece.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥") or "∅"
