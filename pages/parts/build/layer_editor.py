"""The list of layers of a custom network: add, edit, move, remove; a wrong one says why, where it is."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import TypeAdapter

from dlcore.layers import LAYER_TYPES, AnyLayer, LayerError, size
from dlcore.problem import Problem
from pages.parts.build import recipe_state as state
from pages.parts.form import form
from pages.parts.plain import plain


def layer_editor(problem: Problem) -> list[dict[str, Any]]:
    """Draw the editor and return the layers, ready for validation."""
    layers: list[dict[str, Any]] = []
    shape: tuple[int, ...] | None = problem.input_shape
    st.caption(f"Input {size(problem.input_shape)}")
    rows = state.layers()
    for index, row in enumerate(rows):
        with st.container(border=True, gap="small"):
            name, up, down, out = st.columns([5, 1, 1, 1], gap="small", vertical_alignment="center")
            label = name.empty()
            up.button(
                "",
                icon=":material/arrow_upward:",
                key=f"up.{row['id']}",
                help="Move up",
                disabled=index == 0,
                on_click=state.move_layer,
                args=(index, -1),
                type="tertiary",
            )
            down.button(
                "",
                icon=":material/arrow_downward:",
                key=f"down.{row['id']}",
                help="Move down",
                disabled=index + 1 == len(rows),
                on_click=state.move_layer,
                args=(index, 1),
                type="tertiary",
            )
            out.button(
                "",
                icon=":material/close:",
                key=f"out.{row['id']}",
                help="Remove this layer",
                on_click=state.remove_layer,
                args=(index,),
                type="tertiary",
            )
            kind = LAYER_TYPES[row["type"]]
            values = {"type": row["type"]} | form(kind, f"build.layer.{row['id']}", columns=2)
            layers.append(values)
            after = ""
            if shape is not None:
                try:
                    layer: Any = TypeAdapter(AnyLayer).validate_python(values)
                    shape = layer.output_shape(shape)
                    after = f" → {size(shape)}"
                except LayerError as error:
                    st.error(plain(error), icon=":material/error:")
                    shape = None
            label.markdown(f"**{index + 1}. {row['type']}**{after}")
    kind_column, add_column = st.columns([3, 1], vertical_alignment="bottom")
    chosen = kind_column.selectbox("Add a layer", list(LAYER_TYPES), key="build.add")
    add_column.button(
        "Add",
        icon=":material/add:",
        key="build.add_button",
        width="stretch",
        disabled=len(rows) >= 40,
        on_click=state.add_layer,
        args=({"type": chosen},),
    )
    return layers
