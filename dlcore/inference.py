"""Use a trained model: classify pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from dlcore.handwriting import to_digit
from dlcore.layers import Shape
from dlcore.models import Cache, ModelInfo, load
from dlcore.pictures import PictureError, read_picture
from dlcore.previews import probabilities
from dlcore.settings import settings
from dlcore.store import Store

_models: Cache | None = None


def cached_model(store: Store, info: ModelInfo) -> Any:
    """The loaded model, from memory where it has been used lately."""
    global _models
    _models = _models or Cache(settings().cache_mb * 2**20)
    key = (info.source, info.name, info.version)
    model = _models.get(key)
    if model is None:
        model = load(store, info)
        _models.put(key, model, 4 * model.count_params())
    return model


def prepare(image: Image.Image, info: ModelInfo) -> np.ndarray:
    """The picture as the model's network sees it: float32 of its input shape, in [0, 1].

    For a network trained on handwriting the ink is found and centred as its training data was; for
    any other the middle square is cut out and scaled.
    """
    dataset = info.recipe.dataset
    if dataset.modality != "image":
        raise PictureError(
            f"{info.title} was trained on {dataset.name}, not on pictures; choose another model"
        )
    shape: Shape = dataset.input_shape
    if dataset.handwriting:
        return to_digit(image, shape[0])[..., None]
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    small = square.convert("L" if shape[2] == 1 else "RGB").resize(
        (shape[1], shape[0]), Image.Resampling.LANCZOS
    )
    pixels = np.asarray(small, "float32").reshape(shape) / 255
    # Fashion-MNIST's clothes lie on black; a photo's background is mostly light.
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return 1 - pixels if shape[2] == 1 and np.median(border) > 0.5 else pixels


def classify(store: Store, info: ModelInfo, data: bytes, top: int = 5) -> dict[str, Any]:
    """Labels of one picture, most probable first, and the picture as the network saw it.

    Returns ``labels`` (label, probability) and ``seen``, a list of the input shape with values 0-255.
    Raises PictureError if the file is no usable picture.
    """
    limits = settings()
    image = read_picture(data, max_pixels=limits.max_pixels, max_bytes=limits.max_upload_mb * 2**20)
    pixels = prepare(image, info)
    found = probabilities(cached_model(store, info), pixels[None])[0]
    order = found.argsort()[::-1][:top]
    classes = info.recipe.dataset.classes
    return {
        "labels": [{"label": classes[i], "probability": round(float(found[i]), 5)} for i in order],
        "seen": (255 * pixels).round().astype(int).tolist(),
    }
