"""What every architecture shares: the problem it is given, its parts, and the model they become."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.fields import Strict, number
from dlcore.layers import Activation, ActivationName, BatchNormalization, Dense, Dropout, Layer, Output, Shape
from dlcore.network import Network

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Dataset


@dataclass(frozen=True)
class Problem:
    """What a network has to solve: the shape of one example and the names of the classes."""

    input_shape: Shape
    classes: tuple[str, ...]

    @property
    def binary(self) -> bool:
        return len(self.classes) == 2

    def output(self) -> Dense:
        """Two classes: one sigmoid unit, the probability of the second. More: a softmax."""
        if self.binary:
            return Output(units=1, activation="sigmoid")
        return Output(units=len(self.classes), activation="softmax")


class Architecture(Strict):
    """A family of networks: its fields are the sliders, its parts follow from them."""

    task: ClassVar[Literal["classification", "generation"]]
    curves: ClassVar[tuple[tuple[str, ...], ...]]
    """The charts of a training; each draws these metrics together."""

    title: ClassVar[str]
    """What the Build page calls it."""
    order: ClassVar[int] = 100
    """Its place among the others there: the smaller, the earlier."""

    kind: str

    def accepts(self, problem: Problem) -> str:
        """What it needs that this problem is not, such as "a data set of images"; empty where all is well."""
        return ""

    def parts(self, problem: Problem) -> dict[str, Network]:
        """The networks it is made of, by name. Does not check them: :meth:`Network.rows` does."""
        raise NotImplementedError

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        """The Keras model, with weights that depend on ``seed`` and on nothing else."""
        raise NotImplementedError

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        """Training settings that suit it on this data, where a recipe says nothing."""
        return {"epochs": dataset.suggested_epochs}

    @classmethod
    def suggested_data(cls, dataset: type[Dataset]) -> dict[str, Any]:
        """The same for the settings of the data set."""
        return {}


class Classifier(Architecture):
    """One network from an example to the probability of each class."""

    task: ClassVar[Literal["classification", "generation"]] = "classification"
    curves: ClassVar[tuple[tuple[str, ...], ...]] = (("loss",), ("accuracy",))

    l1: float = number(0, 0, 0.1, "L1", "Pulls small weights to exactly 0.", step=0.0005)
    l2: float = number(0, 0, 0.1, "L2", "Keeps all weights small.", step=0.0005)

    def hidden_layers(self, problem: Problem) -> list[Layer]:
        """The layers between input and output."""
        raise NotImplementedError

    def parts(self, problem: Problem) -> dict[str, Network]:
        layers = (*self.hidden_layers(problem), problem.output())
        return {"network": Network(problem.input_shape, layers, self.l1, self.l2)}

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        return self.parts(problem)["network"].build(seed, precision)


class ImageClassifier(Classifier):
    """A classifier whose layers look at images through windows."""

    def accepts(self, problem: Problem) -> str:
        return "" if len(problem.input_shape) == 3 else "a data set of images"


class Generative(Architecture):
    """Networks that make new examples like those they have seen.

    Its model is a ``keras.Model`` of :mod:`dlcore.generative` with a ``train_step`` of its own and
    ``sample(latents, labels)``.
    """

    task: ClassVar[Literal["classification", "generation"]] = "generation"


MOST_EPOCHS = 500


def paced(dataset: Dataset, batch_size: int, epochs: int, steps: int) -> dict[str, Any]:
    """Batch size and epochs; of few examples smaller batches and more epochs, so that they make ``steps``
    steps all the same."""
    examples = dataset.training_examples or 1000  # none yet: they will be uploaded
    while batch_size > max(8, examples / 4):
        batch_size //= 2
    enough = ceil(steps / ceil(examples / batch_size))
    return {"batch_size": batch_size, "epochs": min(max(epochs, enough), MOST_EPOCHS)}


def width_field() -> Any:
    """The field of how wide a generative network is."""
    return number(32, 4, 128, "Width", "Filters of the first layer; the others follow.", step=4)


def activated(
    layer: Layer, activation: ActivationName, *, batch_normalization: bool, dropout: float
) -> list[Layer]:
    """A Dense or Conv2D layer with what usually follows it.

    Batch normalisation stands between the sum and the activation (Ioffe and Szegedy 2015), so the
    layer itself stays linear then.
    """
    if batch_normalization:
        linear = layer.model_copy(update={"activation": "linear"})
        found = [linear, BatchNormalization(), Activation(activation=activation)]
    else:
        found = [layer]
    return [*found, Dropout(rate=dropout)] if dropout else found
