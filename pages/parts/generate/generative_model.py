"""Choose a generative network: shipped, or a finished run; with what its kind does in plain words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.client import client
from dlcore.models import ModelInfo, UnknownModel
from dlcore.recipe import Recipe
from pages.parts.plain import plain
from pages.parts.visitor import visitor

KINDS = {
    "vae": ("VAE", "encodes and decodes"),
    "gan": ("GAN", "generator against discriminator"),
    "diffusion": ("Diffusion", "removes noise"),
}
ORDER = list(KINDS)


def choose_model() -> ModelInfo | None:
    """The generative model in the address, or any other. None where there is none at all."""
    models = {
        info.name: info for info in sorted(client().models(visitor()), key=_place) if info.recipe.generative
    }
    linked = st.query_params.get("model")
    chosen = st.session_state.get("generate.model")
    if (
        linked
        and linked != st.session_state.get("generate.linked")
        and not (
            chosen in models
            and _classifies(linked)  # the browser's Back from Classify leaves its network there
        )
    ):
        st.session_state["generate.linked"] = chosen = linked
    if chosen and chosen not in models:
        problem, other = _find(chosen)
        if other:
            models[other.name] = other
            chosen = other.name
        else:
            taken = f" Taking {next(iter(models))}." if models else ""
            st.warning(f"{plain(problem)}.{taken}", icon=":material/search_off:")
            chosen = None
    if not models:
        return None
    st.session_state["generate.model"] = chosen or next(iter(models))
    name = st.selectbox(
        "Network",
        list(models),
        format_func=lambda name: _title(models[name]),
        key="generate.model",
        persist_state="session",
        help="Shipped with the Studio, or any finished run of a VAE, a GAN or a diffusion network.",
    )
    st.session_state["generate.linked"] = name
    if st.query_params.get("model") != name:
        st.query_params["model"] = name
    return models[name]


def _place(info: ModelInfo) -> tuple[bool, int]:
    """Shipped ones first, kind by kind; runs stay newest first."""
    kind = info.recipe.architecture.kind
    shipped = info.source == "shipped"
    return not shipped, ORDER.index(kind) if shipped and kind in ORDER else 0


def _find(name: str) -> tuple[str, ModelInfo | None]:
    try:
        info = client().model(name, visitor())
    except UnknownModel:
        return f"There is no network called {name} here", None
    if not info.recipe.generative:
        return f"{name} does not generate", None
    return "", info


def _classifies(name: str) -> bool:
    return any(info.name == name and info.recipe.classifies for info in client().models(visitor()))


def _title(info: ModelInfo) -> str:
    architecture = info.recipe.architecture
    word, does = KINDS.get(architecture.kind, (architecture.title, "makes new examples"))
    # A run's number too: two of the same name must not be taken for each other.
    title = info.title if info.source == "shipped" else f"{info.title} (run {info.name[:6]})"
    # What a run was called at first says already what and of what it is.
    more = f" · {word}: {does}"
    return title + more + (f" · {info.recipe.dataset.title}" if info.source == "shipped" else "")


def nothing_yet() -> None:
    """Where no generative network is there: three to begin with."""
    st.info("There is no generative network here yet. Train one.", icon=":material/auto_awesome:")
    starts: list[tuple[str, dict[str, Any]]] = [
        ("A VAE for handwritten digits (half a minute)", {"kind": "vae"}),
        ("A GAN for handwritten digits (two minutes)", {"kind": "gan"}),
        ("Diffusion for handwritten digits (three minutes)", {"kind": "diffusion"}),
    ]
    for label, architecture in starts:
        recipe = Recipe.parse({"dataset": "digits", "architecture": architecture})
        st.page_link(
            "pages/build.py", label=label, icon=":material/tune:", query_params={"recipe": recipe.link()}
        )


def about(info: ModelInfo) -> None:
    """The card of a shipped network, or the way to the run."""
    if info.source == "run":
        st.page_link(
            "pages/train.py",
            label="How it learned",
            icon=":material/show_chart:",
            query_params={"run": info.name},
        )
        return
    card = info.card
    with st.expander(f"About {info.name}", icon=":material/badge:"):
        lines = [f"**{name}** {card[key]}" for name, key in LINES.items() if key in card]
        lines.insert(1, "**Measured** " + ", ".join(_metric(*metric) for metric in card["metrics"].items()))
        trained = card["trained"]
        lines.append(f"**Size** {card['parameters']:,} parameters, {card['bytes'] / 1e6:.1f} MB")
        lines.append(
            f"**Trained** {trained['minutes']} min on {trained['on']}; again with `{trained['command']}`"
        )
        st.markdown("  \n".join(lines))


LINES = {"Data": "data", "Compared with": "test", "Bad at": "limits"}
METRICS = {
    "confident": "{:.1%} of samples classified with at least 90 % confidence",
    "rarest": "{:.1%} of them of the rarest class",
    "frechet": "Fréchet distance {:.2f}",
    "novelty": "novelty {:.2f} (1: as far from the training pictures as real ones)",
    "loss": "{:.1f} nats per test picture",
    "jensen_shannon": "Jensen-Shannon divergence {:.2f} bits",
}


def _metric(name: str, value: float) -> str:
    return METRICS.get(name, f"{name} {{:.3g}}").format(value)
