"""What follows from a recipe without training it: drawing, numbers, advice, code, and the data."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dlcore.advice import advice
from dlcore.charts.diagram import diagram
from dlcore.client import client
from dlcore.datasets import Dataset, DatasetError, Fetched
from dlcore.export.codegen import notebook, script
from dlcore.layers import size
from dlcore.recipe import Recipe
from pages.parts.desk import desk, failed, question
from pages.parts.drawing import drawing
from pages.parts.plain import plain
from pages.parts.views import show_all
from pages.parts.waiting import engine_line


def compact(number: float) -> str:
    """1234567 as "1.23 M"."""
    for factor, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= factor:
            return f"{number / factor:.3g}{letter}"
    return f"{number:.3g}"


def network_view(recipe: Recipe) -> None:
    """The drawing, its numbers, what a teacher would say, and layers or code on demand."""
    described = recipe.describe()
    memory = described["memory"]["weights"] + described["memory"]["activations"]
    numbers = [
        ("Parameters", f"{described['parameters']:,}", "Numbers the training adjusts (weights, biases)."),
        ("FLOPs an example", compact(described["flops"]), "Multiplications and additions of one answer."),
        ("Memory", f"{compact(memory)}B", "Weights, and the values of one example, in float32."),
        ("Training examples", f"{recipe.dataset.training_examples:,}", "What it learns from."),
    ]
    with st.container(border=True):
        for part, network in recipe.parts.items():
            if len(recipe.parts) > 1:
                st.markdown(f"**{part[0].upper()}{part[1:]}**")
            drawing(diagram(network), "diagram" if part == "network" else f"diagram.{part}")
        with st.container(horizontal=True):  # wraps on a phone
            for label, value, about in numbers:
                st.metric(label, value, help=about, width=150)
    for sentence in advice(recipe):
        st.warning(plain(sentence), icon=":material/lightbulb:")
    with st.expander("Layers", icon=":material/table_rows:"):
        table = pd.DataFrame(described["layers"])
        table["output_shape"] = [size(tuple(shape)) for shape in table["output_shape"]]
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                "name": "Layer",
                "type": "Keras class",
                "output_shape": "Shape after it",
                "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
                "flops": st.column_config.NumberColumn("FLOPs", format="localized"),
            },
        )
    with st.expander("Keras code", icon=":material/code:"):
        code = script(recipe)
        st.code(code, language="python", height=340)
        name = f"{recipe.dataset.name}-{recipe.architecture.kind}"
        with st.container(horizontal=True):
            st.download_button("Script", code, f"{name}.py", icon=":material/download:", on_click="ignore")
            st.download_button(
                "Notebook", notebook(recipe), f"{name}.ipynb", icon=":material/download:", on_click="ignore"
            )
            for file, path in recipe.architecture.files.items():
                st.download_button(
                    f"{file} ({path.stat().st_size / 1e6:.1f} MB)",
                    path.read_bytes,
                    file,
                    icon=":material/download:",
                    on_click="ignore",
                    help="The code reads it: put it beside the script.",
                )


@st.cache_resource(max_entries=20, show_spinner=False)
def _at_hand(dataset: Dataset, seed: int) -> list[dict[str, Any]]:
    return dataset.views(dataset.load(seed))


def data_view(recipe: Recipe) -> None:
    """The data itself, and how many examples of each class there are."""
    dataset, seed = recipe.dataset, recipe.training.seed
    if dataset.source == "download":
        _downloaded_view(dataset, seed)
        return
    try:
        views = _at_hand(dataset, seed)
    except DatasetError as error:  # a link to images that were uploaded elsewhere
        st.warning(plain(error), icon=":material/cloud_off:")
        return
    show_all(views, "data", f"{dataset!r} {seed}")


def _downloaded_view(dataset: Fetched, seed: int) -> None:
    """The same for data that only a worker can load: requested, and drawn when it comes."""
    arguments = {"dataset": dataset.model_dump(), "seed": seed}
    key = question("look_at", arguments)

    def wait() -> None:
        answer = desk().look("look_at", key, arguments, 0)
        if answer is not None:
            desk().tell(key, answer)
            st.rerun()
        if client().ready:
            _download_progress(dataset)
        else:
            engine_line("data")
        st.skeleton(height=300)

    answer = desk().known("look_at", key)
    if answer is None:
        st.fragment(wait, run_every=0.5)()
    elif failed(answer):
        st.error(plain(answer["error"]), icon=":material/cloud_off:")
        again, other = st.columns(2)
        again.button(
            "Try again", icon=":material/refresh:", width="stretch", on_click=desk().forget, args=(key,)
        )
        other.page_link(
            "pages/build.py",
            label=f"Take {dataset.instead[1]} instead",
            icon=":material/swap_horiz:",
            query_params={"recipe": Recipe.parse({"dataset": dataset.instead[0]}).link()},
        )
    else:
        show_all(answer["views"], "data", f"{dataset!r} {seed}")


def _download_progress(dataset: Fetched) -> None:
    name = f"progress/dataset-{dataset.name}.json"
    try:
        progress = client().store.artifacts.read_json(name)
    except FileNotFoundError:
        st.caption(f"Loading {dataset.title}…")
        return
    share = progress["done"] / progress["total"]
    st.progress(
        share,
        f"Downloading {dataset.title}: {progress['done'] / 1e6:.0f} of {progress['total'] / 1e6:.0f} MB",
    )
