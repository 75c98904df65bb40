"""Transfer learning (Yosinski et al. 2014): what a network has learned to see on many images serves on few."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import Architecture, Tuning, dropout_field, paced
from dlcore.backbones import BACKBONES, Backbone, at_hand, others
from dlcore.fields import choice, number
from dlcore.layers import Concatenate, Dropout, Resizing, ZeroOutput
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Dataset
    from dlcore.recipe import Recipe

    BackboneName = str
else:
    BackboneName = Literal[tuple(BACKBONES)]

ENLARGED = 3
"""Times that an image is enlarged at most: MobileNetV2 tells photos of 32 pixels apart better at 96 than at 224."""


class Transfer(Architecture):
    """A network trained on many images keeps its weights and lends its features; a new last layer learns."""

    model_class: ClassVar[str] = "FeatureModel"
    model_source: ClassVar[str] = "feature_model"
    title: ClassVar[str] = "Transfer"
    explanation: ClassVar[str] = (
        "The backbone is frozen, so its features are computed once and a training takes seconds. "
        "With “Unfreeze”, its last layers learn too, in a second phase."
    )
    order: ClassVar[int] = 26
    kind: Literal["transfer"] = "transfer"
    backbone: BackboneName = choice(
        "mobilenet-v2", "Backbone", "The trained network that lends its features."
    )
    dropout: float = dropout_field(0.2)
    unfreeze: int = number(
        0, 0, 60, "Unfreeze", "Layers with weights, counted from the backbone's end, that learn in phase two."
    )
    tuning_epochs: int = number(5, 1, 100, "Epochs of phase two", "Only with “Unfreeze”.")
    tuning_rate: float = number(
        1e-5, 1e-6, 1e-2, "Learning rate of phase two", "Small, or what was learned is lost.", log=True
    )

    @property
    def trunk(self) -> Backbone:
        return BACKBONES[self.backbone]

    def accepts(self, problem: Problem) -> str:
        return "" if len(problem.input_shape) == 3 else "a data set of images"

    @classmethod
    def choices(cls, problem: Problem) -> dict[str, dict[Any, str]]:
        return {"backbone": at_hand()}

    @classmethod
    def more(cls) -> str:
        return others()

    def unfit(self, problem: Problem) -> list[tuple[str, str]]:
        if self.trunk.at_hand:
            return []
        return [("backbone", f"{self.backbone} has not been downloaded yet; the Classify page offers it")]

    def advice(self, recipe: Recipe) -> list[str]:
        if not recipe.training.augmentation.active:
            return []
        return [
            "With augmentation every image is new each epoch: features are not kept, and it takes longer."
        ]

    def parts(self, problem: Problem) -> dict[str, Network]:
        height, width, channels = problem.input_shape
        graph, x = Graph(), INPUT
        if channels == 1:
            x = graph.add(Concatenate(), INPUT, INPUT, INPUT, name="three_channels")
        side = self._side(height)
        if (height, width) != (side, side):
            x = graph.add(Resizing(height=side, width=side), x, name="resizing")
        network, places = self.trunk.network(side), {INPUT: x}
        for i, layer in enumerate(network.layers):
            before = (places[place] for place in network.inputs_of(i))
            places[i] = graph.add(layer, *before, name=network.names[i])
        if self.dropout:
            graph.add(Dropout(rate=self.dropout), name="head_dropout")
        output = problem.output().model_dump(include={"units", "activation"})
        graph.add(ZeroOutput(**output), name="head")
        return {"network": graph.network(problem.input_shape)}

    def _side(self, height: int) -> int:
        """Pixels of the images that the backbone is given."""
        return max(self.trunk.smallest, min(self.trunk.side, ENLARGED * height))

    def lent(self, problem: Problem) -> int:
        network = self.trunk.network(self._side(problem.input_shape[0]))
        return sum(row.parameters for row in network.rows())

    @property
    def _head(self) -> int:
        """The number of its new layers."""
        return 2 if self.dropout else 1

    # -- training -----------------------------------------------------------------------------

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        """The model with the backbone's weights, frozen. Frozen batch normalisation is in inference mode."""
        from dlcore.layers.own.feature_model import FeatureModel

        whole = self.parts(problem)["network"].build(seed, precision)
        model = FeatureModel(whole.input, whole.output)
        model.head = self._head
        lent = model.layers[: -self._head]
        self.trunk.load(lent)
        for layer in lent:
            layer.trainable = False
        tuned = self._tuned(model) if self.unfreeze else []
        model.borrowed = _paths(lent) - _paths(tuned)
        return model

    def _tuned(self, model: keras.Model) -> list[keras.Layer]:
        """The layers of phase two. The statistics of batch normalisation stay as they are."""
        weighted = [layer for layer in model.layers[: -self._head] if layer.weights]
        return [layer for layer in weighted if not hasattr(layer, "moving_mean")][-self.unfreeze :]

    def frozen(self, model: keras.Model) -> keras.Model | None:
        return model.trunk()

    @property
    def tuning(self) -> Tuning | None:
        return Tuning(self.tuning_epochs, self.tuning_rate) if self.unfreeze else None

    def tune(self, model: keras.Model) -> None:
        for layer in self._tuned(model):
            layer.trainable = True

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        return paced(dataset, 32, 10, 100)

    # -- what is taken home -------------------------------------------------------------------

    @property
    def files(self) -> dict[str, Path]:
        return self.trunk.files

    def network_code(self) -> str:
        lent = f"model.layers[:-{self._head}]"
        return (
            f"{self.trunk.code(lent)}\n"
            f"for layer in {lent}:\n"
            "    layer.trainable = False  # batch normalisation too: it is in inference mode then\n"
            f"model.head = {self._head}"
        )

    def before_code(self, recipe: Recipe) -> str:
        if recipe.training.augmentation.active:
            return ""
        code = "# Features are computed once, because the backbone is frozen.\n"
        code += "features = model.trunk().predict(x_train)\n"
        return code if self.unfreeze else code + "x_test = model.trunk().predict(x_test)\n"

    def learned_code(self, recipe: Recipe) -> str:
        return "x_train" if recipe.training.augmentation.active else "features"

    def after_code(self, recipe: Recipe) -> str:
        compiled = "".join(f", {k}={v!r}" for k, v in recipe.task.compiled(recipe.problem).items())
        if not self.unfreeze:
            return ""
        return (
            "\n\n# Phase two: the last layers of the backbone learn too, in short steps.\n"
            f"weighted = [layer for layer in model.layers[:-{self._head}] if layer.weights]\n"
            f'tuned = [layer for layer in weighted if not hasattr(layer, "moving_mean")][-{self.unfreeze}:]\n'
            "for layer in tuned:\n"
            "    layer.trainable = True\n"
            f"model.compile(keras.optimizers.Adam({self.tuning_rate:g}){compiled})\n"
            f"model.fit(x_train, y_train, batch_size={recipe.training.batch_size}, epochs={self.tuning_epochs}, "
            "validation_split=validation_split)"
        )


def _paths(layers: list[keras.Layer]) -> set[str]:
    """The names of their weights."""
    return {weight.path for layer in layers for weight in layer.weights}
