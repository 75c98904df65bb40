"""The functions that run on a worker, by name; the only door from pages to Keras.

Arguments and results are plain data (and bytes), so that the web process needs nothing of Keras to ask.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported below

import dlcore.compute.lean  # noqa: F401  # isort: skip  # in less memory, so before Keras
import keras
import psutil

from dlcore import inference, models
from dlcore.applications import jobs as applications
from dlcore.applications.jobs import fetch_network, network_room, stop_network  # noqa: F401
from dlcore.callbacks import Checkpoint, Control, LastFinite, Previews, Telemetry, TrainingFailed
from dlcore.compute.device import device
from dlcore.compute.processes import this_process
from dlcore.datasets import DATASETS, Dataset, DatasetError, Split
from dlcore.decoding.images import ImageError
from dlcore.explanation.jobs import explain_image, feature_maps, most_exciting, neighbours  # noqa: F401
from dlcore.gates import gates_over_window
from dlcore.generative.cloud_film import cloud_film, cloud_noising  # noqa: F401
from dlcore.generative.discrimination import discriminated  # noqa: F401
from dlcore.generative.film import film, noising  # noqa: F401
from dlcore.generative.latent import arithmetic, decode, encode, interpolate, latent_plane  # noqa: F401
from dlcore.generative.likelihood import anomaly  # noqa: F401
from dlcore.generative.samples import nearest, quality, sample, test_examples  # noqa: F401
from dlcore.inference import cached_data as data
from dlcore.language import jobs as language
from dlcore.language.jobs import (  # noqa: F401
    attention,
    beam_search,
    chat_prompt,
    explain_sentiment,
    fetch,
    model_size,
    next_token,
    sentiment,
    tokenize,
    write,
)
from dlcore.language.translation import translate  # noqa: F401
from dlcore.recipe import Recipe
from dlcore.runs.attempt import Attempt, Stopped
from dlcore.runs.failures import disk_is_full, why
from dlcore.runs.states import State
from dlcore.runs.store import UnknownRun, open_store
from dlcore.settings import settings
from dlcore.training import Trained


def train(run: str, extra: list[Any] | None = None) -> str:
    """Train a queued run to one of its terminal states, and return that state."""
    store = open_store()
    if not store.start(run, this_process()):
        return store.run(run).state  # stopped while it waited
    with Attempt(store, run) as attempt:
        try:
            _train(attempt, extra or [])
        except (Stopped, UnknownRun):
            pass  # the store has it, or nothing more of it
        except (DatasetError, TrainingFailed) as error:
            attempt.end(State.FAILED, str(error))
        except KeyboardInterrupt:
            store.end(run, State.STOPPED, "Stopped at the keyboard.", attempt=attempt.started)
            raise
        except Exception as error:
            attempt.end(State.FAILED, why(error))
            if not disk_is_full(error):
                raise
    try:
        return store.run(run).state
    except UnknownRun:  # deleted under way: what was written since goes too
        store.artifacts.delete(run)
        return State.STOPPED


def _train(attempt: Attempt, extra: list[Any]) -> None:
    store, run = attempt.store, attempt.run
    recipe = store.run(run).parsed()
    split = _load(attempt, recipe)
    models.keep_vocabularies(store, run, split.vocabularies)
    trained, stopped = _fit(attempt, recipe, split, extra)
    store.artifacts.write(f"{run}/model/weights.safetensors", models.save(trained.model), durable=True)
    # The network is safe, so Stop is answered at once; the metrics follow, because it is worth having.
    if stopped:
        attempt.end(State.STOPPED, "Stopped; the network as it was then has been kept.")
    attempt.answer_stop("Stopped during the evaluation; the trained network has been kept.")
    store.progress(run, store.run(run).progress | {"phase": "evaluating"})
    result = recipe.task.evaluate(trained.model, recipe, split)
    store.artifacts.write_json(f"{run}/errors.json", result.pop("errors", []))
    if attempt.end(State.FINISHED, result=result):
        store.artifacts.delete(f"{run}/checkpoint")
    else:
        store.set_result(run, result, attempt.started)


def _load(attempt: Attempt, recipe: Recipe) -> Split:
    store, run = attempt.store, attempt.run
    store.progress(run, {"phase": "loading data", "device": device().name})

    def report(done: int, total: int) -> None:
        attempt.check()
        store.progress(run, {"phase": "downloading", "done": done, "total": total})

    split = data(recipe.dataset, recipe.training.seed, report)
    store.progress(run, {"phase": "preparing", "device": device().name, "epochs": recipe.epochs})
    return split


def _fit(attempt: Attempt, recipe: Recipe, split: Split, extra: list[Any]) -> tuple[Trained, bool]:
    """Fit with the callbacks that connect it with the store. The second value: whether it was stopped.

    Raises TrainingFailed where it diverges.
    """
    from dlcore.training import train as fit

    store, run = attempt.store, attempt.run
    previews = Previews(store, run, recipe, split)
    control = Control(attempt, settings().max_minutes, previews.snapshot)
    # Telemetry last: it reports what the others have done to the learning rate.
    callbacks = [
        Checkpoint(store, run),
        control,
        previews,
        *extra,
        Telemetry(store, run, recipe, len(split.train), device().name),
    ]
    finite = LastFinite()
    attempt.check()
    try:
        trained = fit(recipe, split, [finite, *callbacks] if recipe.task.keeps_finite_weights else callbacks)
    except TrainingFailed as error:
        if not finite.packed:
            raise
        store.artifacts.write(f"{run}/model/weights.safetensors", finite.packed, durable=True)
        raise TrainingFailed(f"{error} The weights of epoch {finite.epoch} are kept.") from error
    attempt.check()
    if (best := trained.best_epoch) and not control.stopped:
        store.add_event(run, best, f"best epoch {best}: its weights were kept")
    return trained, control.stopped


def look_at(dataset: dict[str, Any], seed: int) -> dict[str, Any]:
    """What a page shows of a data set: ``{"views": […]}``, or ``{"error": …}`` where it cannot be had."""
    chosen = DATASETS[dataset["name"]].model_validate(dataset)
    key = f"dataset-{chosen.name}"
    store = open_store()

    def report(done: int, total: int) -> None:
        store.artifacts.write_json(f"progress/{key}.json", {"done": done, "total": total})

    try:
        split = data(chosen, seed, report)
    except DatasetError as error:
        return {"error": str(error)}
    finally:
        store.artifacts.delete(f"progress/{key}.json")  # a bar for bytes, nothing to keep
    return {"views": chosen.views(split)}


def classify(model: str, images: list[bytes], top: int = 5, as_seen: bool = False) -> list[dict[str, Any]]:
    """For each image its labels, or ``{"error": …}`` where the file is no usable image.

    ``as_seen``: they look as the network's training images do, and no ink is to be found first.
    """
    return _each(inference.classify, model, images, top, as_seen)


def classify_many(
    model: str, images: list[bytes], top: int = 5, pixels: int = inference.ALL_PIXELS
) -> list[dict[str, Any]]:
    """See :func:`dlcore.inference.classify_many`."""
    store = open_store()
    return inference.classify_many(store, models.find(store, model), images, top, pixels=pixels)


def reconstruct(
    model: str, images: list[bytes], noise: float = 0.0, as_seen: bool = False
) -> list[dict[str, Any]]:
    """The same for an autoencoder: each image as it makes it again, see :func:`dlcore.inference.reconstruct`."""
    return _each(inference.reconstruct, model, images, noise, as_seen)


def _each(
    look: Callable[..., dict[str, Any]], model: str, images: list[bytes], option: Any, as_seen: bool
) -> list[dict[str, Any]]:
    store = open_store()
    info = models.find(store, model)
    answers = []
    for image in images:
        try:
            answers.append(look(store, info, image, option, as_seen=as_seen))
        except ImageError as error:
            answers.append({"error": str(error)})
    return answers


def examples(model: str, count: int = 8) -> list[dict[str, Any]]:
    """Test images of the data set a model learned from, as lists of 0-255, with their labels."""
    info = models.find(open_store(), model)
    split = data(info.recipe.dataset, info.recipe.training.seed)
    first = split.test[:count]
    return [
        {"picture": pixels.tolist(), "label": info.recipe.dataset.classes[label]}
        for pixels, label in zip((255 * first.x).round().astype("uint8"), first.y, strict=True)
    ]


def gates(model: str, window: int, layer: str) -> dict[str, Any]:
    """The gates of a recurrent network over one window of its test part, see :mod:`dlcore.gates`."""
    store = open_store()
    info = models.find(store, model)
    split = data(info.recipe.dataset, info.recipe.training.seed)
    network = inference.cached_model(store, info)
    return gates_over_window(info.recipe, network, split, window, layer)


def evaluate(model: str, dataset: str | None = None) -> dict[str, Any]:
    """The metrics of a model on a test split: of its own data set, or of one with the same classes.

    Those of a generative model compare what it makes with that split.
    """
    store = open_store()
    info = models.find(store, model)
    chosen: Dataset = info.recipe.dataset
    if dataset and dataset != chosen.name:
        if dataset not in DATASETS:
            raise ValueError(f"dataset: expected one of {', '.join(DATASETS)}, received {dataset!r}")
        chosen = DATASETS[dataset]()
        if chosen.problem != info.recipe.dataset.problem:
            raise ValueError(
                f"dataset: expected one with the shape and classes of {info.recipe.dataset.name}, "
                f"received {dataset!r}"
            )
    split = data(chosen, info.recipe.training.seed)
    network = inference.cached_model(store, info)
    recipe = info.recipe.model_copy(update={"dataset": chosen})
    options = recipe.task.thorough | info.card.get("sampling", {})
    result = recipe.task.evaluate(network, recipe, split, **options)
    result.pop("errors", None)
    return {"model": info.name, "dataset": chosen.name, "split": "test", **result}


def downloading() -> bool:
    """Whether a model is on its way: that would end with the worker."""
    return language.downloads.active or applications.downloads.active


def status() -> dict[str, Any]:
    """Device and memory of this worker."""
    import tensorflow as tf

    hardware = device()
    return {
        "device": hardware.name,
        "kind": hardware.kind,
        "advice": hardware.advice,
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "memory_mb": psutil.Process().memory_info().rss // 2**20,
        "time": time.time(),
    }
