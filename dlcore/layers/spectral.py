"""A layer that cannot stretch a difference between two inputs."""

from __future__ import annotations

from typing import Any

from dlcore.layers.base import Shape, Weighted


class Spectral(Weighted):
    """A layer whose kernel is divided by its largest singular value (Miyato et al. 2018); ``type`` is the layer's."""

    layer: Weighted

    @classmethod
    def of(cls, layer: Weighted) -> Spectral:
        return cls(type=layer.type, layer=layer)

    def output_shape(self, shape: Shape) -> Shape:
        return self.layer.output_shape(shape)

    def parameters(self, shape: Shape) -> int:
        """With the vector of the power iteration, as long as the output has channels."""
        return self.layer.parameters(shape) + self.output_shape(shape)[-1]

    def flops(self, shape: Shape) -> int:
        return self.layer.flops(shape)

    def arguments(self) -> dict[str, Any]:
        return self.layer.arguments()

    def code(self, arguments: str) -> str:
        return f"keras.layers.SpectralNormalization({self.layer.code(arguments)})"

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        inner = self.layer.build(name, seed, dtype, regularizer)
        return keras.layers.SpectralNormalization(inner, dtype=inner.dtype_policy, name=name)
