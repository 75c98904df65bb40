"""Two texts as tokens, the second written for the first: candidates at each place, and attention between the two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts.roving import ROVING

_component = st.components.v2.component(
    "studio_translation",
    html='<div class="translation"><div class="part tokens read"></div><div class="part tokens written"></div><div class="part plain"></div>'
    '<div class="closer"><div><div class="part about"></div><div class="part candidates"></div></div>'
    '<div class="scroll"><div class="part matrix"></div></div></div></div>',
    css="""
    .translation { font: 1rem var(--st-font); color: var(--st-text-color); }
    .tokens { display: flex; flex-wrap: wrap; gap: 3px; margin-bottom: .7rem; min-height: 2rem; align-items: center; }
    .tokens::before { content: attr(data-title); flex-basis: 100%; font-size: .8rem; opacity: .75; }
    .token { padding: 2px 5px; min-width: .7em; text-align: center; border-radius: 4px; cursor: default;
             border: 1px solid var(--st-border-color); white-space: pre; }
    .written .token { font-size: 1.15rem; font-weight: 600; }
    .plain { font-size: 1.35rem; font-weight: 600; margin: -.2rem 0 1rem; overflow-wrap: anywhere; }
    .written .end { font-size: .7rem; opacity: .5; }
    .written .unsure { border-style: dashed; }
    .token.at { border-color: var(--st-primary-color); box-shadow: 0 0 0 1px var(--st-primary-color); }
    .token:focus-visible { outline: 2px solid var(--st-primary-color); }
    .new { animation: appear .25s both; }
    @keyframes appear { from { opacity: 0; transform: translateY(4px); } }
    @media (prefers-reduced-motion: reduce) { .new { animation: none; } }
    .closer { display: grid; grid-template-columns: minmax(13rem, 1fr) minmax(0, auto); gap: 1.6rem; }
    @media (max-width: 640px) { .closer { grid-template-columns: minmax(0, 1fr); } }
    .about { font-size: .8rem; opacity: .75; margin-bottom: .3rem; }
    .candidates { display: grid; grid-template-columns: minmax(3rem, auto) 1fr 3.6rem; gap: 3px .6rem;
                  align-items: center; max-width: 26rem; }
    .word { font-family: var(--st-code-font); white-space: pre; }
    .word.taken { font-weight: 700; }
    .track { height: .9rem; }
    .bar { display: block; height: 100%; min-width: 1px; border-radius: 3px; background: var(--st-primary-color); opacity: .7; }
    .share { text-align: right; font-variant-numeric: tabular-nums; font-size: .85rem; }
    .scroll { overflow-x: auto; }
    .matrix { display: grid; gap: 1px; font-size: .75rem; width: max-content; padding-bottom: 4px; }
    .matrix[hidden] { display: none; }
    .column { writing-mode: vertical-rl; transform: rotate(180deg); white-space: pre; justify-self: center; min-height: 1.2em;
              font-family: var(--st-code-font); }
    .upright { writing-mode: horizontal-tb; transform: none; align-self: end; min-height: 0; }
    .row { text-align: right; padding-right: 5px; white-space: pre; font-family: var(--st-code-font);
           position: sticky; left: 0; background: var(--st-background-color); }
    .cell { height: 17px; min-width: 15px; box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--st-border-color) 45%, transparent); }
    .cell.on { box-shadow: inset 0 0 0 1px var(--st-primary-color); }
    """,
    js=ROVING + (Path(__file__).parent / "translation_view.js").read_text(),
)


def translation_view(answer: dict[str, Any], text: dict[str, Any], titles: tuple[str, str], key: str) -> None:
    """Draw one of the texts of a translation; hovering over a token shows where it looked, and what else was likely.

    Args:
        answer: What :func:`dlcore.language.translation.translated` gives.
        text: One of its ``texts``.
        titles: What the two are called.
    """
    steps = [step | {"end": step["piece"] == END} for step in text["steps"]]
    for step in steps:
        step["candidates"] = [one | {"end": one["piece"] == END} for one in step["candidates"]]
    looks = [max(step["attention"], default=0.0) for step in steps]
    unsure = [step["probability"] for step in steps]
    _component(
        data={
            "source": answer["source"],
            "steps": steps,
            "text": text["text"],
            "titles": list(titles),
            "attends": max(looks, default=0.0) > 0,
            "start": unsure.index(min(unsure)) if unsure else 0,  # where it was least sure
        },
        key=key,
    )


END = "[END]"
"""The piece that ends a text."""
