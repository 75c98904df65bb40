"""The recipe on the Build page: from a link into the widgets, and from the widgets back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.architectures import ARCHITECTURES
from dlcore.architectures.custom import Custom
from dlcore.client import Visitor, client
from dlcore.datasets import DATASETS, Dataset
from dlcore.layers import LAYER_TYPES
from dlcore.recipe import Augmentation, Recipe, RecipeError, Training
from dlcore.tasks import TASKS

DATASET, TASK, KIND = "build.dataset", "build.task", "build.kind"
TRAINING, LAYERS = "build.training", "build.layers"
NOT_YOURS = "build.not_yours"
"""Whether the link that was opened last has data that somebody else uploaded."""


def load(recipe: Recipe) -> None:
    """Set every widget of the Build page to this recipe."""
    from pages.parts.form import fill

    st.session_state[DATASET] = recipe.dataset.name
    st.session_state[KIND] = recipe.architecture.kind
    st.session_state[TASK] = recipe.task.name
    fill(f"{DATASET}.{recipe.dataset.name}", recipe.dataset)
    if recipe.architecture.stacked:
        set_layers([layer.model_dump() for layer in recipe.architecture.layers])
    fill(f"build.{recipe.architecture.kind}", recipe.architecture)
    fill(TRAINING, recipe.training)


def from_address(who: Visitor) -> None:
    """Follow a ``recipe`` in the page's address, unless it is the one this page wrote there, or a name of ``data``.

    Of a recipe with somebody else's data everything but the data is taken.
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
    name = st.query_params.get("data")
    if name in DATASETS and not link and st.session_state.get("build.link") != name:
        st.session_state["build.link"] = st.session_state[DATASET] = name
        dataset_changed()
        st.session_state[KIND] = _first(kinds(st.session_state[TASK]))
        suggest()


def broken_link(recipe: Recipe | None) -> str:
    """Why the link of the address could not be opened, until the visitor goes on from there."""
    if recipe and st.session_state.get("build.link") not in (None, recipe.link()):
        st.session_state.pop("build.broken", None)
    return str(st.session_state.get("build.broken", ""))


def to_address(recipe: Recipe) -> str:
    """Write the recipe into the page's address, so that a reload or a shared link brings it back."""
    link = recipe.link()
    st.session_state["build.link"] = link
    if st.query_params.get("recipe") != link:
        st.query_params.from_dict({"recipe": link})
    return link


def dataset_changed() -> None:
    """Another data set: a network that can take it, and training settings that suit both."""
    last, chosen = st.session_state.get("build.last"), DATASETS[st.session_state[DATASET]]
    if st.session_state[TASK] not in tasks():
        st.session_state[TASK] = dataset().task
    usual = last.dataset.usual_architecture if last is not None else ""
    possible = kinds(st.session_state[TASK])
    if st.session_state[KIND] not in possible or st.session_state[KIND] == usual:
        st.session_state[KIND] = _first(possible)
    _set_data(ARCHITECTURES[st.session_state[KIND]].suggested_data(chosen))
    suggest()
    if not chosen.augmentable:
        for name in Augmentation.model_fields:
            st.session_state.pop(f"{TRAINING}.augmentation.{name}", None)


def data_changed() -> None:
    """Other data of one's own: what can be learned from it, and training settings that suit it."""
    if st.session_state[TASK] not in tasks():
        st.session_state[TASK] = dataset().task
    possible = kinds(st.session_state[TASK])
    if st.session_state[KIND] not in possible:
        st.session_state[KIND] = _first(possible)
    suggest()


def tasks() -> list[str]:
    """What a network can learn from the chosen data set."""
    return [task for task in TASKS if kinds(task)]


def kinds(task: str) -> list[str]:
    """The families that learn this task from the chosen data set."""
    chosen = dataset()
    problem = TASKS[task].problem(chosen)
    return [
        kind
        for kind, family in ARCHITECTURES.items()
        if (family.task or chosen.task) == task and not family.usual().lacks(problem)
    ]


def _first(possible: list[str]) -> str:
    """The family to begin with."""
    usual = DATASETS[st.session_state[DATASET]].usual_architecture
    return usual if usual in possible else possible[0]


def suggest() -> None:
    """Training settings that suit the chosen network on the data there is."""
    suited = ARCHITECTURES[st.session_state[KIND]].suggested(dataset())
    for name, value in suited.items():
        st.session_state[f"{TRAINING}.{name}"] = value


def dataset() -> Dataset:
    """The chosen data set as its widgets say."""
    chosen = st.session_state[DATASET]
    keys = {name: f"{DATASET}.{chosen}.{name}" for name in DATASETS[chosen].model_fields}
    values = {name: st.session_state[key] for name, key in keys.items() if key in st.session_state}
    return DATASETS[chosen].model_validate(values)


def _set_data(settings: dict[str, Any]) -> None:
    """Set widgets of the chosen data set."""
    for name, value in settings.items():
        st.session_state[f"{DATASET}.{st.session_state[DATASET]}.{name}"] = value


# -- the layers of a custom network -----------------------------------------------------------------


def layers() -> list[dict[str, Any]]:
    """Layers with an ``id`` each, by which their widgets are known while they move about."""
    if LAYERS not in st.session_state:
        set_layers([layer.model_dump() for layer in Custom().layers])
    rows: list[dict[str, Any]] = st.session_state[LAYERS]
    return rows


def set_layers(new: list[dict[str, Any]]) -> None:
    st.session_state[LAYERS] = []
    for layer in new:
        add_layer(layer)


def add_layer(layer: dict[str, Any]) -> None:
    number = st.session_state.get("build.next", 0)
    st.session_state["build.next"] = number + 1
    st.session_state[LAYERS].append({"id": number, "type": layer["type"]})
    for name, value in layer.items():
        if name != "type":
            st.session_state[f"build.layer.{number}.{name}"] = value


def move_layer(index: int, by: int) -> None:
    rows = layers()
    rows.insert(index + by, rows.pop(index))


def remove_layer(index: int) -> None:
    layers().pop(index)


def task_changed() -> None:
    """Another task: the first network for it, and what suits that."""
    st.session_state[KIND] = _first(kinds(st.session_state[TASK]))
    kind_changed()


def kind_changed() -> None:
    """Another network: a list of layers starts from the one on the page; settings that suit the new one."""
    last, kind = st.session_state.get("build.last"), ARCHITECTURES[st.session_state[KIND]]
    if kind.stacked and last is not None and (layers := _stackable(last)):
        set_layers(layers)
    if last is None:
        return
    before = type(last.architecture)
    chosen = DATASETS[st.session_state[DATASET]]
    # What the one before suggested is not what a visitor chose.
    usual = Training().model_dump(include={"batch_size", "learning_rate", "schedule", "early_stopping"})
    for name in {*before.suggested(last.dataset), *(usual if before.task != kind.task else ())} & {*usual}:
        st.session_state[f"{TRAINING}.{name}"] = usual[name]
    if before.suggested_data(chosen) != kind.suggested_data(chosen):
        fields = chosen.model_fields
        _set_data({name: fields[name].default for name in before.suggested_data(chosen)})
        _set_data(kind.suggested_data(chosen))
    if before.task != kind.task or before.suggested(last.dataset) != kind.suggested(last.dataset):
        suggest()


def preset(kind: str, fields: dict[str, Any]) -> None:
    """Set widgets of the chosen network."""
    for name, value in fields.items():
        st.session_state[f"build.{kind}.{name}"] = value


def _stackable(recipe: Recipe) -> list[dict[str, Any]]:
    """The layers of a recipe's network, where a visitor could have stacked them."""
    network = recipe.parts.get("network")
    if network is None or not network.chain:
        return []
    layers = network.layers[:-1]
    return [layer.model_dump() for layer in layers] if {*map(type, layers)} <= {*LAYER_TYPES.values()} else []
