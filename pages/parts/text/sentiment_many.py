"""Many texts, one a line or in a column of a CSV file: classified in slices, shown as table and charts."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.charts import plots, text_plots
from dlcore.settings import settings
from dlcore.uploads.text_table import MOST_ROWS, Table, TableError, read_table, write_table
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.text.live_text import live_text
from pages.parts.text.sentiment_one import failed

LINES = """The best film I have seen this year.
I want my money back.
It was not as bad as I had feared.
The actors do what they can, but the story does not help them.
There was not a boring minute in it.
I fell asleep twice.
Not a single good joke in two hours.
A warm, clever and moving portrait of a family."""
EXAMPLE = b"""stars,review\r
5,"Wonderful: clever, warm and very funny."\r
1,"A waste of time, and not even a short one."\r
4,"I did not expect much, and I was pleasantly surprised."\r
2,"Nice pictures; no story at all."\r
3,"Some scenes work, others do not."\r
1,"It is not funny, it is not moving, it is just long."\r
5,"I would watch it again tomorrow."\r
2,"The book was so much better."\r
"""
SECONDS = 0.5
"""How long a slice should take: short enough for a bar that moves and for others to come in between."""
Chosen = tuple[Table, str]
"""A table and the name of the column to classify."""


def lines_field() -> Chosen | None:
    """A text on every line."""
    text = live_text("sentiment.lines", "One text a line", LINES, rows=8)
    rows = [[line.strip()] for line in text.splitlines() if line.strip()]
    if not rows:
        st.info("Write or paste some lines.", icon=":material/edit:")
        return None
    st.caption(
        f"{len(rows):,} lines. At most {settings().max_characters:,} characters fit in here; "
        "take a CSV file for more."
    )
    return Table(["text"], rows), "text"


def file_field() -> Chosen | None:
    """A CSV file and one of its columns; an example until there is one."""
    file = st.file_uploader(
        "A CSV file",
        ["csv", "tsv", "txt"],
        max_upload_size=settings().max_upload_mb,
        key="sentiment.file",
        help=f"Up to {settings().max_upload_mb} MB; the first {MOST_ROWS:,} rows are read. "
        "Separated by commas, semicolons, tabs or bars.",
    )
    data = EXAMPLE if file is None else file.getvalue()
    if file is None:
        st.caption("Until you choose a file, this is a small example.")
    try:
        table = _read(data, None)
        names = st.toggle(
            "The first line names the columns",
            value=table.header,
            key=f"sentiment.header.{file.file_id if file else 'example'}",
        )
        table = table if names == table.header else _read(data, names)
    except TableError as error:
        st.error(plain(error), icon=":material/error:")
        return None
    st.caption(" ".join([table.assumed, *table.notes]))
    name = st.selectbox(
        "Column with the texts",
        table.columns,
        index=table.columns.index(table.wordiest),
        key=f"sentiment.column.{hash(tuple(table.columns))}",
    )
    return table, name


@st.cache_data(max_entries=4, show_spinner=False)
def _read(data: bytes, header: bool | None) -> Table:
    return read_table(data, header=header)


def show(model: str, table: Table, column: str) -> None:
    """Classify what has not been classified yet, then show it all."""
    texts = [text[: settings().max_characters] for text in table.column(column)]
    rows = _classify(model, texts)
    if rows is None:
        return
    answers = {name: [row[name] for row in rows] for name in ("label", "score", "truncated", "note")}
    values = [row["value"] for row in rows]
    if any(value is not None for value in values):  # of a network that does not classify
        answers["value"] = values
    else:
        _charts(rows, Counter(answers["label"]))
    answers["score"] = [score if score is None else round(score, 4) for score in answers["score"]]
    _table(texts, answers)
    st.download_button(
        "All answers as CSV",
        lambda: write_table(table, answers),
        "sentiment.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _charts(rows: list[dict[str, Any]], counts: Counter[str]) -> None:
    signed = {name for row in rows for name in row["probabilities"]} == {"negative", "positive"}
    order = sorted(counts)
    st.plotly_chart(
        text_plots.shares({name: counts[name] for name in order}),
        config={"displayModeBar": False},
        key="sentiment.shares",
        alt="Shares: " + ", ".join(f"{name} {counts[name]} of {len(rows)}" for name in order),
    )
    read = [row for row in rows if row["probabilities"]]
    values = [row["probabilities"]["positive"] if signed else row["score"] for row in read]
    title = "probability of positive" if signed else "probability of the label"
    st.plotly_chart(
        text_plots.histogram(values, title, signed=signed),
        config=plots.CONFIG,
        key="sentiment.histogram",
        alt=f"Histogram of the {title}",
    )


def _table(texts: list[str], answers: dict[str, list[Any]]) -> None:
    frame = pd.DataFrame(
        {
            "text": [text[:500] for text in texts],
            "label": answers["label"],
            **({"value": answers["value"]} if "value" in answers else {"score": _percent(answers["score"])}),
            "note": answers["note"],
        }
    )
    st.dataframe(
        frame if any(answers["note"]) else frame.drop(columns="note"),
        hide_index=True,
        height=min(420, 38 + 35 * len(frame)),
        column_config={
            "text": st.column_config.TextColumn("Text", width="large"),
            "label": "Label",
            "score": st.column_config.ProgressColumn(
                "Probability",
                help="Of this label.",
                min_value=0,
                max_value=100,
                format="%.1f %%",
                color="gray",
            ),
            "value": st.column_config.NumberColumn("Value", help="Of a regression head; no probability."),
            "note": "Note",
        },
    )


def _percent(scores: list[float]) -> list[float]:
    return [100 * score for score in scores]


def _classify(model: str, texts: list[str]) -> list[dict[str, Any]] | None:
    """All answers, in slices. Answers stay when a click comes in between."""
    digest = hashlib.sha256(repr((model, texts)).encode("utf-8", "replace")).hexdigest()
    state = st.session_state.get("sentiment.many")
    if state is None or state["digest"] != digest:
        state = st.session_state["sentiment.many"] = {"digest": digest, "rows": [], "size": 32}
    rows: list[dict[str, Any]] = state["rows"]
    if len(rows) == len(texts):
        return rows
    bar, began, before = st.empty(), time.monotonic(), len(rows)
    while len(rows) < len(texts):
        bar.progress(len(rows) / len(texts), _progress(len(rows), len(texts), began, before))
        begin = len(rows)
        part = texts[begin : begin + state["size"]]
        sent = time.monotonic()
        answers = request("sentiment", model=model, texts=part)
        if not isinstance(answers, list):
            if answers is not None:
                failed(answers)
            return None
        # Where a click came in between, the script before it may have added the same answers.
        rows[begin : begin + len(part)] = [{key: row[key] for key in row if key != "text"} for row in answers]
        took = time.monotonic() - sent
        state["size"] = max(8, min(512, round(len(part) * SECONDS / max(took, 0.01))))
    bar.empty()
    return rows


def _progress(done: int, total: int, began: float, before: int) -> str:
    line = f"{done:,} of {total:,} texts"
    if done > before:
        left = (time.monotonic() - began) / (done - before) * (total - done)
        line += f", {left:.0f} s left"
    return line
