"""What the networks here have in common: configuration, layer norm, and how their weights begin."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any, ClassVar, Self

import keras
from keras import layers, ops

Tensor = Any
Cache = list[tuple[Tensor, Tensor]]
"""Keys and values of every block, each (batch, key heads, places, size of a head), the newest last."""
Start = Callable[..., Any]
"""Makes the initialiser of a weight."""


def normal(scale: float = 1.0) -> keras.initializers.Initializer:
    """How weights start that will be trained."""
    return keras.initializers.RandomNormal(stddev=0.02 * scale)


class LayerNorm(layers.LayerNormalization):
    """Every token's numbers with mean 0 and variance 1, then scaled and moved (Ba et al. 2016).

    The same as Keras' layer in two thirds of its operations: where one token is read at a time, what
    an operation costs is starting it. In single precision also where a training's policy is a lower one.
    """

    def call(self, x: Tensor) -> Tensor:
        x = ops.cast(x, "float32")
        centred = x - ops.mean(x, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
        x = centred * ops.rsqrt(variance + self.epsilon) * self.gamma + self.beta
        return ops.cast(x, self.compute_dtype)


@dataclasses.dataclass(frozen=True)
class Config:
    """What a checkpoint's ``config.json`` says about its network, under the same names.

    What is not a field is of no consequence here (dropout, the tokenizer, how to write), or is in
    ``ONLY``, because the network computes in one way what Hugging Face lets choose.
    """

    ONLY: ClassVar[dict[str, tuple[Any, ...]]] = {}
    """The values that are served of settings that are no field."""

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """The configuration a file holds.

        Raises:
            ValueError: if it asks for what the network does not do, or a number is none.
        """
        for name, served in ({"quantization_config": (None,)} | cls.ONLY).items():
            if raw.get(name, served[0]) not in served:
                expected = " or ".join(json.dumps(value) for value in served)
                raise ValueError(f"{name}: expected {expected}, received {json.dumps(raw[name])[:60]}")
        fields = {field.name: field for field in dataclasses.fields(cls)}
        given = {name: raw[name] for name in fields if name in raw}
        for name, value in given.items():
            kind = fields[name].type  # as it is written above
            _check(name, value, str(kind))
        return cls(**given)

    def _divides(self, part: str, whole: str) -> None:
        """Raises ValueError unless one field divides another."""
        if getattr(self, whole) % getattr(self, part):
            raise ValueError(
                f"{part}: expected a divisor of {whole} ({getattr(self, whole)}), "
                f"received {getattr(self, part)}"
            )


def _check(name: str, value: Any, kind: str) -> None:
    """Raises ValueError unless a value has the type of its field; numbers count things, or are small shares."""
    if value is None and kind.endswith("| None"):
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    received = f"received {repr(value)[:60]}"
    if kind.startswith("int") and not (number and math.isfinite(value) and value == int(value) and value > 0):
        raise ValueError(f"{name}: expected a whole number above 0, {received}")
    if kind.startswith("float") and not (number and math.isfinite(value) and value >= 0):
        raise ValueError(f"{name}: expected a number, {received}")
    if kind.startswith("bool") and not isinstance(value, bool):
        raise ValueError(f"{name}: expected true or false, {received}")
