"""The networks of :mod:`dlcore.applications` as models: of images in [0, 1], like every other network here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dlcore.applications import APPLICATIONS, Application
from dlcore.applications.trunk import TrunkLayer
from dlcore.architectures.base import Architecture
from dlcore.datasets.imagenet import ImageNet
from dlcore.layers import Shape
from dlcore.network import Network
from dlcore.problem import Problem
from dlcore.recipe import Recipe

if TYPE_CHECKING:
    import keras


class LargeImageNet(ImageNet):
    """The same photos, for networks that look at more of their pixels."""

    input_shape: ClassVar[Shape] = (299, 299, 3)


class Pretrained(Architecture):
    """A network that Keras describes, not we: it is used, explained and compared, not trained."""

    kind: str = "keras.applications"
    application: str

    def parts(self, problem: Problem) -> dict[str, Network]:
        return {}

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        return build(APPLICATIONS[self.application])


def recipe(application: Application) -> Recipe:
    """What such a network was trained for. It is no recipe that can be run: its photos may not be passed on."""
    dataset = next(kind for kind in (ImageNet, LargeImageNet) if kind.input_shape[0] == application.side)
    return Recipe.model_construct(dataset=dataset(), architecture=Pretrained(application=application.name))


def build(application: Application) -> keras.Model:
    """The network with random weights; its pixels are scaled within it."""
    import keras

    from dlcore.layers.own.pretrained_backbone import PretrainedBackbone

    image = keras.Input((application.side, application.side, 3), name="input")
    x = PretrainedBackbone(**TrunkLayer.of(application).arguments()).pixels(image)
    model: keras.Model = getattr(keras.applications, application.constructor)(weights=None, input_tensor=x)
    return model


def load(application: Application) -> keras.Model:
    """The network with its weights. Raises WeightsError, and throws a damaged file away."""
    model = build(application)
    application.read(model.load_weights)
    return model
