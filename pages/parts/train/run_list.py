"""The runs a visitor may see, newest first: open one, rename or delete one's own."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.client import Refused, Visitor, client
from dlcore.runs.store import Run
from dlcore.tasks import headline
from pages.parts.plain import plain
from pages.parts.train import compared
from pages.parts.train.run_live import ago

PAGE = 20
TICKED = "runs.ticked"


def run_list(who: Visitor, chosen: Run | None) -> None:
    """A table of the runs the visitor may see, and what the chosen one's owner may do with it."""
    store = client().store
    if not store.count(seen_by=who.seen_by):
        return
    st.subheader("Runs", anchor=False)
    text_column, mine_column, compare_column, page_column = st.columns(
        [4, 2, 2, 2], vertical_alignment="bottom"
    )
    text = text_column.text_input("Search by name", key="runs.text", icon=":material/search:")
    mine = mine_column.toggle("Only mine", key="runs.mine")
    compare = compare_column.toggle(
        "Compare runs",
        key="runs.compare",
        help=f"Choose up to {compared.MOST} and draw their curves over each other.",
    )
    seen: dict[str, Any] = {"seen_by": who.seen_by, "owner": who.id if mine else None}
    pages = -(-store.count(**seen) // PAGE)
    page = 1
    if pages > 1 and not text:
        page = int(page_column.number_input(f"Page of {pages}", 1, pages, key="runs.page"))
    runs = store.list_runs(**seen, text=text, limit=PAGE, offset=PAGE * (page - 1))
    if not runs:
        st.caption("No run fits.")
        return
    # A selection is of places: it must not outlive the runs that stood there.
    ids = [run.id for run in runs]
    ticked = [ids.index(run) for run in st.session_state.get(TICKED, ()) if run in ids]
    opened = [ids.index(chosen.id)] if chosen and chosen.id in ids else []
    key = f"runs.{'compared' if compare else 'table'}.{' '.join(ids)}"
    st.dataframe(
        _table(runs, who),
        hide_index=True,
        on_select=partial(_selected, key, ids, compare),
        selection_mode="multi-row" if compare else "single-row",
        selection_default={"selection": {"rows": ticked if compare else opened}},
        key=key,
        column_config={
            "result": st.column_config.TextColumn("Test result"),
            "seconds": st.column_config.NumberColumn("Seconds", format="%.0f"),
        },
        alt=f"Table of {len(runs)} runs",
    )
    if compare:
        _compare([run for run in st.session_state.get(TICKED, ()) if run in ids])
    else:
        st.caption("Click at the left edge of a row to open that run.")
    if chosen:
        _manage(chosen, who)


def _selected(key: str, ids: list[str], compare: bool) -> None:
    """A click opens the run of that row as it was seen, or ticks it to be compared."""
    runs = [ids[row] for row in st.session_state[key].selection.rows if row < len(ids)]
    if compare:
        st.session_state[TICKED] = runs
    elif runs:
        compared.open_together(runs)


def _compare(selected: list[str]) -> None:
    """The button that draws the selected runs over each other."""
    few, many = len(selected) < 2, len(selected) > compared.MOST
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Draw over each other", icon=":material/stacked_line_chart:", disabled=few or many, key="compare"
        ):
            compared.open_together(selected)
            st.rerun()
        words = (
            f"at most {compared.MOST} at a time"
            if many
            else "tick two or more at the left edge of their rows"
        )
        st.caption(f"{len(selected)} chosen" + (f": {words}." if few or many else "."))


def _table(runs: list[Run], who: Visitor) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "name": run.name,
                "state": run.state.value,
                "result": headline(run.result.get("metrics", {})),
                "data": _name(run, "dataset", "name"),
                "network": _name(run, "architecture", "kind"),
                "seconds": run.seconds,
                "whose": "mine" if run.owner == who.id else "another's",
                "begun": ago(run.created),
            }
            for run in runs
        ]
    )


def _name(run: Run, part: str, key: str) -> str:
    """What its recipe calls a part; the recipe may be an earlier version's, or damaged."""
    value = run.recipe.get(part) if isinstance(run.recipe, dict) else None
    return str(value.get(key, "?") if isinstance(value, dict) else value or "?")


def _manage(run: Run, who: Visitor) -> None:
    if not who.may_change(run):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.popover("Rename", icon=":material/edit:"), st.form("rename", border=False):
            name = st.text_input("New name", run.name, max_chars=80)
            if st.form_submit_button("Rename") and name.strip():
                client().rename(run.id, who, name)
                st.rerun()
        with st.popover("Delete", icon=":material/delete:"):
            st.markdown("The run, its curves and its network will be gone for good.")
            if st.button("Delete this run", type="primary", key="delete"):
                try:
                    client().delete(run.id, who)
                except Refused as refusal:
                    st.warning(plain(refusal))
                else:
                    st.query_params.pop("run", None)
                    st.rerun()
