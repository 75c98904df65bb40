"""Choose a text network: shipped, downloaded, or any compatible one of the Hugging Face Hub."""

from __future__ import annotations

import streamlit as st

from dlcore.client import client
from dlcore.language import catalog, hub_cache
from dlcore.language.catalog import Task, TextModel
from dlcore.models import UnknownModel
from pages.parts.plain import plain
from pages.parts.visitor import visitor
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
    known = known_models(task)
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
        help="Shipped ones and your own answer at once; others are downloaded once, if you want to.",
    )
    if name == OTHER:
        name = st.text_input(
            "Name on the Hub",
            key=f"{widget}.other",
            max_chars=200,
            placeholder="owner/name, such as distilbert/distilgpt2",
            help=FITTING[task],
        ).strip()
    if key == "model":
        _to_address(known.get(name))
    if name and _ready(name, task, known, widget):
        return name
    shipped = next((model.name for model in known.values() if model.source == "shipped"), None)
    if shipped and key == "model":
        st.caption(f"Until then {shipped} answers.")
    return shipped


def known_models(task: Task) -> dict[str, TextModel]:
    """By their names: shipped ones, then what else is here, then those to download."""
    models = catalog.available(task) + catalog.trained(client().models(visitor()), task)
    return {model.name: model for model in sorted(models, key=_place)}


def linked() -> str:
    """Of the network in the address, which is chosen where it belongs, the task; empty where there is none."""
    name = st.query_params.get("model")
    if not name or name == st.session_state.get("text.linked"):
        return ""
    st.session_state["text.linked"] = name
    try:
        info = client().model(name, visitor())
    except UnknownModel:
        st.warning(f"There is no network called {plain(name)} here.", icon=":material/search_off:")
        return ""
    task = info.recipe.on_texts
    if task:
        st.session_state[f"{task}.model"] = catalog.RUN + info.name
    return task


def _to_address(model: TextModel | None) -> None:
    """A network that was trained here stands in the address, so that a reload brings it back."""
    name = model.trained.name if model and model.trained else ""
    if name:
        st.session_state["text.linked"] = st.query_params["model"] = name
    else:
        st.query_params.pop("model", None)


def _place(model: TextModel) -> tuple[bool, bool]:
    """Shipped ones first, then the others that are here; each sort stays in its order."""
    return not model.at_hand, model.source != "shipped"


def _where(model: TextModel) -> str:
    if model.source == "shipped":
        return " · shipped"
    if model.trained:
        return ""
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
    """The card of a shipped network, or what a network that was trained here has learned."""
    if name.startswith(catalog.RUN):
        _about_run(name.removeprefix(catalog.RUN))
        return
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


def _about_run(run: str) -> None:
    info = client().model(run, visitor())
    learned = info.recipe.task.summary(info.metrics, info.recipe.problem.unit)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"**{plain(info.title)}** learned from {plain(info.recipe.dataset.title)}. {learned}")
        st.page_link(
            "pages/train.py", label="Its training", icon=":material/show_chart:", query_params={"run": run}
        )
