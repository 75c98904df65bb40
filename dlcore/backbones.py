"""Networks that have learned from many images and lend what they see to others, by name.

A backbone is a network without its last layer, described like any other, and the weights of its layers. One that ships
is one more line in ``SHIPPED``; those that are downloaded are all of :mod:`dlcore.applications`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dlcore.applications import APPLICATIONS, Application
from dlcore.applications.trunk import TrunkLayer
from dlcore.layers import GlobalAveragePooling2D
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras
    import numpy as np


class Backbone(Protocol):
    """A trained network whose last layer has been taken off. It takes colour images with values in [0, 1]; where it
    was trained on another range, its first layers bring them there."""

    @property
    def title(self) -> str: ...

    @property
    def side(self) -> int:
        """Pixels of the side of the images it was trained on."""

    @property
    def smallest(self) -> int:
        """Pixels that the side of an image must have."""

    @property
    def at_hand(self) -> bool:
        """Whether its weights are here."""

    @property
    def files(self) -> dict[str, Path]:
        """What exported code reads beside it."""

    def network(self, side: int) -> Network:
        """Its layers up to the features, for images of this side."""

    def load(self, layers: list[keras.Layer]) -> None:
        """Give the layers of its network their weights."""

    def code(self, layers: str) -> str:
        """Exported code that does the same."""


@dataclass(frozen=True)
class Shipped:
    """One of the zoo: its weights belong to its layers by their names, such as ``Conv1/kernel``."""

    title: str
    side: int
    folder: Path
    """With its ``recipe.json`` and ``weights.safetensors``."""
    smallest: int = 1
    at_hand: bool = True

    @property
    def files(self) -> dict[str, Path]:
        return {f"{self.folder.name}.safetensors": self.folder / "weights.safetensors"}

    def network(self, side: int) -> Network:
        return _without_last_layer(self.folder, side)

    def arrays(self) -> dict[str, np.ndarray]:
        from safetensors.numpy import load_file

        return dict(load_file(self.folder / "weights.safetensors"))

    def load(self, layers: list[keras.Layer]) -> None:
        arrays = self.arrays()
        for layer in layers:
            for weight in layer.weights:
                weight.assign(arrays[weight.path].astype("float32"))

    def code(self, layers: str) -> str:
        return (
            f'weights = load_file("{self.folder.name}.safetensors")  # beside this script; the Studio has it to download\n'
            f"for layer in {layers}:\n"
            "    for weight in layer.weights:\n"
            '        weight.assign(weights[weight.path].astype("float32"))'
        )


@lru_cache(maxsize=16)
def _without_last_layer(folder: Path, side: int) -> Network:
    from dlcore.architectures import ARCHITECTURES

    recipe = json.loads((folder / "recipe.json").read_text())
    family = ARCHITECTURES[recipe["architecture"]["kind"]].model_validate(recipe["architecture"])
    whole = family.parts(Problem((side, side, 3), ("one", "another")))["network"]
    names = tuple(row.name for row in whole.rows())
    inputs = tuple(whole.inputs_of(i) for i in range(len(names)))
    return Network(whole.input_shape, whole.layers[:-1], inputs=inputs[:-1], names=names[:-1])


@dataclass(frozen=True)
class Downloaded:
    """One of Keras' applications; its weights belong to its layers by their order."""

    name: str

    @property
    def files(self) -> dict[str, Path]:
        return {}

    @property
    def application(self) -> Application:
        return APPLICATIONS[self.name]

    @property
    def title(self) -> str:
        memory = 4 * self.application.trunk.parameters / 1e6
        return f"{self.application.title} (downloaded), {memory:.0f} MB of memory · ImageNet's photos"

    @property
    def side(self) -> int:
        return self.application.side

    @property
    def smallest(self) -> int:
        return self.application.trunk.smallest

    @property
    def at_hand(self) -> bool:
        return self.application.at_hand

    def network(self, side: int) -> Network:
        graph = Graph()
        graph.add(TrunkLayer.of(self.application), INPUT, name=self.name)
        graph.add(GlobalAveragePooling2D(), name="pool")
        return graph.network((side, side, 3))

    def load(self, layers: list[keras.Layer]) -> None:
        from dlcore.layers.own.pretrained_backbone import load_backbone

        self.application.read(lambda path: load_backbone(layers, path))

    def code(self, layers: str) -> str:
        app = self.application
        return (
            "path = keras.utils.get_file(  # where the Studio has it too\n"
            f'    "{app.target.name}",\n    "{app.address}",\n'
            f'    cache_subdir="models",\n    file_hash={app.md5 or None!r},\n)\n'
            f"load_backbone({layers}, path)"
        )


ZOO = Path(__file__).parent / "zoo"
SHIPPED = {
    "mobilenet-v2": Shipped("MobileNetV2, ImageNet's photos", 224, ZOO / "mobilenet-v2"),
    "cifar10-resnet": Shipped("ResNet, small photos of CIFAR-10", 32, ZOO / "cifar10-resnet"),
}
BACKBONES: dict[str, Backbone] = SHIPPED | {name: Downloaded(name) for name in APPLICATIONS}


def at_hand() -> dict[str, str]:
    """The backbones whose weights are here, by name, with their titles."""
    return {name: backbone.title for name, backbone in BACKBONES.items() if backbone.at_hand}


def others() -> str:
    """Those that are not, and how to get them, in one line; empty where there are none."""
    names = [app.title for app in APPLICATIONS.values() if not app.at_hand]
    return f"Also, once downloaded (choose it on Classify): {', '.join(names)}." if names else ""
