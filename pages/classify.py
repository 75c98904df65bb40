"""Classify: give an image to a trained network, see its answer or its reconstruction, and what it saw."""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import enter, words_first

enter()
left, right = st.columns([5, 8], gap="large")
with left:
    st.title("Classify", anchor=False)

words_first()  # what takes time to import comes after
from typing import Any

import numpy as np

from dlcore.charts import plots
from dlcore.charts.thumbnails import png
from dlcore.client import client
from dlcore.models import ModelInfo, UnknownModel
from dlcore.tasks import headline
from pages.parts.classify import batch, compared, download, picture, teach
from pages.parts.classify.why import why
from pages.parts.plain import plain
from pages.parts.views import show_all
from pages.parts.visitor import visitor
from pages.parts.waiting import answer


def choose_model() -> tuple[ModelInfo, dict[str, ModelInfo]]:
    """The model in the address, or any other that takes images; and all of them by name."""
    models = {
        info.name: info
        for info in [*client().models(visitor()), *client().offered()]
        if info.recipe.dataset.images and info.recipe.task.image_job
    }
    linked = st.query_params.get("model")
    if linked and linked not in models:
        try:
            info = client().model(linked, visitor())
            if not info.recipe.task.image_job:
                raise UnknownModel(f"model: {linked} generates pictures and cannot classify them")
            models[linked] = info
        except UnknownModel as error:
            st.warning(f"{plain(error)}. Taking {next(iter(models))}.", icon=":material/search_off:")
    if linked in models and st.session_state.get("classify.linked") != linked:
        st.session_state["classify.linked"] = st.session_state["classify.model"] = linked

    if st.session_state.get("classify.model") not in models:
        st.session_state.pop("classify.model", None)
    name = st.selectbox(
        "Network",
        list(models),
        format_func=lambda name: title(models[name]),
        key="classify.model",
        persist_state="session",
        help="Shipped with the Studio, downloaded once, or any finished run; its test accuracy, or the error of its reconstructions.",
    )
    if st.query_params.get("model", next(iter(models))) != name:  # so that a reload brings it back
        st.session_state["classify.linked"] = st.query_params["model"] = name
    return models[name], models


def title(info: ModelInfo) -> str:
    """A model with its data and its first metric, or what it takes to have it."""
    more = headline(info.metrics) if info.at_hand else f"{info.card['bytes'] / 1e6:,.0f} MB to download"
    return " · ".join(filter(None, (info.title, info.recipe.dataset.title, more)))


def show_labels(result: dict[str, Any], info: ModelInfo) -> None:
    """The answer."""
    best = result["labels"][0]
    st.subheader(f"{plain(best['label'])}, {best['probability']:.1%} sure", anchor=False)
    st.plotly_chart(
        plots.bars(result["labels"]),
        config={"displayModeBar": False},
        key="bars",
        alt=f"Most probable: {best['label']} with {best['probability']:.1%}",
    )
    st.caption(compared.time_of(result))


def show_reconstruction(result: dict[str, Any], info: ModelInfo) -> None:
    """The image as the network saw it, its reconstruction, whether that is unusual, and denoised."""
    error, threshold = result["mse"], info.metrics.get("threshold")
    heading = f"Mean squared error {error:.4g}"
    if threshold is not None:
        heading += ": an anomaly" if error > threshold else ": nothing unusual"
    st.subheader(heading, anchor=False)
    if threshold is not None:
        st.caption(f"95 % of the validation pictures are below {threshold:.4g}.")
    shown = {
        "seen": "As the network sees it",
        "reconstruction": "Its reconstruction",
        "noisy": "With noise",
        "denoised": "Denoised",
    }
    with st.container(horizontal=True):  # wraps on a phone
        for name in filter(result.get, shown):
            st.image(png(np.array(result[name]), 336), caption=shown[name], alt=shown[name], width=168)


def options(info: ModelInfo) -> dict[str, Any]:
    """Options of the job."""
    if not info.recipe.task.itself:
        return {"top": 5}
    about = "Standard deviation of noise that is added, to be removed by the network."
    usual = float(info.recipe.architecture.noise or 0.3)
    return {"noise": st.slider("Noise", 0.0, 1.0, usual, 0.05, key=f"classify.noise.{info.name}", help=about)}


SHOWN = {"classify": show_labels, "reconstruct": show_reconstruction}


def one_picture(info: ModelInfo, left: Any, right: Any) -> None:
    """One picture and its answer."""
    with left:
        image = picture.choose(info)
        chosen_options = options(info)
    with right:
        if image is None:
            st.info("Choose a picture: the answer comes here.", icon=":material/image:")
            return
        as_seen = st.session_state["classify.way"] == picture.SENT
        shown = st.container()  # on a phone the answer comes before what else may be chosen
        other = compared.choose_other(info, models, title) if info.recipe.classifies else None
        with shown:
            if other:
                compared.show_both((info, other), image, as_seen)
                return
            job = info.recipe.task.image_job
            results = answer(job, model=info.name, images=[image], as_seen=as_seen, **chosen_options)
            result = results[0] if isinstance(results, list) else results
            if not result:
                return
            if "error" in result:
                st.error(plain(result["error"]), icon=":material/broken_image:")
                return
            SHOWN[job](result, info)
        if info.recipe.classifies:
            why(info, image, as_seen, result)


PARTS = {teach.ONE: one_picture, teach.BATCH: batch.batch_test}

with left:
    part = teach.choose_part()
if part == teach.TEACH:
    teach.teach()
else:
    with left:
        info, models = choose_model()
        if not info.at_hand:
            download.offer(info)
            info = next(other for other in models.values() if other.at_hand)
            st.caption(f"Until then {plain(info.title)} answers.")
        if part == teach.BATCH and not info.recipe.classifies:
            part = teach.ONE
            st.caption("An autoencoder has no classes to test: it is shown one picture at a time.")
    PARTS[part](info, left, right)
    with right:
        if info.recipe.task.itself and info.source == "run":
            result = client().run(info.name, visitor()).result
            with st.expander(info.recipe.task.results_title, icon=":material/bar_chart:"):
                views = info.recipe.task.views(info.recipe, result)
                show_all(views, f"classify.{info.name}", f"{info.name} {info.version}")
        if info.card:
            with st.expander(f"About {info.name}", icon=":material/badge:"):
                card, trained = info.card, info.card["trained"]
                accuracy = info.metrics.get("accuracy")
                minutes = f"{trained['minutes']} min on " if "minutes" in trained else ""
                again = f"; again with `{trained['command']}`" if "command" in trained else ""
                st.markdown(
                    f"**Data** {card['data']}  \n"
                    f"**Accuracy** {f'{accuracy:.2%} on the ' if accuracy else ''}{card['test']}  \n"
                    f"**Size** {card['parameters']:,} parameters, {card['bytes'] / 1e6:.1f} MB  \n"
                    f"**Trained** {minutes}{trained['on']}{again}  \n"
                    f"**Bad at** {card['limits']}"
                )
