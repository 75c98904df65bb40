"""What every architecture shares: the problem it is given, its parts, and the model they become."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dlcore.advice import of_a_predictor
from dlcore.fields import Strict, choice, number
from dlcore.layers import Activation, ActivationName, BatchNormalization, Dropout, Layer
from dlcore.network import Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dlcore.datasets.base import Dataset, Part
    from dlcore.recipe import Recipe, Training


@dataclass(frozen=True)
class Tuning:
    """A second phase of a training: its epochs and its learning rate."""

    epochs: int
    learning_rate: float


class Architecture(Strict):
    """A family of networks: its fields are the sliders, its parts follow from them."""

    task: ClassVar[str] = ""
    """The only task it is for; empty: whatever the data set is for."""
    curves: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """The charts of a training, each of metrics drawn together; empty: those of the task."""
    has_best_epoch: ClassVar[bool] = True
    """Whether the lowest validation loss says which epoch was the best."""
    sources: ClassVar[tuple[str, ...]] = ()
    """The modules of ``dlcore`` that its model is made of; each needs only Keras, NumPy and those before it."""

    given: ClassVar[tuple[str, ...]] = ()
    """Of its parts, the chains that such a model is given."""

    model_class: ClassVar[str] = "keras.Model"
    """What exported code makes of a graph of layers."""
    model_source: ClassVar[str] = ""
    """The module of :mod:`dlcore.layers.own` that has it, where Keras has not."""

    title: ClassVar[str]
    """What the Build page calls it."""
    explanation: ClassVar[str] = ""
    """How it works, in at most 30 words: beside the choice."""
    reads_tokens: ClassVar[bool] = False
    """Whether it takes texts, which begin with an embedding of their tokens."""
    continues: ClassVar[bool] = False
    """Whether it says at every token of a text which one comes next."""
    writes_tokens: ClassVar[bool] = False
    """Whether its answer is a text."""
    stacked: ClassVar[bool] = False
    """Whether a visitor stacks its ``layers`` one by one."""
    order: ClassVar[int] = 100
    """Its place among the others there: the smaller, the earlier."""

    abilities: ClassVar[frozenset[str]] = frozenset()
    """What can be asked of a trained one beside its answer: "sample", "interpolate", "encode", "discriminate", "denoise"."""

    kind: str

    @classmethod
    def about(cls) -> str:
        """What it does, in one line."""
        return (cls.__doc__ or cls.title).strip().splitlines()[0]

    @classmethod
    def picture(cls) -> str:
        """How it works as SVG text, from the file of its module's name beside it; empty where there is none."""
        beside = Path(inspect.getfile(cls)).with_suffix(".svg")
        return beside.read_text() if beside.exists() else ""

    @classmethod
    def usual(cls) -> Architecture:
        """The family with all its fields as they are at first."""
        return cls.model_validate({})

    def accepts(self, problem: Problem) -> str:
        """What it needs that this problem is not, such as "a data set of images"; empty where all is well."""
        return ""

    def lacks(self, problem: Problem) -> str:
        """The same, asked of texts only where it reads them."""
        if problem.vocabulary and not self.reads_tokens:
            return "a data set of numbers"
        if problem.continues != self.continues:
            return "a text to continue" if self.continues else "a data set with something to answer"
        if problem.target_vocabulary and not self.writes_tokens:
            return "a data set of classes or numbers to answer with"
        return self.accepts(problem)

    def idle(self, problem: Problem) -> tuple[str, ...]:
        """Its fields that change nothing for this problem: a page leaves them out."""
        return ()

    def presets(self, problem: Problem) -> dict[str, dict[str, Any]]:
        """Well-known networks of this family for this problem, by what they are called: values of its fields."""
        return {}

    def draws_validation(self, problem: Problem) -> bool:
        """Whether curves of the validation part say something."""
        return True

    def rules(self, training: Training) -> list[tuple[str, str]]:
        """What of the training settings it cannot have: (field, why), such as ("schedule", "expected …")."""
        return []

    @classmethod
    def choices(cls, problem: Problem) -> dict[str, dict[Any, str]]:
        """For fields whose values depend on the problem: the values there are, with their words."""
        return {}

    @classmethod
    def more(cls) -> str:
        """What there could be to choose from besides, and how to get it, in one line; empty: nothing."""
        return ""

    def lent(self, problem: Problem) -> int:
        """Its parameters that others have trained: no limit counts them."""
        return 0

    def unfit(self, problem: Problem) -> list[tuple[str, str]]:
        """What of its own fields does not fit this problem: (field, why)."""
        return []

    def advice(self, recipe: Recipe) -> list[str]:
        """What a teacher would say of the network, the most important first."""
        return []

    def cure(self, learning_rate: float) -> str:
        """Why a loss has become infinite or no number, and what to do, as the middle of a sentence."""
        return f"the steps are too long. Lower the learning rate (it was {learning_rate:g})"

    def place(self, index: int) -> str:
        """Where layer ``index`` of its network is in a recipe, after "architecture"."""
        return f" ({self.kind}, layer {index + 1})"

    def parts(self, problem: Problem) -> dict[str, Network]:
        """The networks it is made of, by name. Does not check them: :meth:`Network.rows` does."""
        raise NotImplementedError

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        """The Keras model, with weights that depend on ``seed`` and on nothing else."""
        raise NotImplementedError

    def frozen(self, model: keras.Model) -> keras.Model | None:
        """The part of the model that never changes: what it answers is computed once, and the model takes that in
        place of examples."""
        return None

    @property
    def tuning(self) -> Tuning | None:
        """A second phase, in which the model is trained on the examples; None: there is none."""
        return None

    def tune(self, model: keras.Model) -> None:
        """Prepare the model for it."""

    @property
    def files(self) -> dict[str, Path]:
        """What exported code reads beside it, by the name it gives it."""
        return {}

    def network_code(self) -> str:
        """Exported code after the network, before it is trained."""
        return ""

    def before_code(self, recipe: Recipe) -> str:
        """Exported code just before the training."""
        return ""

    def learned_code(self, recipe: Recipe) -> str:
        """What exported code trains on."""
        return "x_train"

    def after_code(self, recipe: Recipe) -> str:
        """Exported code just after it."""
        return ""

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        """Training settings that suit it on this data, where a recipe says nothing."""
        return {"epochs": dataset.suggested_epochs}

    @classmethod
    def suggested_data(cls, dataset: type[Dataset]) -> dict[str, Any]:
        """The same for the settings of the data set."""
        return {}


class Predictor(Architecture):
    """One network from an example to the answer: the probability of each class, or numbers."""

    l1: float = number(0, 0, 0.1, "L1", "Pulls small weights to exactly 0.", step=0.0005)
    l2: float = number(0, 0, 0.1, "L2", "Keeps all weights small.", step=0.0005, switch=0.001)

    def advice(self, recipe: Recipe) -> list[str]:
        return of_a_predictor(recipe)

    def hidden_layers(self, problem: Problem) -> list[Layer]:
        """The layers between input and output."""
        raise NotImplementedError

    def parts(self, problem: Problem) -> dict[str, Network]:
        layers = (*self.hidden_layers(problem), problem.output())
        return {"network": Network(problem.input_shape, layers, self.l1, self.l2)}

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        return self.parts(problem)["network"].build(seed, precision)


class ImageNetwork(Predictor):
    """A network whose layers look at images through windows."""

    def accepts(self, problem: Problem) -> str:
        return "" if len(problem.input_shape) == 3 else "a data set of images"


MOST_GUIDANCE = (0, 20)
"""Bounds of guidance, where a network has it."""


class Generative(Architecture):
    """Networks that make new examples like those they have seen.

    Its model is a ``keras.Model`` of :mod:`dlcore.generative` with a ``train_step`` of its own and
    ``sample(latents, labels)``.
    """

    task: ClassVar[str] = "generation"
    samples_measured: ClassVar[int] = 1000
    """Samples of which its metrics are taken at the end of a training: as many as a few seconds allow."""
    quick: ClassVar[dict[str, Any]] = {}
    """Options of ``sample`` while it trains: enough to see what comes, not long to wait for."""
    draws_noise: ClassVar[bool] = False
    """Whether ``sample`` draws noise beside its latents, and takes a ``seed``."""
    abilities: ClassVar[frozenset[str]] = frozenset({"sample"})
    room: ClassVar[tuple[str, str]] = ("", "")
    """Its room on the Generate page beside the samples, as in an address and as a title."""

    def sampling(self) -> dict[str, Any]:
        """Options of ``sample`` that it has beside its latents and labels, as they are at first."""
        return {}

    def sampling_bounds(self) -> dict[str, tuple[Any, ...]]:
        """For each of those options its lowest and highest value, or the words there are."""
        return {}

    def preview(
        self, model: Any, recipe: Recipe, validation: Part, samples: np.ndarray, labels: np.ndarray | None
    ) -> dict[str, Any]:
        """What there is to look at after an epoch beside its samples."""
        return {}

    def measure(self, model: Any, recipe: Recipe, test: Part) -> dict[str, float]:
        """Metrics of its own on the test part, beside those of its samples."""
        return {}

    def accepts(self, problem: Problem) -> str:
        known = len(problem.input_shape) == 3 or problem.input_shape == (2,)
        return "" if known else "a data set of images or of points in the plane"


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


def dropout_field(usual: float = 0, help: str = "Share of values silenced at random in training.") -> Any:
    """The field of dropout (Srivastava et al. 2014)."""
    return number(usual, 0, 0.8, "Dropout", help, step=0.05, switch=0.3)


def batch_normalization_field(usual: bool = False) -> Any:
    """The field of batch normalisation (Ioffe and Szegedy 2015)."""
    about = "Rescales each layer's sums over the batch; steadies training."
    return choice(usual, "Batch normalisation", about, switch=True)


def activated(
    layer: Layer, activation: ActivationName, *, batch_normalization: bool, dropout: float
) -> list[Layer]:
    """A Dense or Conv2D layer with what usually follows it.

    Batch normalisation comes between the sum and the activation (Ioffe and Szegedy 2015), so the
    layer itself stays linear then.
    """
    if batch_normalization:
        linear = layer.model_copy(update={"activation": "linear"})
        layers = [linear, BatchNormalization(), Activation(activation=activation)]
    else:
        layers = [layer]
    return [*layers, Dropout(rate=dropout)] if dropout else layers
