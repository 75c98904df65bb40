"""Why a network calls an image what it does: maps of what counted, and what its layers make of it.

Each method asks another question, and each can mislead; `charts.heat_map.METHODS` says how.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

PIECES = 32
"""Of the way of integrated gradients."""
BATCH = 4
"""Images that a network is called on at once. For more in all it is compiled: else Keras holds what all its layers answer
until the last has answered, and a gradient twice that."""
SMALLEST_MAP = 4
"""Pixels that the side of a layer must have for its Grad-CAM to say where."""
MOST_MAPS = 64


class NotExplained(ValueError):
    """A method that this network has no answer for; the message says why."""


@dataclass(frozen=True)
class Explainer:
    """The questions that can be asked of one classifier of images. An image is float32 (height, width, channels)."""

    model: keras.Model
    _readings: dict[str, keras.Model] = field(default_factory=dict)

    @property
    def head(self) -> Any:
        """The last layer: dense, with a softmax or, for two classes, one sigmoid unit."""
        return self.model.layers[-1]

    @cached_property
    def layers(self) -> dict[str, Any]:
        """The layers that answer with images, by name."""
        return {layer.name: layer for layer in self.model.layers if len(layer.output.shape) == 4}

    @property
    def usual_layer(self) -> str:
        """The last one whose images are still large enough to say where; "" where there is none."""
        large = [name for name, layer in self.layers.items() if layer.output.shape[1] >= SMALLEST_MAP]
        return next(reversed(large or list(self.layers)), "")

    def _reading(self, layer: str = "") -> keras.Model:
        """The network, read before its last layer, and after ``layer`` too."""
        if layer not in self._readings:
            outputs = [self.layers[layer].output] if layer else []
            self._readings[layer] = keras.Model(self.model.inputs[0], [*outputs, self.head.input])
        return self._readings[layer]

    def _score(self, embedding: Any, target: int) -> Any:
        """The class' value before the softmax, for each row of what the last layer is given."""
        values = embedding @ self.head.kernel + self.head.bias
        if self.head.units == 1:  # the second class' log odds
            return values[:, 0] if target else -values[:, 0]
        return values[:, target]

    def score(self, images: np.ndarray, target: int) -> np.ndarray:
        """The class' value before the softmax, for each image (n, height, width, channels)."""
        return np.asarray(self._score(tf.constant(self.embedding(images)), target))

    def grad_cam(self, image: np.ndarray, target: int, layer: str = "") -> np.ndarray:
        """Selvaraju et al. 2017: the feature maps of a layer, each weighted by how much the class' value rises
        with it; what is positive, from 0 to 1, enlarged to (height, width)."""
        name = layer or self.usual_layer
        if name not in self.layers:
            raise NotExplained("Grad-CAM needs a layer that looks at images through windows; this has none")
        with tf.GradientTape() as tape:
            maps, embedding = self._reading(name)(image[None], training=False)
            value = self._score(embedding, target)
        slopes = tape.gradient(value, maps)
        weights = tf.reduce_mean(slopes, (1, 2), keepdims=True)
        heat = tf.nn.relu(tf.reduce_sum(weights * maps, -1))[0].numpy()
        return enlarged(heat / max(heat.max(), 1e-12), image.shape[:2])

    def saliency(self, image: np.ndarray, target: int) -> np.ndarray:
        """Simonyan et al. 2013: how steeply the class' value changes with each pixel, from 0 to 1."""
        slopes = np.abs(self._slopes(image[None], target)[0]).max(-1)
        most = np.percentile(slopes, 99.5)  # a few pixels would leave the rest black
        return np.asarray(np.clip(slopes / max(most, 1e-12), 0, 1))

    def integrated_gradients(self, image: np.ndarray, target: int) -> np.ndarray:
        """Sundararajan et al. 2017: each pixel's share (height, width) of the change of the class' value on a
        straight way from black to the image. Their sum is that change ("completeness").

        A deep network's value rises on the way in many small jerks, which slopes at some points would miss by a few
        per cent: the shares of each piece of the way are scaled to the rise that is measured on it. The pieces are
        short near black, where most happens.
        """
        ends = np.linspace(0, 1, PIECES + 1, dtype="float32") ** 2
        rises = np.diff(self.score(_on_the_way(ends, image), target))
        slopes = self._slopes(_on_the_way((ends[1:] + ends[:-1]) / 2, image), target)
        seen = (slopes * image).sum((1, 2, 3)) * np.diff(ends)
        scale = np.divide(rises, seen, out=np.ones_like(rises), where=np.abs(seen) > 1e-6)
        total = np.tensordot(np.diff(ends) * np.clip(scale, -3, 10), slopes, 1)
        return np.asarray((total * image).sum(-1))

    def _slopes(self, images: np.ndarray, target: int) -> np.ndarray:
        """The gradient of the class' value at each image."""

        def slopes(x: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                value = self._score(_last(self._reading()(x, training=False)), target)
            return tape.gradient(value, x)

        return in_batches(slopes, images)

    def occlusion(self, image: np.ndarray, target: int, places: int = 14) -> np.ndarray:
        """Zeiler and Fergus 2014: by how much the class' value falls when a grey square covers a place,
        (height, width); negative where it rises. The square's side is a quarter of the image's."""
        height, width = image.shape[:2]
        side, ground = max(1, height // 4), image.mean((0, 1))
        rows = np.linspace(0, height - side, min(places, height - side + 1)).round().astype(int)
        covered, corners = [], []
        for top in rows:
            for left in (rows * (width - side) // max(1, height - side)).tolist():
                one = image.copy()
                one[top : top + side, left : left + side] = ground
                covered.append(one)
                corners.append((top, left))
        falls = self.score(image[None], target) - self.score(np.stack(covered), target)
        total, times = np.zeros((height, width)), np.zeros((height, width))
        for (top, left), fall in zip(corners, falls, strict=True):
            total[top : top + side, left : left + side] += fall
            times[top : top + side, left : left + side] += 1
        return np.asarray(total / np.maximum(times, 1))

    def feature_maps(self, image: np.ndarray, layer: str) -> np.ndarray:
        """What a layer answers to an image, its first channels: float32 (channels, height, width)."""
        maps = self._reading(layer)(image[None], training=False)[0]
        return np.moveaxis(np.asarray(maps)[0], -1, 0)[:MOST_MAPS]

    def strongest(self, images: np.ndarray, layer: str, channel: int) -> np.ndarray:
        """How strongly a channel answers to each image anywhere in it, (n,)."""
        model = self._reading(layer)
        return in_batches(lambda x: tf.reduce_max(model(x, training=False)[0][..., channel], (1, 2)), images)

    def embedding(self, images: np.ndarray) -> np.ndarray:
        """What the last layer is given of each image: (n, units)."""
        return in_batches(lambda x: _last(self._reading()(x, training=False)), images)


def in_batches(function: Callable[[Any], Any], images: np.ndarray) -> np.ndarray:
    """What it makes of images (n, height, width, channels); compiled where there are more than a batch of them."""
    if len(images) > BATCH:
        shape = tf.TensorSpec((None, *images.shape[1:]), tf.float32)
        function = tf.function(function, input_signature=[shape])
    batches = (tf.constant(images[i : i + BATCH]) for i in range(0, len(images), BATCH))
    return np.concatenate([np.asarray(function(batch)) for batch in batches])


def _on_the_way(places: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The image at these places (n,) between black, 0, and itself, 1."""
    return places[:, None, None, None] * image


def _last(outputs: Any) -> Any:
    return outputs[-1] if isinstance(outputs, list | tuple) else outputs


def enlarged(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map of any size, smoothly brought to (height, width)."""
    image = Image.fromarray(heat.astype("float32"), "F")
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BILINEAR))
