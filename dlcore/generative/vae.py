"""Variational autoencoder (Kingma and Welling 2013), with the weight β of Higgins et al. (2017).

The encoder gives, for an example x, a normal distribution q(z|x) over a latent vector z; the decoder
gives p(x|z). Trained is the bound that both halves share, in nats per example:

    loss = −log p(x|z) + β · KL(q(z|x) ‖ N(0, 1)),   z = mean + deviation · ε,   ε ~ N(0, 1)

p(x|z) is a distribution around the decoder's output with a fixed deviation: normal, which makes the output a
mean of all images that fit, or Laplace, which makes it their median, pixel by pixel, with crisper edges.
−log p(x|z) leaves out its constant, so that it is 0 for a perfect reconstruction. Bernoulli pixels, another usual
choice, ask less of grey ones: on 8×8 digits their samples are blurrier and rare classes go missing.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

REACH = 3.0
"""Points lie within about ±REACH; the network sees them divided by it."""
PIXEL_DEVIATION, POINT_DEVIATION = 0.15, 0.03
"""Of pixels in [0, 1] and of coordinates within ±1; Laplace's scale too. Larger leaves more of an example
to chance, as β does."""


def kl_divergence(mean: Any, log_variance: Any) -> Any:
    """KL(N(mean, variance) ‖ N(0, 1)), summed over the last axis: the closed form, in nats."""
    return 0.5 * tf.reduce_sum(mean**2 + tf.exp(log_variance) - log_variance - 1, axis=-1)


def reparameterise(mean: Any, log_variance: Any, noise: Any) -> Any:
    """A draw from N(mean, variance), through which a gradient reaches both."""
    return mean + tf.exp(0.5 * log_variance) * noise


class VAE(keras.Model):
    """Encoder and decoder.

    Args:
        architecture: ``latent_dim``, ``beta``, ``likelihood`` and ``conditional``.
        problem: ``input_shape``, (height, width, channels) or (2,), and ``classes``.
        seed: Decides what is drawn while training.
        encoder: From examples, with a plane for each class, to means and log variances.
        decoder: From latent vectors, with a share of each class, to examples.
    """

    spherical = False
    """Paths between latent vectors are straight."""

    def __init__(
        self, architecture: Any, problem: Any, seed: int, encoder: keras.Model, decoder: keras.Model
    ):
        super().__init__(name="vae")
        self.shape = tuple(problem.input_shape)
        self.classes = len(problem.classes) if architecture.conditional else 0
        self.latent_dim, self.beta = architecture.latent_dim, architecture.beta
        self.laplace = architecture.likelihood == "laplace"
        self.images = len(self.shape) == 3
        self.encoder, self.decoder = encoder, decoder
        self.seed = seed
        self.means = [keras.metrics.Mean(name) for name in ("loss", "reconstruction", "kl")]
        self.built = True

    @property
    def latent_shape(self) -> tuple[int, ...]:
        return (self.latent_dim,)

    @property
    def metrics(self) -> list[Any]:
        return self.means

    # -- learning ---------------------------------------------------------------------------------

    def posterior(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Mean and log variance of q(z|x), each (n, latent_dim)."""
        if self.classes:
            classes = tf.one_hot(labels, self.classes)
            if self.images:  # a plane of ones for the class, planes of zeros for the others
                classes = classes[:, None, None, :] * tf.ones((1, *self.shape[:2], 1))
            x = tf.concat([x, classes], axis=-1)
        return tuple(tf.split(self.encoder(x), 2, axis=-1))

    def decode(self, z: Any, labels: Any) -> Any:
        """What the decoder makes of latent vectors: pixels in [0, 1], or points within ±1.

        ``labels`` are classes (n,), or shares of every class (n, classes): half a 3 and half an 8.
        """
        if self.classes:
            labels = tf.convert_to_tensor(labels)
            classes = labels if len(labels.shape) == 2 else tf.one_hot(labels, self.classes)
            z = tf.concat([z, classes], axis=-1)
        return self.decoder(z)

    def negative_log_likelihood(self, x: Any, reconstruction: Any) -> Any:
        """−log p(x|z) of each example, in nats, without its constant."""
        deviation = PIXEL_DEVIATION if self.images else POINT_DEVIATION
        error = (x - reconstruction) / deviation
        error = tf.abs(error) if self.laplace else tf.square(error) / 2
        return tf.reduce_sum(tf.reshape(error, [tf.shape(x)[0], -1]), axis=1)

    def terms(self, x: Any, labels: Any, noise: Any) -> tuple[Any, Any]:
        """Reconstruction and KL of each example; ``noise`` is the ε of its draw."""
        x = self._scaled(x)
        mean, log_variance = self.posterior(x, labels)
        z = reparameterise(mean, log_variance, noise)
        return self.negative_log_likelihood(x, self.decode(z, labels)), kl_divergence(mean, log_variance)

    def objective(self, data: Any, draw: Any) -> Any:
        """The loss of a batch; its metrics are noted. ``draw`` decides ε together with the seed."""
        x, labels = data
        draw = tf.stack([tf.constant(self.seed, "int64"), tf.cast(draw, "int64")])
        noise = tf.random.stateless_normal((tf.shape(x)[0], self.latent_dim), draw)
        reconstruction, kl = (tf.reduce_mean(term) for term in self.terms(x, labels, noise))
        loss = reconstruction + self.beta * kl
        for mean, value in zip(self.means, (loss, reconstruction, kl), strict=True):
            mean.update_state(value, sample_weight=tf.shape(x)[0])
        return loss

    def train_step(self, data: Any) -> dict[str, Any]:
        # By the step's number: a resumed training draws what it would have drawn.
        with tf.GradientTape() as tape:
            loss = self.objective(data, self.optimizer.iterations)
        weights = self.trainable_weights
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        return self.get_metrics_result()

    def test_step(self, data: Any) -> dict[str, Any]:
        self.objective(data, -1)
        return self.get_metrics_result()

    # -- use --------------------------------------------------------------------------------------

    def call(self, x: Any, labels: Any = None) -> Any:
        """Reconstructions of examples from the means of their q(z|x)."""
        return self._unscaled(self.decode(self.posterior(self._scaled(x), labels)[0], labels))

    def sample(
        self, latents: np.ndarray, labels: np.ndarray | None = None, guidance: float = 1.0
    ) -> np.ndarray:
        """Images in [0, 1] or points, one for each row of ``latents`` (n, latent_dim).

        ``labels`` are the classes (n,) of a class-conditional model, or (n, classes) shares of each.
        ``guidance`` above 1 exaggerates the difference to what the same latent vectors give with an equal
        share of every class, as classifier-free guidance (Ho and Salimans 2022) does it for diffusion.
        """
        z = tf.constant(latents, "float32")
        decoded = self.decode(z, labels)
        if self.classes and guidance != 1:
            plain = self.decode(z, tf.fill((len(z), self.classes), 1 / self.classes))
            decoded = plain + guidance * (decoded - plain)
            decoded = tf.clip_by_value(decoded, 0, 1) if self.images else decoded
        return self._unscaled(decoded).numpy()

    def encode(self, x: np.ndarray, labels: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and log variance of q(z|x), each (n, latent_dim)."""
        mean, log_variance = self.posterior(self._scaled(x), labels)
        return mean.numpy(), log_variance.numpy()

    def negative_elbo(self, x: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """How unlike the training data each example is: reconstruction + KL at the mean, in nats."""
        noise = tf.zeros((len(x), self.latent_dim))
        reconstruction, kl = self.terms(tf.constant(x, "float32"), labels, noise)
        return (reconstruction + kl).numpy()

    def _scaled(self, x: Any) -> Any:
        x = tf.cast(x, "float32")
        return x if self.images else x / REACH

    def _unscaled(self, x: Any) -> Any:
        return x if self.images else x * REACH
