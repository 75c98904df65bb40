"""What a network has written, as HTML: each text with its own line breaks."""

from __future__ import annotations

import html


def written_lines(texts: list[str]) -> str:
    """Texts one below the other, with a line at the left."""
    style = (
        "border-left:3px solid #0877bd;padding:.15rem .8rem;margin:.5rem 0;line-height:1.55;"
        "white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext"
    )
    return "".join(f'<div style="{style}">{html.escape(text) or "…"}</div>' for text in texts)
