"""Two networks on the same picture, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts import plots
from dlcore.charts.thumbnails import png
from dlcore.models import ModelInfo
from pages.parts.plain import plain
from pages.parts.waiting import answer

NOTHING = "No other network"


def choose_other(
    info: ModelInfo, models: dict[str, ModelInfo], title: Callable[[ModelInfo], str]
) -> ModelInfo | None:
    """The network to compare with, of those that classify."""
    others = [
        name
        for name, other in models.items()
        if name != info.name and other.at_hand and other.recipe.classifies
    ]
    if st.session_state.get("classify.other") not in [NOTHING, *others]:
        st.session_state.pop("classify.other", None)
    name = st.selectbox(
        "Compare with",
        [NOTHING, *others],
        format_func=lambda name: name if name == NOTHING else title(models[name]),
        key="classify.other",
        persist_state="session",
        help="A second network classifies the same picture, side by side.",
    )
    return models.get(name)


def show_both(pair: tuple[ModelInfo, ModelInfo], image: bytes, as_seen: bool) -> None:
    """Both answers in columns, each with its time."""
    for number, (column, info) in enumerate(zip(st.columns(2, gap="medium"), pair, strict=True)):
        with column:
            results = answer("classify", model=info.name, images=[image], as_seen=as_seen, top=5)
            result = results[0] if isinstance(results, list) else results
            if result and "error" in result:
                st.error(plain(result["error"]), icon=":material/broken_image:")
            elif result:
                _show(info, result, number)


def _show(info: ModelInfo, result: dict[str, Any], number: int) -> None:
    best = result["labels"][0]
    st.caption(plain(info.title))
    st.subheader(f"{plain(best['label'])}, {best['probability']:.1%} sure", anchor=False)
    st.plotly_chart(
        plots.bars(result["labels"]),
        config={"displayModeBar": False},
        key=f"bars.{number}",
        alt=f"{info.title}, most probable: {best['label']} with {best['probability']:.1%}",
    )
    st.caption(time_of(result))
    side = info.recipe.dataset.input_shape[0]
    seen = f"As {plain(info.title)} sees it: {side}×{side}"
    st.image(png(np.array(result["seen"]), 224), caption=seen, alt=seen, width=224)


def time_of(result: dict[str, Any]) -> str:
    """How long the network took, and where."""
    return plain(f"{result['milliseconds']:,.0f} ms on {result['device']}")
