"""The recipe on the Build page: from a link into the widgets, and from the widgets back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.architectures import ARCHITECTURES
from dlcore.architectures.custom import Custom
from dlcore.client import Visitor, client
from dlcore.datasets import DATASETS, Dataset
from dlcore.datasets.points import Points
from dlcore.recipe import Recipe, RecipeError, Training

DATASET, TASK, KIND = "build.dataset", "build.task", "build.kind"
TRAINING, LAYERS = "build.training", "build.layers"
NOT_YOURS = "build.not_yours"
"""Whether the link that was opened last has pictures that somebody else uploaded."""


def load(recipe: Recipe) -> None:
    """Set every widget of the Build page to this recipe."""
    from pages.parts.form import fill

    st.session_state[DATASET] = recipe.dataset.name
    st.session_state[KIND] = recipe.architecture.kind
    st.session_state[TASK] = recipe.architecture.task
    fill(f"{DATASET}.{recipe.dataset.name}", recipe.dataset)
    if isinstance(recipe.architecture, Custom):
        set_layers([layer.model_dump() for layer in recipe.architecture.layers])
    fill(f"build.{recipe.architecture.kind}", recipe.architecture)
    fill(TRAINING, recipe.training)


def from_address(who: Visitor) -> None:
    """Follow a ``recipe`` in the page's address, unless it is the one this page wrote there.

    Of a recipe with somebody else's pictures everything but the pictures is taken.
    """
    link = st.query_params.get("recipe")
    if link and link != st.session_state.get("build.link"):
        try:
            recipe = Recipe.from_link(link)
            st.session_state["build.link"] = link
            st.session_state.pop("build.broken", None)
            mine = client().may_use(recipe.dataset, who)
            st.session_state[NOT_YOURS] = not mine
            load(
                recipe
                if mine
                else recipe.model_copy(update={"dataset": type(recipe.dataset).model_validate({})})
            )
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
    """Another data set: training settings that suit it, and a network that can take it."""
    dataset = DATASETS[st.session_state[DATASET]]
    kind = st.session_state[KIND]
    _set_data(ARCHITECTURES[kind].suggested_data(dataset))
    suggest()
    if kind in ("mlp", "cnn") and (kind == "cnn") != (dataset.modality == "image"):
        st.session_state[KIND] = "cnn" if dataset.modality == "image" else "mlp"
    if dataset.modality != "image":
        for name in ("flip", "rotation", "shift", "zoom", "noise"):
            st.session_state.pop(f"{TRAINING}.augmentation.{name}", None)


def suggest() -> None:
    """Training settings that suit the chosen network on the data there is."""
    suited = ARCHITECTURES[st.session_state[KIND]].suggested(_dataset())
    for name, value in suited.items():
        st.session_state[f"{TRAINING}.{name}"] = value


def _dataset() -> Dataset:
    """The chosen data set as its widgets say."""
    chosen = st.session_state[DATASET]
    keys = {name: f"{DATASET}.{chosen}.{name}" for name in DATASETS[chosen].model_fields}
    found = {name: st.session_state[key] for name, key in keys.items() if key in st.session_state}
    return DATASETS[chosen].model_validate(found)


def _set_data(settings: dict[str, Any]) -> None:
    """Set widgets of the chosen data set."""
    for name, value in settings.items():
        st.session_state[f"{DATASET}.{st.session_state[DATASET]}.{name}"] = value


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


def task_changed() -> None:
    """Tell apart or make: the first network for it, and what suits that."""
    task = st.session_state[TASK]
    kinds = [kind for kind, made in ARCHITECTURES.items() if made.task == task]
    if task == "classification":
        pictures = DATASETS[st.session_state[DATASET]].modality == "image"
        kinds = ["cnn" if pictures else "mlp"]
    st.session_state[KIND] = kinds[0]
    kind_changed()


def kind_changed() -> None:
    """Another network: a custom list starts from the one on the page, a generative one is trained its way."""
    last, kind = st.session_state.get("build.last"), st.session_state[KIND]
    generative = ARCHITECTURES[kind].task == "generation"
    if kind == "custom" and last is not None and not last.generative:
        set_layers([layer.model_dump() for layer in last.network.layers[:-1]])
    if generative or (last is not None and last.generative):
        usual = Training().model_dump(include={"batch_size", "learning_rate", "schedule"})
        for name, value in (usual | {"early_stopping": False}).items():
            st.session_state[f"{TRAINING}.{name}"] = value
        dataset = DATASETS[st.session_state[DATASET]]
        if issubclass(dataset, Points):
            _set_data({"examples": dataset.model_fields["examples"].default})
        _set_data(ARCHITECTURES[kind].suggested_data(dataset))
        suggest()
