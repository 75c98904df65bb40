"""A network that lends features: it takes images, or what its frozen layers have made of them already."""

from __future__ import annotations

from typing import Any

import keras


class FeatureModel(keras.Model):
    """A functional model. Features (n, width) go to its last ``head`` layers alone, so that a training need not
    compute anew what never changes."""

    head = 1
    input_spec = None  # two shapes are welcome

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if len(inputs.shape) != 2:
            return super().call(inputs, training=training, mask=mask)
        for layer in self.layers[-self.head :]:
            inputs = layer(inputs, training=training)
        return inputs

    def trunk(self) -> keras.Model:
        """From images to features."""
        return keras.Model(self.input, self.layers[-self.head].input)
