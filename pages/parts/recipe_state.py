"""The recipe on the Build page: from a link into the widgets, and from the widgets back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.architectures.custom import Custom
from dlcore.datasets import DATASETS
from dlcore.recipe import Recipe, RecipeError

DATASET, KIND, TRAINING, LAYERS = "build.dataset", "build.kind", "build.training", "build.layers"


def load(recipe: Recipe) -> None:
    """Set every widget of the Build page to this recipe."""
    from pages.parts.form import fill

    st.session_state[DATASET] = recipe.dataset.name
    st.session_state[KIND] = recipe.architecture.kind
    fill(f"{DATASET}.{recipe.dataset.name}", recipe.dataset)
    if isinstance(recipe.architecture, Custom):
        set_layers([layer.model_dump() for layer in recipe.architecture.layers])
    fill(f"build.{recipe.architecture.kind}", recipe.architecture)
    fill(TRAINING, recipe.training)


def from_address() -> None:
    """Follow a ``recipe`` in the page's address, unless it is the one this page wrote there."""
    link = st.query_params.get("recipe")
    if link and link != st.session_state.get("build.link"):
        try:
            load(Recipe.from_link(link))
            st.session_state.pop("build.broken", None)
        except RecipeError as error:
            st.session_state["build.broken"] = str(error)
    if DATASET not in st.session_state:
        load(Recipe.parse({}))


def to_address(recipe: Recipe) -> str:
    """Write the recipe into the page's address, so that a reload or a shared link brings it back."""
    link = recipe.link()
    st.session_state["build.link"] = link
    if st.query_params.get("recipe") != link:
        st.query_params["recipe"] = link
    return link


def dataset_changed() -> None:
    """Another data set: its usual number of epochs, and a network that can take it."""
    dataset = DATASETS[st.session_state[DATASET]]
    usual = Recipe.parse({"dataset": st.session_state[DATASET]})
    st.session_state[f"{TRAINING}.epochs"] = usual.training.epochs
    takes_pictures = st.session_state[KIND] == "cnn"
    if takes_pictures != (dataset.modality == "image") and st.session_state[KIND] != "custom":
        st.session_state[KIND] = usual.architecture.kind
    if dataset.modality != "image":
        for name in ("flip", "rotation", "shift", "zoom", "noise"):
            st.session_state.pop(f"{TRAINING}.augmentation.{name}", None)


# -- the layers of a custom network -----------------------------------------------------------------


def layers() -> list[dict[str, Any]]:
    """Layers with an ``id`` each, by which their widgets are known while they move about."""
    if LAYERS not in st.session_state:
        set_layers([layer.model_dump() for layer in Custom().layers])
    found: list[dict[str, Any]] = st.session_state[LAYERS]
    return found


def set_layers(found: list[dict[str, Any]]) -> None:
    st.session_state[LAYERS] = []
    for layer in found:
        add_layer(layer)


def add_layer(layer: dict[str, Any]) -> None:
    number = st.session_state.get("build.next", 0)
    st.session_state["build.next"] = number + 1
    st.session_state[LAYERS].append({"id": number, "type": layer["type"]})
    for name, value in layer.items():
        if name != "type":
            st.session_state[f"build.layer.{number}.{name}"] = value


def move_layer(index: int, by: int) -> None:
    found = layers()
    found.insert(index + by, found.pop(index))


def remove_layer(index: int) -> None:
    layers().pop(index)


def copy_architecture() -> None:
    """Start the custom list from the network that is on the page, where there is one."""
    recipe = st.session_state.get("build.last")
    if st.session_state[KIND] == "custom" and recipe is not None:
        inner = recipe.network.layers[:-1]
        set_layers([layer.model_dump() for layer in inner])
