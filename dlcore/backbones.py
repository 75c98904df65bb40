"""Networks that have learned from many images and lend what they see to others, by name.

A backbone is a network without its last layer, described like any other, and the weights that belong to its layers
by their names. A new one is one more line in ``BACKBONES``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dlcore.network import Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Backbone:
    """A trained network whose last layer has been taken off. It takes colour images with values in [0, 1]; where it
    was trained on another range, its first layer brings them there."""

    title: str
    side: int
    """Pixels of the side of the images it was trained on."""
    folder: Path
    """With its ``recipe.json`` and ``weights.safetensors``."""

    @property
    def weights(self) -> Path:
        return self.folder / "weights.safetensors"

    def network(self, side: int) -> Network:
        """Its layers up to the features, for images of this side."""
        return _without_last_layer(self.folder, side)

    def arrays(self) -> dict[str, np.ndarray]:
        """Its weights by name, such as ``Conv1/kernel``."""
        from safetensors.numpy import load_file

        return dict(load_file(self.weights))


@lru_cache(maxsize=16)
def _without_last_layer(folder: Path, side: int) -> Network:
    from dlcore.architectures import ARCHITECTURES

    recipe = json.loads((folder / "recipe.json").read_text())
    family = ARCHITECTURES[recipe["architecture"]["kind"]].model_validate(recipe["architecture"])
    whole = family.parts(Problem((side, side, 3), ("one", "another")))["network"]
    names = tuple(row.name for row in whole.rows())
    inputs = tuple(whole.inputs_of(i) for i in range(len(names)))
    return Network(whole.input_shape, whole.layers[:-1], inputs=inputs[:-1], names=names[:-1])


ZOO = Path(__file__).parent / "zoo"
BACKBONES = {
    "mobilenet-v2": Backbone("MobileNetV2, ImageNet's photos", 224, ZOO / "mobilenet-v2"),
    "cifar10-resnet": Backbone("ResNet, small photos of CIFAR-10", 32, ZOO / "cifar10-resnet"),
}
