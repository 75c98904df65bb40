"""A network of :mod:`dlcore.applications` without its last layers, as one layer of ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from dlcore.applications import APPLICATIONS, Application
from dlcore.layers import Layer, LayerError, Shape


class TrunkLayer(Layer):
    """Counted as a whole, because Keras describes what is in it; Keras' model has its layers one by one."""

    source: ClassVar[str] = "pretrained_backbone"
    keras_defaults: ClassVar[dict[str, Any]] = {"blue_first": False}
    type: str
    application: str

    @classmethod
    def of(cls, application: Application) -> TrunkLayer:
        return cls(type=application.constructor, application=application.name)

    @property
    def _application(self) -> Application:
        return APPLICATIONS[self.application]

    def output_shape(self, shape: Shape) -> Shape:
        trunk, (height, width, _) = self._application.trunk, self._image(shape)
        if min(height, width) < trunk.smallest:
            raise LayerError(f"{self.type} needs images of at least {trunk.smallest} pixels")
        return trunk.sides(height)[-1], trunk.sides(width)[-1], trunk.channels

    def parameters(self, shape: Shape) -> int:
        return self._application.trunk.parameters

    def flops(self, shape: Shape) -> int:
        trunk = self._application.trunk
        return trunk.total(trunk.flops, shape[0])

    def values(self, shape: Shape) -> int:
        trunk = self._application.trunk
        return trunk.total(trunk.values, shape[0])

    def arguments(self) -> dict[str, Any]:
        how = self._application.scaling
        return {
            "constructor": self.type,
            "scale": how.scale,
            "offset": how.offset,
            "blue_first": how.blue_first,
        }

    def code(self, arguments: str) -> str:
        return f"PretrainedBackbone({arguments})"

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Callable[[Any], Any]:
        """What puts Keras' layers after a value. Their weights are read from the network's file later."""
        from dlcore.layers.own.pretrained_backbone import PretrainedBackbone

        def lend(x: Any) -> Any:
            with counted_anew():
                return PretrainedBackbone(**self.arguments())(x)

        return lend


@contextmanager
def counted_anew() -> Iterator[None]:
    """Within it Keras numbers the layers to which it gives names from one, so that they are called alike in every
    process, and a kept weight finds its place."""
    from keras.src.backend.common import global_state

    key = "object_name_uids"
    counted = global_state.get_global_attribute(key)
    global_state.set_global_attribute(key, defaultdict(int))
    try:
        yield
    finally:
        global_state.set_global_attribute(key, counted)
