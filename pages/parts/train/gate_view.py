"""The gates of a trained LSTM or GRU over one window of the test part, requested when it is opened."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.charts.gate_plot import gate_plot
from dlcore.gates import gated_layers
from dlcore.runs.store import Run
from pages.parts.desk import failed
from pages.parts.plain import plain
from pages.parts.request import request


def gate_view(run: Run) -> None:
    """An expander with the gates, if its network has any."""
    recipe = run.parsed()
    layers = list(gated_layers(recipe))
    if not layers:
        return
    title = f"Gates of the {recipe.architecture.title}"
    with st.expander(title, icon=":material/tune:", key=f"gates.{run.id}", on_change="rerun") as opened:
        if opened.open:
            st.fragment(_gates)(run, layers, recipe.architecture.explanation)


def _gates(run: Run, layers: list[str], explanation: str) -> None:
    st.caption(explanation)
    key = f"gates.{run.id}"
    layer = layers[0]
    if len(layers) > 1:
        layer = st.selectbox("Layer", layers, key=f"{key}.layer")
    place, last = st.container(), st.session_state.get(f"{key}.last")
    window = _chosen(place, key, last) if last else 0
    answer = request("gates", model=run.id, window=window, layer=layer)
    if failed(answer):
        st.error(plain(answer["error"]), icon=":material/error:")
    elif answer:
        if last is None:
            st.session_state[f"{key}.last"] = last = answer["count"] - 1
            if last:
                _chosen(place, key, last)
        gates = answer["gates"]
        alt = f"Window {window} of the test part; below it {', '.join(gates)} at each step, for each unit"
        figure = gate_plot(answer["window"], gates)
        st.plotly_chart(figure, config={"displayModeBar": False}, key=f"{key}.plot", alt=alt)
        st.caption("Gates: dark is open (1), pale is closed (0). States: orange is negative, blue positive.")


def _chosen(place: DeltaGenerator, key: str, last: int) -> int:
    """The window that the visitor has chosen; how many there are is known from the first answer."""
    about = "Windows in the order of time; each begins one step after the one before."
    return int(place.slider("Window of the test part", 0, last, key=f"{key}.window", help=about))
