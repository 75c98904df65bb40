"""Use a trained model: classify or reconstruct images. What was loaded once is kept for a while."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from dlcore.cache import Cache
from dlcore.charts.thumbnails import encoded
from dlcore.datasets import Dataset, Progress, Split
from dlcore.decoding.handwriting import to_digit
from dlcore.decoding.images import ImageError, fit, read_image
from dlcore.layers import Shape
from dlcore.models import ModelInfo, load
from dlcore.previews import pixels, probabilities
from dlcore.runs.store import Store
from dlcore.settings import settings

LEAST = 1600
"""Pixels that the shorter side of a large image keeps; ink is looked for in half as many."""

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


def read(data: bytes) -> Image.Image:
    """A visitor's image, within the limits; a large one is reduced while it is decoded. Raises ImageError."""
    limits = settings()
    most = limits.max_upload_mb * 2**20
    return read_image(data, max_pixels=limits.max_pixels, max_bytes=most, least=LEAST)


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

    Returns ``labels`` (label, probability), ``seen``, a list of the input shape with values 0-255, and
    ``picture``, what was read, as a small PNG or JPEG. Raises ImageError if the file is no usable image.
    """
    if not info.recipe.classifies:
        raise ImageError(f"{info.title} does not classify; choose a classifier")
    image = read(data)
    seen = prepare(image, info, as_seen=as_seen)
    predicted = probabilities(cached_model(store, info), seen[None])[0]
    order = predicted.argsort()[::-1][:top]
    classes = info.recipe.dataset.classes
    return {
        "labels": [{"label": classes[i], "probability": round(float(predicted[i]), 5)} for i in order],
        "seen": pixels(seen),
        "picture": encoded(image),
    }


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
