"""What pages may ask of an image and a classifier; see :mod:`dlcore.explanation.explainer`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dlcore import inference, models
from dlcore.cache import Cache
from dlcore.charts.heat_map import METHODS
from dlcore.charts.thumbnails import png
from dlcore.decoding.images import ImageError, fit
from dlcore.explanation.explainer import Explainer, NotExplained
from dlcore.models import ModelInfo
from dlcore.parts import Part, scaled
from dlcore.previews import pixels
from dlcore.runs.store import open_store
from dlcore.zoo.shipped_images import shipped_images

POOL = 1000
"""Images of the data set among which those that are near, or excite a layer, are looked for."""
SHOWN = 7

SAME = 1e-3
"""Of its length: values that are nearer than this are those of the same image."""

_embeddings = Cache()


def explain_image(
    model: str, image: bytes, label: str, method: str, layer: str = "", as_seen: bool = False
) -> dict[str, Any]:
    """A map of what counted for a class, by one of the methods of :data:`dlcore.charts.heat_map.METHODS`.

    Returns ``map`` (height, width), ``seen``, the image of 0-255 as the network sees it, the names of its
    ``layers`` and the ``layer`` that was looked at; or ``error`` where there is no answer.
    """
    try:
        info, explainer, seen = _asked(model, image, as_seen)
        target = info.recipe.dataset.classes.index(label)
        options = {"layer": layer} if METHODS[method].layered else {}
        heat = getattr(explainer, method)(seen, target, **options)
    except (NotExplained, ImageError) as error:
        return {"error": str(error)}
    return {
        "map": heat.astype("float32"),
        "seen": np.array(pixels(seen), "uint8"),
        "layers": _with_a_place(explainer),
        "layer": layer or explainer.usual_layer,
    }


def feature_maps(model: str, image: bytes, layer: str = "", as_seen: bool = False) -> dict[str, Any]:
    """What a layer makes of an image: ``maps``, uint8 (channels, height, width, 1), each as bright as can be,
    the names of the ``layers`` that can be chosen, the ``layer`` chosen, and how many ``channels`` it has.

    Of a first convolution also its ``filters``, uint8 (channels, size, size, 1 or 3).
    """
    try:
        _, explainer, seen = _asked(model, image, as_seen)
    except ImageError as error:
        return {"error": str(error)}
    layers = _with_a_place(explainer)
    if not layers:
        return {"error": "This network has no layer that answers with images: it has no feature maps."}
    name = layer if layer in layers else layers[0]
    maps = explainer.feature_maps(seen, name)
    chosen = explainer.layers[name]
    filters = _filters(chosen)
    return {
        "maps": np.stack([_bright(one) for one in maps])[..., None],
        "layers": layers,
        "layer": name,
        "channels": int(chosen.output.shape[-1]),
        **({"filters": filters} if filters is not None else {}),
    }


def most_exciting(model: str, layer: str, channel: int) -> list[dict[str, Any]]:
    """The images of the data set, or of the shipped photos, to which a channel answers most."""
    info = models.find(open_store(), model)
    explainer = Explainer(inference.cached_model(open_store(), info))
    images, labels = _pool(info)
    order = explainer.strongest(images, layer, channel).argsort()[::-1][:SHOWN]
    return [{"image": png(255 * images[i], 112), "label": labels[i]} for i in order]


def neighbours(model: str, image: bytes, as_seen: bool = False) -> dict[str, Any]:
    """The images of the data set that the network's last layer is given most alike values for.

    Returns ``nearest`` (image, label, distance), and for the plane of the two directions in which those values
    differ most (PCA) ``points`` (n, 2), their ``labels`` and ``here``, the place of this image.
    """
    try:
        info, explainer, seen = _asked(model, image, as_seen)
    except ImageError as error:
        return {"error": str(error)}
    images, labels = _pool(info)
    key = (info.source, info.name, info.version)
    known = _embeddings.of(key, lambda: explainer.embedding(images), lambda values: values.nbytes)
    here = explainer.embedding(seen[None])[0]
    distances = np.linalg.norm(known - here, axis=1)
    mean = known.mean(0)
    _, _, directions = np.linalg.svd(known - mean, full_matrices=False)
    plane = directions[:2].T
    return {
        "nearest": [
            {"image": png(255 * images[i], 112), "label": labels[i], "distance": float(distances[i])}
            for i in distances.argsort()
            if distances[i] > SAME * np.linalg.norm(here)
        ][:SHOWN],
        "points": ((known - mean) @ plane).round(3),
        "labels": labels,
        "here": ((here - mean) @ plane).round(3),
    }


def _asked(model: str, image: bytes, as_seen: bool) -> tuple[ModelInfo, Explainer, np.ndarray]:
    store = open_store()
    info = models.find(store, model)
    seen = inference.prepare(inference.read(image), info, as_seen=as_seen)
    return info, Explainer(inference.cached_model(store, info)), seen.astype("float32")


def _pool(info: ModelInfo) -> tuple[np.ndarray, list[str]]:
    """Images of the test part, float32 in [0, 1], and their classes; what ships of it where it is not here."""
    dataset = info.recipe.dataset
    if dataset.at_hand:
        part: Part | None = inference.cached_data(dataset, info.recipe.training.seed).test
    else:
        part = shipped_images(dataset.name)
    if part:
        return scaled(part.kept[:POOL]), [dataset.classes[label] for label in part.y[:POOL]]
    folder = models.ZOO / "examples" / "photos"
    photos = [_photo(folder / f"{name}.jpg", dataset.input_shape) for name in dataset.photos]
    return np.stack(photos), [name.replace("-", " ") for name in dataset.photos]


def _photo(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    with Image.open(path) as image:
        return fit(image, shape)


def _with_a_place(explainer: Explainer) -> list[str]:
    """The layers whose answers say where, from the first that has learned something."""
    layers = list(explainer.layers.items())
    while layers and not layers[0][1].weights:
        del layers[0]
    return [name for name, layer in layers if layer.output.shape[1] > 1]


def _filters(layer: Any) -> np.ndarray | None:
    """The kernels of a convolution over grey or colour, each as bright as can be."""
    kernel = getattr(layer, "kernel", None)
    if kernel is None or len(kernel.shape) != 4 or kernel.shape[2] not in (1, 3) or kernel.shape[0] < 2:
        return None
    return np.stack([_bright(one) for one in np.moveaxis(np.asarray(kernel), -1, 0)])


def _bright(values: np.ndarray) -> np.ndarray:
    """Any numbers, from the smallest (0) to the largest (255)."""
    low, high = float(values.min()), float(values.max())
    return np.asarray(255 * (values - low) / max(high - low, 1e-12)).round().astype("uint8")
