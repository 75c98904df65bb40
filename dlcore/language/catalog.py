"""Text models by name: shipped ones, some to download, and any of the Hugging Face Hub that fits.

Knows them from their files alone and imports no framework, so the web process can list them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dlcore.language import hub_cache
from dlcore.language.files import CheckpointError, has_chat_template, read_json
from dlcore.models import ZOO, ModelInfo, UnknownModel
from dlcore.models import find as find_trained
from dlcore.runs.database import StoreError
from dlcore.runs.store import Store

Task = Literal["sentiment", "generation", "chat"]

CHAT: Task = "chat"
TASKS: dict[str, Task] = {
    "bert": "sentiment",
    "distilbert": "sentiment",
    "gpt2": "generation",
    "llama": "generation",
}
"""What a network is for, by the ``model_type`` of its configuration. One that writes can also chat where it
has a chat template: the marks of the conversations that it was trained on."""


@dataclass(frozen=True)
class TextModel:
    """What can be said of a text model without loading it."""

    name: str
    title: str
    task: Task
    source: Literal["shipped", "hub", "folder", "run"]
    card: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    """Where it lies; None as long as it has not been downloaded."""
    size_mb: float = 0
    """Of its files; of one not downloaded, what the download takes. 0: nobody knows yet."""
    memory_mb: float = 0
    """What its weights take in memory. 0: nobody knows yet."""
    chats: bool = False
    """Whether it was trained on conversations."""
    trained: ModelInfo | None = None
    """Of one that was trained here: its run's recipe and weights."""

    def serves(self, task: Task) -> bool:
        """Whether it can be used for this."""
        return task == self.task or (task == CHAT and self.chats)

    @property
    def at_hand(self) -> bool:
        """Whether it can be used without a network."""
        return self.folder is not None or self.trained is not None


def _suggestion(
    name: str, title: str, task: Task, size: float, memory: float, *, chats: bool = False, **card: str
) -> TextModel:
    return TextModel(name, title, task, "hub", card, None, size, memory, chats)


SUGGESTED = (
    _suggestion(
        "distilbert-base-uncased-finetuned-sst-2-english",
        "DistilBERT, film reviews",
        "sentiment",
        268,
        268,
        data="SST-2: 67,000 phrases from film reviews",
        licence="Apache 2.0",
        limits="English; knows good and bad only; some names of countries sway it.",
    ),
    _suggestion(
        "distilgpt2",
        "DistilGPT-2",
        "generation",
        356,
        328,
        data="OpenWebText, learned from GPT-2",
        licence="Apache 2.0",
        limits="English; repeats prejudices of the web; loses the thread after a few sentences.",
    ),
    _suggestion(
        "gpt2",
        "GPT-2 (124M)",
        "generation",
        551,
        498,
        data="WebText: 40 GB of pages that Reddit linked to",
        licence="MIT",
        limits="English; repeats prejudices of the web; makes up facts.",
    ),
    _suggestion(
        "HuggingFaceTB/SmolLM2-135M",
        "SmolLM2 (135M)",
        "generation",
        273,
        538,
        data="2 trillion tokens of the web, textbooks and code",
        licence="Apache 2.0",
        limits="Mostly English; makes up facts. Half as large on the disk as in memory.",
    ),
    _suggestion(
        "HuggingFaceTB/SmolLM2-135M-Instruct",
        "SmolLM2 Instruct (135M)",
        "generation",
        273,
        538,
        chats=True,
        data="SmolLM2 (135M), trained on conversations and tasks",
        licence="Apache 2.0",
        limits="Mostly English; makes up facts; loses the thread of a long conversation.",
    ),
    _suggestion(
        "HuggingFaceTB/SmolLM2-360M-Instruct",
        "SmolLM2 Instruct (360M)",
        "generation",
        727,
        1447,
        chats=True,
        data="SmolLM2 (360M), trained on conversations and tasks",
        licence="Apache 2.0",
        limits="Mostly English; makes up facts; three times as slow as the one of 135M.",
    ),
)
"""Sizes in MB, from the files on the Hub; memory is four bytes for every weight."""

FULL_NAMES = {
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": SUGGESTED[0].name,
    "distilbert/distilgpt2": "distilgpt2",
    "openai-community/gpt2": "gpt2",
}
"""The owners came later; the short names still work on the Hub."""


def shipped() -> list[TextModel]:
    """The text models of the zoo: those that have weights and a card."""
    models = []
    for folder in sorted(path.parent for path in ZOO.glob("*/card.json")):
        if not hub_cache.whole(folder):  # no text model, or one being trained
            continue
        with contextlib.suppress(CheckpointError, KeyError):  # damaged: it is none
            card = read_json(folder / "card.json")
            title = card.get("title", folder.name)
            models.append(_at(folder, folder.name, title, card["task"], "shipped", card))
    return models


def suggested() -> list[TextModel]:
    """Models worth a download."""
    return [_here(model) for model in SUGGESTED]


RUN = "run:"
"""What the name of a network that was trained here begins with; no name of the Hub does."""


def trained(infos: Iterable[ModelInfo], task: Task) -> list[TextModel]:
    """Of the models of runs those that read or write texts, for a task."""
    models = [_of_run(info) for info in infos if info.source == "run"]
    return [model for model in models if model and model.serves(task)]


def _of_run(info: ModelInfo) -> TextModel | None:
    use = next((task for task in TASKS.values() if task == info.recipe.on_texts), None)
    if use is None:
        return None
    title = f"{info.title} · trained here"
    return TextModel(RUN + info.name, title, use, "run", {}, trained=info)


def available(task: Task) -> list[TextModel]:
    """Shipped models first, then those worth a download, then what else has been downloaded."""
    known = shipped() + suggested()
    names = {model.name for model in known} | FULL_NAMES.keys()
    others = []
    for name, folder in hub_cache.all_downloaded().items():
        if name not in names:
            try:
                others.append(_at(folder, name, name, _task_of(folder, name), "hub", {}))
            except (UnknownModel, CheckpointError):
                continue  # another tool's, of no use here
    return [model for model in known + others if model.serves(task)]


def find(
    name: str,
    task: Task,
    *,
    store: Store | None = None,
    allow_folders: bool = False,
    seen_by: str | None = None,
) -> TextModel:
    """The model called ``name``: a shipped one, ``run:`` and a run's id, or one of the Hub, downloaded or not.

    Args:
        task: What it is wanted for.
        store: Where runs are.
        allow_folders: Whether ``name`` may also be a folder with a checkpoint, or a run without ``run:``: for the
            command line only, because a visitor of the web page must not name paths on the server.
        seen_by: The visitor whose runs are looked at; None: all of them.

    Raises:
        UnknownModel: if there is no such model, or it is for another task.
        CheckpointError: if the folder lacks a file, or one is damaged.
    """
    if store is not None and name.startswith(RUN):
        return _found(find_trained(store, name.removeprefix(RUN), seen_by), task)
    name = FULL_NAMES.get(name, name)
    known = {model.name: model for model in shipped() + suggested()}
    if name in known:
        model = known[name]
    elif allow_folders and (folder := _folder(name)):
        if lacking := hub_cache.lacking(folder):
            raise CheckpointError(lacking)
        model = _at(folder, name, folder.resolve().name, _task_of(folder, name), "folder", {})
    elif allow_folders and store is not None and (info := _run(store, name)):
        return _found(info, task)
    elif hub_cache.is_name(name):
        model = _here(TextModel(name, name, task, "hub", chats=task == CHAT))
    else:
        ways = ", a folder with a checkpoint" if allow_folders else ""
        raise UnknownModel(
            f"model: expected {_names(task)}{ways} or a name of the Hugging Face Hub such as "
            f"owner/name, received {name[:100]!r}"
        )
    if not model.serves(task):
        raise UnknownModel(f"model: {name} is for {model.task}; for {task} there are {_names(task)}")
    return model


def _names(task: Task) -> str:
    return ", ".join(model.name for model in shipped() + suggested() if model.serves(task))


def _here(model: TextModel) -> TextModel:
    """A model of the Hub, with its folder if it has been downloaded."""
    full = [long for long, short in FULL_NAMES.items() if short == model.name]
    for name in (model.name, *full):
        folder = hub_cache.downloaded(name)
        if folder:
            with contextlib.suppress(CheckpointError, UnknownModel):  # damaged: whoever loads it says so
                task = _task_of(folder, name)
                return _at(folder, model.name, model.title, task, "hub", model.card)
    return model


def _found(info: ModelInfo, task: Task) -> TextModel:
    """The text model of a run. Raises UnknownModel if it is for something else."""
    model = _of_run(info)
    if model is None or not model.serves(task):
        use = model.task if model else f"{info.recipe.dataset.title}, not for texts"
        raise UnknownModel(f"model: run {info.name} is for {use}; for {task} there are {_names(task)}")
    return model


def _run(store: Store, name: str) -> ModelInfo | None:
    try:
        return find_trained(store, name)
    except (UnknownModel, StoreError):
        return None


def _folder(name: str) -> Path | None:
    try:
        folder = Path(name).expanduser()
        return folder if (folder / "config.json").is_file() else None
    except (OSError, ValueError, RuntimeError):  # no path at all
        return None


def _task_of(folder: Path, name: str) -> Task:
    kind = read_json(folder / "config.json").get("model_type")
    if not isinstance(kind, str) or kind not in TASKS:
        raise UnknownModel(
            f"model: expected {name} to have a config.json with a model_type of {', '.join(TASKS)}"
        )
    return TASKS[kind]


def _at(folder: Path, name: str, title: str, task: Task, source: Any, card: Any) -> TextModel:
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    memory = hub_cache.memory(folder)
    chats = has_chat_template(folder)
    return TextModel(name, title, task, source, card, folder, size / 1e6, memory / 1e6, chats)
