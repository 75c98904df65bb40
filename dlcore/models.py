"""Models by name: what the zoo ships and what runs have made. A model is a recipe and its weights.

Weights are kept as safetensors, so nothing that is loaded can run code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.applications import APPLICATIONS, Application, WeightsError
from dlcore.applications.networks import load as load_application
from dlcore.applications.networks import recipe
from dlcore.language.files import CheckpointError, header, read_json
from dlcore.language.vocabulary import Vocabulary
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.database import StoreError
from dlcore.runs.states import State
from dlcore.runs.store import Store, UnknownRun

if TYPE_CHECKING:
    import keras

VOCABULARY = "vocabulary.json"
ZOO = Path(__file__).parent / "zoo"


class UnknownModel(LookupError):
    """No shipped model and no run with a model has this name."""


@dataclass(frozen=True)
class ModelInfo:
    """What can be said of a model without loading it. ``source`` is "shipped", "download" or "run"."""

    name: str
    title: str
    source: str
    recipe: Recipe
    metrics: dict[str, float]
    card: dict[str, Any]
    version: str = ""
    """Changes when a run has been resumed: its weights are others then."""
    at_hand: bool = True
    """Whether its weights are here; those of some can be downloaded."""


@dataclass(frozen=True)
class Unusable:
    """What should be a model and is none: its files are damaged, or its recipe is of another version."""

    name: str
    title: str
    source: str
    reason: str


def shipped() -> list[ModelInfo]:
    """The models of the zoo: those that have weights, a recipe and a card; the most general first."""
    return [info for info in _zoo() if isinstance(info, ModelInfo)]


def downloads() -> list[ModelInfo]:
    """The networks that can be downloaded, those that are here first."""
    infos = [_of_application(app, app.at_hand) for app in APPLICATIONS.values()]
    return sorted(infos, key=lambda info: not info.at_hand)


@lru_cache(maxsize=32)
def _of_application(app: Application, at_hand: bool) -> ModelInfo:
    card = {
        "data": f"ImageNet: 1.28 million photos of 1,000 kinds of things and animals. The network ({app.paper}) "
        "and its weights come from Keras' applications (keras.io/api/applications).",
        "test": f"{app.top1:.1%} of ImageNet's validation photos, as Keras' documentation states; not measured here",
        "limits": "people, text, drawings, whatever is none of its 1,000 classes; several things in one photo.",
        "parameters": app.parameters,
        "bytes": app.size,
        "trained": {"on": "ImageNet, by its authors"},
    }
    return ModelInfo(app.name, app.title, "download", recipe(app), {}, card, at_hand=at_hand)


def available(store: Store, limit: int = 100, seen_by: str | None = None) -> list[ModelInfo]:
    """Shipped models, downloaded ones, then the newest runs that left a model, as the store shows them to ``seen_by``.

    The shipped ones alone where the store cannot be used. What is no model any more is left out.
    """
    return [info for info in _all(store, limit, seen_by) if isinstance(info, ModelInfo)]


def unusable(store: Store, limit: int = 100, seen_by: str | None = None) -> list[Unusable]:
    """What :func:`available` has left out, and why."""
    return [info for info in _all(store, limit, seen_by) if isinstance(info, Unusable)]


def _all(store: Store, limit: int, seen_by: str | None) -> Iterator[ModelInfo | Unusable]:
    yield from _zoo()
    yield from (info for info in downloads() if info.at_hand)
    try:
        runs = store.list_runs(states=[State.FINISHED, State.STOPPED], limit=limit, seen_by=seen_by)
    except StoreError:
        return
    for run in runs:
        # A run stopped during its evaluation has a network and no metrics.
        if run.result or _kept(store, run.id):
            yield _of_run(run)


def _zoo() -> Iterator[ModelInfo | Unusable]:
    models = []
    for folder in sorted(path.parent for path in ZOO.glob("*/weights.safetensors")):
        files = [folder / name for name in ("weights.safetensors", "recipe.json", "card.json")]
        models.append(
            _of_folder(folder, *(file.stat().st_mtime_ns if file.exists() else 0 for file in files))
        )
    yield from sorted(models, key=_classes, reverse=True)


def _classes(info: ModelInfo | Unusable) -> int:
    return len(info.recipe.dataset.classes) if isinstance(info, ModelInfo) else 0


@lru_cache(maxsize=64)
def _of_folder(folder: Path, *_changed: int) -> ModelInfo | Unusable:
    """Read once: every page lists the models each time it is drawn."""
    try:
        header(folder / "weights.safetensors")
        recipe, card = Recipe.stored(read_json(folder / "recipe.json")), read_json(folder / "card.json")
        return ModelInfo(folder.name, folder.name, "shipped", recipe, _metrics(card), card)
    except (CheckpointError, RecipeError) as error:
        return Unusable(folder.name, folder.name, "shipped", str(error))


def find(store: Store, name: str, seen_by: str | None = None) -> ModelInfo:
    """The model called ``name``: a shipped or downloaded one, a run's id or a run's name (the newest of that name).

    Raises UnknownModel, naming what there is, as the store shows it to ``seen_by``.
    """
    zoo = {info.name: info for info in shipped()}
    if name in zoo:
        return zoo[name]
    for network in downloads():
        if network.name == name:
            if not network.at_hand:
                raise UnknownModel(f"model: {name} has not been downloaded yet; the Classify page offers it")
            return network
    try:
        run = store.run(name, seen_by)
    except UnknownRun:
        named = store.list_runs(name=name, limit=1, seen_by=seen_by)
        if not named:
            known = ", ".join([*zoo, *(run.id for run in store.list_runs(limit=5, seen_by=seen_by))])
            raise UnknownModel(
                f"model: expected a shipped model or a run ({known}), received {name!r}"
            ) from None
        run = named[0]
    if not _kept(store, run.id):
        raise UnknownModel(f"model: run {run.id} is {run.state} and has left no model yet")
    info = _of_run(run)
    if isinstance(info, Unusable):
        raise UnknownModel(f"model: run {info.name} cannot be used: {info.reason}")
    return info


def _kept(store: Store, run: str) -> bool:
    return store.artifacts.exists(f"{run}/model/weights.safetensors")


def _of_run(run: Any) -> ModelInfo | Unusable:
    try:
        return ModelInfo(run.id, run.name, "run", run.parsed(), _metrics(run.result), {}, str(run.ended))
    except RecipeError as error:
        reason = f"its recipe is damaged or of another version ({error})"
        return Unusable(run.id, run.name, "run", reason)


def _metrics(data: Any) -> dict[str, float]:
    """The metrics of a card or of a run's result, as far as they are numbers."""
    metrics = data.get("metrics") if isinstance(data, dict) else None
    if not isinstance(metrics, dict):
        return {}
    return {name: value for name, value in metrics.items() if isinstance(value, int | float)}


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    """Arrays by name, such as ``conv2d_1/kernel``. Raises ValueError where two have the same, and one would be lost."""
    return {name: np.asarray(weight, "float32") for name, weight in _places(model).items()}


def _places(model: keras.Model) -> dict[str, Any]:
    """Its weights by name, but for those it has ``borrowed`` from a shipped model when it was built."""
    places = {_name(weight, model): weight for weight in model.weights}
    if len(places) < len(model.weights):
        raise ValueError(f"weights: expected {len(model.weights)} different names, received {len(places)}")
    borrowed = getattr(model, "borrowed", ())
    return {name: weight for name, weight in places.items() if name not in borrowed}


def _name(weight: Any, model: keras.Model) -> str:
    """Its path without the model's own name, which counts the models of the process."""
    return str(weight.path).removeprefix(f"{model.name}/")


def set_weights(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Put arrays into a model; every one must have its place, and every place its array."""
    places = _places(model)
    expected, received = set(places), set(arrays)
    if expected != received:
        raise ValueError(
            f"weights: expected {sorted(expected - received)}, received {sorted(received - expected)}"
        )
    for name, weight in places.items():
        if arrays[name].shape != tuple(weight.shape):
            raise ValueError(
                f"weights: expected {name} of shape {tuple(weight.shape)}, received {arrays[name].shape}"
            )
    for name, weight in places.items():
        weight.assign(arrays[name].astype("float32"))


def save(model: keras.Model, *, half: bool = False) -> bytes:
    """The weights as safetensors, in half precision if asked."""
    from safetensors.numpy import save as pack

    arrays = weights_of(model)
    return bytes(pack({k: v.astype("float16") if half else v for k, v in arrays.items()}))


def keep_vocabularies(store: Store, run: str, vocabularies: dict[str, Vocabulary]) -> None:
    """Put what a run's tokens mean beside its weights; nothing where its examples are no tokens."""
    if vocabularies:
        data = packed(vocabularies)
        store.artifacts.write_json(f"{run}/model/{VOCABULARY}", data)


def packed(vocabularies: dict[str, Vocabulary]) -> dict[str, Any]:
    """Vocabularies as plain data."""
    return {name: vocabulary.to_json() for name, vocabulary in vocabularies.items()}


def vocabularies(store: Store, info: ModelInfo) -> dict[str, Vocabulary]:
    """What the tokens of a model mean, by the names they have in :class:`dlcore.parts.Split`.

    Raises UnknownModel where they are damaged or gone.
    """
    try:
        if info.source == "shipped":
            data = read_json(ZOO / info.name / VOCABULARY)
        else:
            data = store.artifacts.read_json(f"{info.name}/model/{VOCABULARY}")
        return {name: Vocabulary.from_json(one) for name, one in data.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise UnknownModel(
            f"model: the vocabulary of {info.name} is gone or damaged; train it again"
        ) from error


def load(store: Store, info: ModelInfo) -> keras.Model:
    """The built model with its weights; not compiled. Raises UnknownModel where those are damaged or gone."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as unpack

    try:
        if info.source == "download":
            return load_application(APPLICATIONS[info.name])
        if info.source == "shipped":
            packed = (ZOO / info.name / "weights.safetensors").read_bytes()
        else:
            packed = store.artifacts.read(f"{info.name}/model/weights.safetensors")
        arrays = unpack(packed)
        model = info.recipe.build()
    except WeightsError as error:
        raise UnknownModel(f"model: {error}") from error
    except (OSError, SafetensorError) as error:
        kind = "gone" if isinstance(error, FileNotFoundError) else "damaged"
        raise UnknownModel(f"model: the weights of {info.name} are {kind}; train it again") from error
    try:
        set_weights(model, arrays)
    except ValueError as error:
        raise UnknownModel(
            f"model: the weights of {info.name} do not fit its recipe ({str(error)[:200]}); train it again"
        ) from error
    return model
