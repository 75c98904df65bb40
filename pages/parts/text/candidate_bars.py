"""Words that could come next, as bars; click one to take it."""

from __future__ import annotations

from typing import Any

import streamlit as st

_component = st.components.v2.component(
    "studio_candidates",
    html='<div class="candidates" role="group"></div>',
    css="""
    .candidates { display: grid; gap: 3px; font: .95rem var(--st-font); color: var(--st-text-color); }
    .candidates button { display: grid; grid-template-columns: 9.5rem 1fr 4rem; align-items: center;
              gap: .5rem; font: inherit; color: inherit; text-align: left; border: 0; padding: 3px 6px;
              border-radius: 5px; background: none; cursor: pointer; }
    .candidates button:hover { background: var(--st-secondary-background-color); }
    .candidates button[aria-pressed="true"] { font-weight: 650; }
    .candidates .word { overflow: hidden; text-overflow: ellipsis; white-space: pre;
              font-family: var(--st-code-font); }
    .candidates .bar { height: 1.05rem; border-radius: 3px; background: var(--st-primary-color);
              opacity: .55; min-width: 1px; transition: width .12s; }
    .candidates [aria-pressed="true"] .bar { opacity: 1; }
    .candidates .share { text-align: right; font-variant-numeric: tabular-nums; }
    """,
    js="""
    export default ({ parentElement, data, setTriggerValue }) => {
        const root = parentElement.querySelector(".candidates");
        root.setAttribute("aria-label", data.alt);
        while (root.childElementCount > data.rows.length) root.lastChild.remove();
        data.rows.forEach((row, i) => {
            let button = root.children[i]; // kept, so that the focus stays on it
            if (!button) {
                button = document.createElement("button");
                for (const name of ["word", "bar", "share"]) {
                    const part = document.createElement("span");
                    part.className = name;
                    button.append(part);
                }
                root.append(button);
            }
            button.title = data.hint;
            button.setAttribute("aria-pressed", row.taken);
            const [word, bar, share] = button.children;
            word.textContent = row.text;
            bar.style.width = `${100 * row.probability}%`;
            share.textContent = row.share;
            button.onclick = () => setTriggerValue("chosen", row.token);
        });
    };
    """,
)


def candidate_bars(rows: list[dict[str, Any]], key: str, hint: str) -> int | None:
    """Draw them and return the token that was just clicked, or None.

    Args:
        rows: ``token``, ``piece``, ``probability`` and ``taken`` (whether it is in the text).
        hint: What a click does.
    """
    shown = [
        {
            "token": row["token"],
            "text": visible(row["piece"]),
            "probability": row["probability"],
            "share": f"{row['probability']:.1%}",
            "taken": row["taken"],
        }
        for row in rows
    ]
    component = _component(
        data={"rows": shown, "hint": hint, "alt": "Candidates for this place, most probable first"},
        key=key,
        on_chosen_change=lambda: None,
    )
    return component.chosen


def visible(piece: str) -> str:
    """A piece of text with its spaces and line breaks to be seen."""
    return (
        piece.replace("\n", "⏎").replace(" ", "·", 1)
        if piece.strip()
        else (piece.replace("\n", "⏎").replace(" ", "·") or "(end)")
    )
