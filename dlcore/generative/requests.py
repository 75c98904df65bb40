"""What is asked of a generative model, checked: the model, its data, labels, latent vectors and options.

Images travel as uint8 arrays (n, height, width, channels), points as float32 (n, 2), latent vectors as
float32. A request that makes no sense raises ValueError; its line names what was expected and received.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import inference, models
from dlcore.architectures import ARCHITECTURES
from dlcore.datasets import DatasetError, Part
from dlcore.models import ModelInfo
from dlcore.runs.store import open_store
from dlcore.zoo.shipped_images import shipped_images

MOST = 1000
"""Examples for one request."""


def generative_model(model: str, ability: str = "sample") -> tuple[ModelInfo, Any]:
    """The model's description and network. Raises ValueError where it is of a kind without the ability."""
    store = open_store()
    info = models.find(store, model)
    architecture = info.recipe.architecture
    if ability not in architecture.abilities:
        able = [kind for kind, family in ARCHITECTURES.items() if ability in family.abilities]
        raise ValueError(f"model: expected one of kind {' or '.join(able)}, received a {architecture.kind}")
    return info, inference.cached_model(store, info)


def split_of(info: ModelInfo) -> Any:
    """All the data. Raises DatasetError where it is not at hand: what it takes to download it, 11 to 170
    MB, must be asked for and not happen on the side."""
    dataset = info.recipe.dataset
    if not dataset.at_hand:
        raise DatasetError(
            f"This needs all of {dataset.title}, which is not on this computer: "
            f"{dataset.download_bytes / 1e6:.0f} MB to download, once."
        )
    return inference.cached_data(dataset, info.recipe.training.seed)


def test_part(info: ModelInfo) -> tuple[Part, str]:
    """Test examples, and a line that says which: where the data set is not at hand, those that ship."""
    dataset = info.recipe.dataset
    if not dataset.at_hand:
        sample = shipped_images(dataset.name)
        if sample is not None:
            return (sample, f"{len(sample)} test pictures of {dataset.title} that ship with the Studio")
    test = split_of(info).test
    return test, f"{len(test):,} test examples of {dataset.title}"


def check_range(name: str, value: Any, low: float, high: float) -> None:
    if not low <= value <= high:  # so that NaN is refused too
        raise ValueError(f"{name}: expected {low:,} to {high:,}, received {value}")


def class_number(info: ModelInfo, label: int | str | None, *, required: bool = True) -> int | None:
    """The number of a class, given by number or name. Raises ValueError where the model must be
    class-conditional (``required``) and is not."""
    if label is None:
        return None
    classes = info.recipe.dataset.classes
    if required and not info.recipe.conditional:
        raise ValueError(f"label: expected none, because {info.name} is unconditional; received {label!r}")
    if label in classes:
        return classes.index(str(label))
    if str(label).isdigit() and int(label) < len(classes):
        return int(label)
    raise ValueError(f"label: expected one of {', '.join(classes)}, received {label!r}")


def checked_latents(network: Any, latents: Any) -> np.ndarray:
    array = np.asarray(latents, "float32")
    if array.shape[1:] != network.latent_shape or not 1 <= len(array) <= MOST:
        raise ValueError(
            f"latents: expected shape (1 to {MOST:,}, {', '.join(map(str, network.latent_shape))}), "
            f"received {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError("latents: expected finite numbers, received NaN or infinity")
    return array


def sampling_options(info: ModelInfo, options: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    """The options that only some kinds of network have, checked; a seed among them where it draws noise."""
    architecture: Any = info.recipe.architecture
    bounds = architecture.sampling_bounds()
    for name, value in options.items():
        if name not in bounds:
            able = _able(name)
            raise ValueError(
                f"{name}: expected only for {able}, but {info.name} is a {architecture.kind}"
                if able
                else f"{name}: expected one of {', '.join(bounds) or 'no options'}, received {value!r}"
            )
        if not isinstance(bounds[name][0], str):
            check_range(name, value, *bounds[name])
        elif value not in bounds[name]:
            raise ValueError(f"{name}: expected {' or '.join(bounds[name])}, received {value!r}")
    return options | {"seed": seed} if architecture.draws_noise else options


def _able(option: str) -> str:
    """Which kinds have an option of sampling, class-conditional or not."""
    families = {kind: family for kind, family in ARCHITECTURES.items() if "sample" in family.abilities}
    able = []
    for kind, family in families.items():
        usual: Any = family.usual()
        if option in usual.model_copy(update={"conditional": False}).sampling_bounds():
            able.append(kind)
        elif option in usual.model_copy(update={"conditional": True}).sampling_bounds():
            able.append(f"a class-conditional {kind}")
    return " and ".join(able)


def inputs(info: ModelInfo, images: Any) -> np.ndarray:
    """Examples as the network takes them: of files, of an array of whole numbers 0-255, or points."""
    shape = info.recipe.dataset.input_shape
    if isinstance(images, (list, tuple)) and images and isinstance(images[0], bytes):
        return np.stack([inference.prepare(inference.read(data), info) for data in images])
    array = np.asarray(images)
    if array.shape[1:] != shape or not 1 <= len(array) <= MOST:
        raise ValueError(
            f"images: expected files or an array (1 to {MOST:,}, {', '.join(map(str, shape))}), "
            f"received {array.shape}"
        )
    return array.astype("float32") / (255 if array.dtype.kind in "iu" else 1)
