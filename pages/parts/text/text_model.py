"""Choose a text network: shipped, downloaded, or any compatible one of the Hugging Face Hub."""

from __future__ import annotations

import streamlit as st

from dlcore.client import client
from dlcore.language import catalog, hub_cache
from dlcore.language.catalog import Task, TextModel
from dlcore.models import UnknownModel
from pages.parts.plain import plain
from pages.parts.waiting import answer

OTHER = "Another from the Hugging Face Hub…"
FITTING: dict[Task, str] = {
    "sentiment": "Any DistilBERT or BERT classifier",
    "generation": "Any GPT-2 or Llama, also TinyStories and SmolLM2.",
    "chat": "Any Llama or GPT-2 with a chat template: instruction-tuned ones have it.",
}
"""What of the Hub can be used for a task."""


def choose_model(task: Task, *, key: str = "model", label: str = "Network") -> str | None:
    """Draw the choice and, for a network that is not here yet, its size and the download.

    Returns the name of a network that can answer: where the chosen one is not here, the shipped one,
    and the page says so. None where nothing is shipped and nothing chosen.
    """
    models = sorted(catalog.available(task), key=lambda model: not model.at_hand)
    known = {model.name: model for model in models}
    widget = f"{task}.{key}"
    if st.session_state.get(widget) not in {*known, OTHER}:
        st.session_state.pop(widget, None)

    def title(name: str) -> str:
        return f"{known[name].title}{_where(known[name])}" if name in known else name

    name = st.selectbox(
        label,
        [*known, OTHER],
        format_func=title,
        key=widget,
        persist_state="session",
        help="Shipped ones answer at once; others are downloaded once, if you want to.",
    )
    if name == OTHER:
        name = st.text_input(
            "Name on the Hub",
            key=f"{widget}.other",
            max_chars=200,
            placeholder="owner/name, such as distilbert/distilgpt2",
            help=FITTING[task],
        ).strip()
    if name and _ready(name, task, known, widget):
        return name
    shipped = next((model.name for model in known.values() if model.source == "shipped"), None)
    if shipped and key == "model":
        st.caption(f"Until then {shipped} answers.")
    return shipped


def _where(model: TextModel) -> str:
    if model.source == "shipped":
        return " · shipped"
    return " · downloaded" if model.at_hand else f" · {model.size_mb:,.0f} MB to download"


def _ready(name: str, task: Task, known: dict[str, TextModel], widget: str) -> bool:
    """Whether the network is here; where it is not, the way to get it."""
    if name in known and known[name].at_hand:
        return True
    if not hub_cache.is_name(name):
        st.error(
            f"“{plain(name)}” cannot be a name on the Hub: expected owner/name.", icon=":material/error:"
        )
        return False
    try:
        if catalog.find(name, task).at_hand:
            return True
    except UnknownModel as error:
        st.error(plain(error), icon=":material/error:")
        return False
    if st.session_state.get("downloading") == name:
        _progress(name, task)
        return False
    size = answer("model_size", model=name, task=task)
    if size is None:
        return False
    if "error" in size:
        st.warning(plain(size["error"]), icon=":material/cloud_off:")
        return False
    st.info(
        f"{size['download'] / 1e6:,.0f} MB to download; it will take "
        f"{size['memory'] / 1e6:,.0f} MB of memory.",
        icon=":material/download:",
    )
    problem = st.session_state.get(f"download.problem.{name}")
    if problem:
        st.warning(plain(problem), icon=":material/cloud_off:")
    if st.button("Download", icon=":material/download:", key=f"download.{widget}"):
        st.session_state["downloading"] = name
        st.rerun()
    return False


def _progress(name: str, task: Task) -> None:
    def look() -> None:
        try:
            progress = client().request("fetch", model=name, task=task).result(20)
        except Exception as error:
            progress = {"error": f"The download failed: {error}"}
        if "total" not in progress:
            st.session_state.pop("downloading", None)
            st.session_state[f"download.problem.{name}"] = progress.get("error")
            st.rerun()
        share = progress["done"] / progress["total"] if progress["total"] else 0.0
        st.progress(share, f"Downloading {progress['done'] / 1e6:,.0f} of {progress['total'] / 1e6:,.0f} MB")

    st.fragment(look, run_every=0.5)()


def about(name: str) -> None:
    """The card of a shipped network."""
    model = next((model for model in catalog.shipped() if model.name == name), None)
    if model is None:
        return
    card = model.card
    metrics = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in card["metrics"].items())
    with st.expander(f"About {model.name}", icon=":material/badge:"):
        st.markdown(
            f"**Data** {card['data']}  \n**Measured** {metrics} ({card['test']})  \n"
            f"**Size** {card['parameters']:,} parameters, {card['bytes'] / 1e6:.1f} MB  \n"
            f"**Trained** {card['trained']['date']}, {card['trained']['minutes']} min on {card['trained']['on']}; again with "
            f"`{card['trained']['command']}`  \n**Bad at** {card['limits']}"
        )
