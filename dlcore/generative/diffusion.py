"""Denoising diffusion (Ho et al. 2020): learn to predict the noise in an example, then begin with noise alone.

Training draws a time and noises an example that much; the network predicts the noise. Sampling starts
from pure noise and takes away, step by step, what the network says is noise.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcore.generative.noise_schedule import OnStep, alpha_bars, denoise, noised
from dlcore.generative.unet import make_mlp, make_unet

Tensor = Any
POINTS_SCALE = 3.0
"""Points lie within about ±3; the network sees them within ±1."""
UNCONDITIONAL = 0.1
"""Share of training examples without their class, so that the network also learns the unconditional noise."""


class Diffusion(keras.Model):
    """A network that finds the noise, trained by ``fit``.

    It exists twice: as it is trained, and as the exponential mean of its weights over the last
    thousand steps, which is steadier (Ho et al. 2020). The mean samples, is validated and is kept.

    Args:
        architecture: With the fields of :class:`dlcore.architectures.diffusion.Diffusion`.
        problem: ``input_shape`` (2,) or (height, width, channels), and the names of the ``classes``.
        seed: Decides weights and all random numbers.
        precision: Keras' dtype policy of the inner layers; what goes in and comes out is float32.
    """

    def __init__(self, architecture: Any, problem: Any, seed: int, precision: str = "float32"):
        super().__init__(name="diffusion")
        self.settings, self.seed = architecture, seed
        self.images = len(problem.input_shape) > 1
        self.classes = len(problem.classes) if architecture.conditional else 0
        self.latent_shape = tuple(problem.input_shape)
        self.alpha_bars = alpha_bars(architecture.schedule, architecture.steps)

        def network() -> keras.Model:
            with keras.name_scope("diffusion"), keras.name_scope("unet"):
                if self.images:
                    return make_unet(problem.input_shape, architecture.width, self.classes, seed, precision)
                return make_mlp(problem.input_shape[0], architecture.width, self.classes, seed)

        self.network, self.mean_network = network(), network()
        self.mean_network.trainable = False
        self.mean_loss = keras.metrics.Mean("loss")
        example = tf.TensorSpec((None, *self.latent_shape), "float32")
        self._predict = tf.function(
            self._noise,
            input_signature=[example, tf.TensorSpec((), "float32"), tf.TensorSpec((None,), "int32")],
        )
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.mean_loss]

    @property
    def weights(self) -> list[keras.Variable]:
        """What is worth keeping: the mean alone."""
        return self.mean_network.weights

    def compile(self, optimizer: keras.Optimizer, **others: Any) -> None:
        super().compile(optimizer=optimizer, **others)
        optimizer.build(self.network.trainable_variables)

    # What the network sees and gives

    def scaled(self, x: Tensor) -> Tensor:
        """Images in [0, 1] or points within ±3, as the network sees them: within ±1."""
        return 2 * x - 1 if self.images else x / POINTS_SCALE

    def unscaled(self, x: np.ndarray) -> np.ndarray:
        return np.clip((x + 1) / 2, 0, 1) if self.images else x * POINTS_SCALE

    def loss_of(self, network: keras.Model, x: Tensor, labels: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Mean squared error of the noise found in x (n, …), noised up to the steps t (n,)."""
        alpha_bar = tf.gather(tf.constant(self.alpha_bars, "float32"), t)
        alpha_bar = tf.reshape(alpha_bar, [-1] + [1] * len(self.latent_shape))
        x = tf.sqrt(alpha_bar) * self.scaled(x) + tf.sqrt(1 - alpha_bar) * noise
        time = tf.cast(t, "float32") / len(self.alpha_bars)
        return tf.reduce_mean(tf.square(network([x, time, labels]) - noise))

    # Training

    def train_step(self, data: Any) -> dict[str, Tensor]:
        x, labels = data
        n = tf.shape(x)[0]
        t = self.random((n,), 0, uniform=True) * len(self.alpha_bars)
        noise = self.random(tf.shape(x), 1)
        labels = tf.cast(labels, "int32")
        labels = tf.where(self.random((n,), 2, uniform=True) < UNCONDITIONAL, self.classes, labels)
        with tf.GradientTape() as tape:
            loss = self.loss_of(self.network, x, labels, tf.cast(t, "int32"), noise)
        weights = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        # A mean over few steps at first: the beginning is soon forgotten.
        step = tf.cast(self.optimizer.iterations, "float32")
        keep = tf.minimum(0.999, (1 + step) / (10 + step))
        for mean, weight in zip(self.mean_network.weights, self.network.weights, strict=True):
            mean.assign(keep * mean + (1 - keep) * weight)
        self.mean_loss.update_state(loss, n)
        return {"loss": self.mean_loss.result()}

    def test_step(self, data: Any) -> dict[str, Tensor]:
        """The loss on other examples, with the same noise every time and times spread evenly."""
        x, labels = data
        n = tf.shape(x)[0]
        t = tf.range(n) * len(self.alpha_bars) // n
        noise = tf.random.stateless_normal(tf.shape(x), [self.seed, -1])
        loss = self.loss_of(self.mean_network, x, tf.cast(labels, "int32"), t, noise)
        self.mean_loss.update_state(loss, n)
        return {"loss": self.mean_loss.result()}

    def random(self, shape: Any, purpose: int, *, uniform: bool = False) -> Tensor:
        """Random numbers that depend on the seed, the step and the purpose alone: a resumed run goes on
        as it would have, and no prediction beside it changes what it draws."""
        draw = tf.random.stateless_uniform if uniform else tf.random.stateless_normal
        step = tf.cast(self.optimizer.iterations, "int64")
        return draw(shape, seed=tf.stack([tf.cast(self.seed, "int64"), 4 * step + purpose]))

    # Use

    def _noise(self, x: Tensor, t: Tensor, labels: Tensor) -> Tensor:
        time = tf.fill(tf.shape(x)[:1], t / len(self.alpha_bars))
        return self.mean_network([x, time, labels])

    def noise_in(
        self, x: np.ndarray, t: int, labels: np.ndarray | None = None, guidance: float = 1.0
    ) -> np.ndarray:
        """The noise in x (n, …) at step t.

        ``guidance`` goes further from the unconditional prediction towards that of the class (Ho and Salimans 2022): 0 ignores the class, 1 is plain, more makes samples more typical
        and less diverse.
        """
        x, step = x.astype("float32"), np.float32(t)
        anything = np.full(len(x), self.classes, "int32")
        if labels is None or not self.classes:
            return self._predict(x, step, anything).numpy()
        labels = np.asarray(labels, "int32")
        if guidance == 1:
            return self._predict(x, step, labels).numpy()
        both = self._predict(np.concatenate([x, x]), step, np.concatenate([anything, labels])).numpy()
        plain, of_class = both[: len(x)], both[len(x) :]
        return plain + guidance * (of_class - plain)

    def sample(
        self,
        latents: np.ndarray,
        labels: np.ndarray | None = None,
        *,
        steps: int = 50,
        sampler: str = "ddim",
        eta: float = 0.0,
        guidance: float = 1.0,
        seed: int = 0,
        on_step: OnStep | None = None,
    ) -> np.ndarray:
        """Examples from noise (n, *input_shape), of the classes ``labels`` (n,) or of any.

        ``seed`` decides the fresh noise of the steps, each example's apart, where there is any: with "ddpm", or
        ``eta`` above 0. ``on_step(step, t, x_t, x_0)`` is called at every step, in the data's own units.
        """
        rngs = [np.random.default_rng([seed, i, 1]) for i in range(len(latents))]

        def tell(step: int, t: int, x: np.ndarray, clean: np.ndarray) -> None:
            assert on_step
            on_step(step, t, self.unscaled(x), self.unscaled(clean))

        examples = denoise(
            lambda x, t: self.noise_in(x, t, labels, guidance),
            np.asarray(latents, "float32"),
            self.alpha_bars,
            steps=steps,
            sampler=sampler,
            eta=eta,
            fresh=lambda: np.stack([rng.normal(size=self.latent_shape) for rng in rngs]),
            bound=1.0 if self.images else 1.5,
            on_step=tell if on_step else None,
        )
        return self.unscaled(examples).astype("float32")

    def noised(self, x: np.ndarray, t: int, noise: np.ndarray) -> np.ndarray:
        """Examples as they are after step t, in the data's own units."""
        return self.unscaled(noised(self.scaled(x), self.alpha_bars[t], noise)).astype("float32")
