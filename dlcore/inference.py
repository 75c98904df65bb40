"""Use a trained model: classify or reconstruct images. What was loaded once is kept for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from dlcore.cache import Cache
from dlcore.charts.thumbnails import encoded, square
from dlcore.compute.device import device
from dlcore.datasets import Dataset, Progress, Split
from dlcore.decoding.budget import OutOfPixels, PixelBudget
from dlcore.decoding.handwriting import to_digit
from dlcore.decoding.images import ImageError, fit, read_image
from dlcore.forward import forward
from dlcore.layers import Shape
from dlcore.models import ModelInfo, load
from dlcore.previews import of_outputs, pixels, probabilities
from dlcore.runs.store import Store
from dlcore.settings import settings
from dlcore.uploads.limits import MAX_TOTAL_MEGAPIXELS

LEAST = 1600
"""Pixels that the shorter side of a large image keeps; ink is looked for in half as many."""

ALL_PIXELS = MAX_TOTAL_MEGAPIXELS * 1_000_000
AT_ONCE = 100_000_000
"""Pixels after which no further image is decoded for one answer: as a PNG they take about five seconds."""

_models = Cache()
_data = Cache()


def cached_data(dataset: Dataset, seed: int, report: Progress | None = None) -> Split:
    """The data set's split, from memory where it has been used lately."""

    def size(split: Split) -> int:
        return sum(part.nbytes for part in (split.train, split.validation, split.test))

    return _data.of((dataset, seed), lambda: dataset.load(seed, report), size)


def cached_model(store: Store, info: ModelInfo) -> Any:
    """The loaded model, from memory where it has been used lately."""
    key = (info.source, info.name, info.version)
    return _models.of(key, lambda: load(store, info), lambda model: 4 * model.count_params())


def read(data: bytes, spend: Callable[[int], None] | None = None) -> Image.Image:
    """A visitor's image, within the limits; a large one is reduced while it is decoded. Raises ImageError.

    ``spend`` as of :func:`read_image`.
    """
    limits = settings()
    most = limits.max_upload_mb * 2**20
    return read_image(data, max_pixels=limits.max_pixels, max_bytes=most, least=LEAST, spend=spend)


def prepare(image: Image.Image, info: ModelInfo, *, as_seen: bool = False) -> np.ndarray:
    """The image as the model's network sees it: float32 of its input shape, in [0, 1].

    For a network trained on handwriting the ink is found and centred as its training data was; for
    any other the middle square is cut out and scaled, as it is for an image that is ``as_seen`` already,
    because a network has made it.
    """
    dataset = info.recipe.dataset
    if not dataset.images:
        raise ImageError(f"{info.title} was trained on {dataset.name}, not on pictures; choose another model")
    shape: Shape = dataset.input_shape
    if dataset.handwriting and not as_seen:
        return to_digit(image, shape[0])[..., None]
    return fit(image, shape)


def classify(
    store: Store, info: ModelInfo, data: bytes, top: int = 5, *, as_seen: bool = False
) -> dict[str, Any]:
    """Labels of one image, most probable first, and the image as the network saw it.

    Returns ``labels`` (label, probability), ``seen``, a list of the input shape with values 0-255,
    ``picture``, what was read, as a small PNG or JPEG, and the ``milliseconds`` that the network took on its
    ``device``. Raises ImageError if the file is no usable image.
    """
    if not info.recipe.classifies:
        raise ImageError(f"{info.title} does not classify; choose a classifier")
    image = read(data)
    seen = prepare(image, info, as_seen=as_seen)
    network = cached_model(store, info)
    began = time.perf_counter()
    predicted = of_outputs(forward(network)(seen[None]))[0]
    took = time.perf_counter() - began
    return {
        "labels": _most_probable(predicted, info, top),
        "milliseconds": round(1000 * took, 1),
        "device": device().name,
        "seen": pixels(seen),
        "picture": encoded(image),
    }


def classify_many(
    store: Store, info: ModelInfo, images: list[bytes], top: int = 5, *, pixels: int = ALL_PIXELS
) -> list[dict[str, Any]]:
    """Of each image ``labels`` as of :func:`classify` and ``thumbnail``, a small square JPEG; all in one batch.

    ``error`` instead where a file is no usable image; and of all the ``pixels`` that were decoded. Where there are many,
    only the first images are answered; none where the first has more than the ``pixels`` that may still be decoded.
    Raises ImageError where the model does not classify.
    """
    if not info.recipe.classifies:
        raise ImageError(f"{info.title} does not classify; choose a classifier")
    answers: list[dict[str, Any]] = []
    seen: list[np.ndarray] = []
    budget = PixelBudget(pixels)
    for data in images:
        before = budget.left
        try:
            image = read(data, budget.spend)
            seen.append(prepare(image, info))
            answer: dict[str, Any] = {"thumbnail": square(image)}
        except OutOfPixels:
            break
        except ImageError as error:
            answer = {"error": str(error)}
        answers.append(answer | {"pixels": before - budget.left})
        if pixels - budget.left > AT_ONCE:
            break
    predicted = iter(probabilities(cached_model(store, info), np.stack(seen)) if seen else ())
    for answer in answers:
        if "thumbnail" in answer:
            answer["labels"] = _most_probable(next(predicted), info, top)
    return answers


def _most_probable(probabilities: np.ndarray, info: ModelInfo, top: int) -> list[dict[str, Any]]:
    order, classes = probabilities.argsort()[::-1][:top], info.recipe.dataset.classes
    return [{"label": classes[i], "probability": round(float(probabilities[i]), 5)} for i in order]


def reconstruct(
    store: Store, info: ModelInfo, data: bytes, noise: float, *, as_seen: bool = False
) -> dict[str, Any]:
    """An image through an autoencoder: ``seen``, ``reconstruction`` and, with noise, ``noisy`` and ``denoised``,
    each a list of the input shape with values 0-255; ``mse``, the mean squared error of the reconstruction;
    and ``picture`` as of :func:`classify`. Raises ImageError if the file is no usable image.
    """
    from dlcore.tasks.reconstruction import noised

    if not info.recipe.task.itself:
        raise ImageError(f"{info.title} does not reconstruct pictures; choose an autoencoder")
    image = read(data)
    seen = prepare(image, info, as_seen=as_seen)
    model, task = cached_model(store, info), info.recipe.task
    noisy = noised(seen, noise, info.recipe.training.seed)
    restored, denoised = task.predict(model, np.stack([seen, noisy]))
    images = {"seen": seen, "reconstruction": restored}
    if noise:
        images |= {"noisy": noisy, "denoised": denoised}
    shown: dict[str, Any] = {name: pixels(values.clip(0, 1)) for name, values in images.items()}
    return shown | {"mse": float(((restored - seen) ** 2).mean()), "picture": encoded(image)}
