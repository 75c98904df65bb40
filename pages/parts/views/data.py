"""What a data set shows of itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.charts import plots
from dlcore.charts.thumbnails import grid
from dlcore.charts.token_chips import token_chips
from dlcore.charts.written_lines import written_lines
from pages.parts.plain import plain
from pages.parts.views.drawing import View, axis, chart, draws, title


@draws("points")
def _points(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}** · training data")
    x, y, classes = np.array(view["x"]), np.array(view["y"]), tuple(view["classes"])
    alt = f"Scatter of {len(x)} training points of {view['title']} in {len(classes)} classes"
    chart(view, key, alt, lambda: plots.scatter(x, y, classes))


@draws("images")
def _images(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}** · training data")
    st.html(grid([np.array(image) for image in view["images"]], view["labels"], size=44))


@draws("tokens")
def _tokens(view: View, key: str) -> None:
    title(view, "Each box is a token; dashed ones are unknown.")
    st.html(token_chips(view["rows"], view["unknown"]))


@draws("balance")
def _balance(view: View, key: str) -> None:
    st.markdown("**Class balance**")
    chart(
        view,
        key,
        "Bars: examples of each class in each part",
        lambda: plots.balance(view["counts"], tuple(view["classes"])),
    )


@draws("table")
def _table(view: View, key: str) -> None:
    title(view)
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(view["columns"]), hide_index=True, key=key, column_config={"probability": share}
    )


@draws("histogram")
def _histogram(view: View, key: str) -> None:
    title(view)
    chart(
        view,
        key,
        f"Histogram of {len(view['values'])} values of {view['title']}",
        lambda: plots.histogram(view["values"], view["title"]),
    )


@draws("series")
def _series(view: View, key: str) -> None:
    title(view)
    chart(
        view,
        key,
        f"{view['title']}, over time",
        lambda: plots.lines({"value": (view["x"], view["y"])}, view["step"], axis(view), view["cuts"]),
    )


@draws("window")
def _window(view: View, key: str) -> None:
    st.markdown("**One example**", help="What a network sees, and what it has to predict.")
    seen, ahead = len(view["seen"]), len(view["true"])
    drawn = {
        "window": (list(range(seen)), view["seen"]),
        "to predict": (list(range(seen - 1, seen + ahead)), [view["seen"][-1], *view["true"]]),
    }
    chart(
        view,
        key,
        f"A window of {seen} values and the {ahead} that follow",
        lambda: plots.lines(drawn, view["step"], axis(view)),
    )


@draws("lines")
def _lines(view: View, key: str) -> None:
    title(view)
    st.html(written_lines(view["lines"]))
