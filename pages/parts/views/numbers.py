"""What a network shows that predicts numbers: where it is off, and how far."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.charts import plots
from dlcore.charts.fits import fits
from pages.parts.plain import plain
from pages.parts.views.drawing import View, axis, chart, draws, title


@draws("fits")
def _fits(view: View, key: str) -> None:
    title(
        view, "Grey: the window it saw and, right of the dotted line, what followed. Blue: what it predicted."
    )
    st.html(fits(view["seen"], view["answers"]["true"], view["answers"]["predicted"], view["unit"]))


@draws("residuals")
def _residuals(view: View, key: str) -> None:
    st.markdown("**Residuals**", help="Predicted less true; a good network's lie around 0, without a lean.")
    chart(
        view,
        key,
        f"Histogram of {len(view['values'])} residuals",
        lambda: plots.histogram(view["values"], "predicted − true"),
    )


@draws("predicted")
def _predicted(view: View, key: str) -> None:
    st.markdown("**Predicted against true**", help="On the dotted line both agree.")
    chart(
        view,
        key,
        f"Scatter of {len(view['true'])} predictions over true values",
        lambda: plots.predicted(view["true"], view["predicted"]),
    )


@draws("forecast")
def _forecast(view: View, key: str) -> None:
    st.markdown("**Forecast one step ahead**", help="Each value was predicted from the true ones before it.")
    x = list(range(1, len(view["true"]) + 1))
    drawn = {"true": (x, view["true"]), "predicted": (x, view["predicted"])}
    chart(
        view,
        key,
        "Forecast one step ahead over the true series",
        lambda: plots.lines(drawn, f"{view['step']} of the test part", axis(view)),
    )
    if len(view["ahead"]["true"]) > 1:
        st.markdown("**The last whole horizon**")
        x = list(range(1, len(view["ahead"]["true"]) + 1))
        drawn = {name: (x, view["ahead"][name]) for name in ("true", "predicted")}
        axes = (f"{view['step']}s ahead", axis(view))
        chart(view, key, "The last horizon, true and predicted", lambda: plots.lines(drawn, *axes), ".ahead")


@draws("bars")
def _bars(view: View, key: str) -> None:
    title(view)
    chart(view, key, view["title"], lambda: plots.columns(view["values"], "ahead", "RMSE"))


@draws("baselines")
def _baselines(view: View, key: str) -> None:
    st.markdown("**Baselines**", help="Models that need no training of a network.")
    st.markdown(plain(view["text"]))
    st.dataframe(pd.DataFrame(view["columns"]).round(4), hide_index=True, key=key)
