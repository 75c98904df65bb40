"""A network of ``keras.applications`` without its last layers, and its weights from the file that Keras publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import keras


@dataclass(frozen=True)
class PretrainedBackbone:
    """From images in [0, 1] to feature maps. Pixels become what the network was trained on: times ``scale`` plus
    ``offset``, blue first where it has learned so."""

    constructor: str
    scale: Any
    offset: Any
    blue_first: bool = False

    def pixels(self, x: Any) -> Any:
        x = x[..., ::-1] if self.blue_first else x
        return keras.layers.Rescaling(self.scale, self.offset, name="pixels")(x)

    def __call__(self, x: Any) -> Any:
        constructor = getattr(keras.applications, self.constructor)
        model = constructor(weights=None, include_top=False, input_tensor=self.pixels(x))
        for layer in model.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0  # like batch normalisation, it is in inference mode
        return model.output


def load_backbone(layers: Any, path: Any) -> None:
    """Read the weights of these layers; the file has them in the same order, and after them those of the last layers."""
    weights = [weight for layer in layers for weight in layer.weights]
    with h5py.File(path) as file:
        groups = [file[name] for name in file.attrs["layer_names"]]
        arrays = [group[name] for group in groups for name in group.attrs["weight_names"]]
        if len(arrays) < len(weights):
            raise ValueError(f"expected {len(weights)} arrays, received {len(arrays)}")
        for weight, array in zip(weights, arrays, strict=False):
            weight.assign(array[()])
