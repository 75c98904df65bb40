"""Generative adversarial networks: a generator and a discriminator that learn from each other.

The *generator* turns random vectors (latents) into examples. The *discriminator* gives an example a score:
large where it looks real. Each is trained against the other (Goodfellow et al. 2014).
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcore.generative.gan_losses import gradient_penalty, standard_losses, wasserstein_losses

Tensor = Any


def apply(optimizer: keras.Optimizer, gradients: Any, weights: Any, learns: tf.Variable) -> None:
    """One step of the optimiser if ``learns`` is true. If not it is counted all the same: random numbers
    depend on the count."""

    def step() -> None:
        optimizer.apply(gradients, weights)

    def rest() -> None:
        optimizer.iterations.assign_add(1)

    if tf.distribute.get_strategy().num_replicas_in_sync > 1:
        step()  # replicas that wait for each other cannot do so under a condition
    else:
        tf.cond(learns, step, rest)


def start_power_iterations(model: keras.Model, seed: int) -> None:
    """Of spectral normalisation: Keras draws their start from the global generator; drawn here again."""
    rng = np.random.default_rng(seed)
    for weight in model.non_trainable_weights:
        if weight.path.endswith("vector_u"):
            weight.assign(rng.normal(0, 0.02, weight.shape))


class GAN(keras.Model):
    """Generator and discriminator, trained in turns by ``fit``.

    Args:
        architecture: With the fields of :class:`dlcore.architectures.gan.GAN`.
        problem: ``input_shape`` (2,) or (height, width, channels), and the names of the ``classes``.
        seed: Decides all random numbers.
        generator: From latent vectors, with a share of each class, to examples: pixels within ±1, or points.
        discriminator: From such examples to scores, logits: of being real, and of each class.
    """

    spherical = True
    """Its latent vectors are all about equally far from 0, and paths between them stay there."""

    def __init__(
        self, architecture: Any, problem: Any, seed: int, generator: keras.Model, discriminator: keras.Model
    ):
        super().__init__(name="gan")
        self.settings, self.seed = architecture, seed
        self.images = len(problem.input_shape) > 1
        self.classes = len(problem.classes) if architecture.conditional else 0
        self.latent_shape = (architecture.latent_dim,)
        self.generator, self.discriminator = generator, discriminator
        names = ("generator_loss", "discriminator_loss", "real_accuracy", "fake_accuracy")
        self.means = [keras.metrics.Mean(name) for name in ("loss", *names)]
        # Variables, because the compiled step has to read them each time; TensorFlow's own, because
        # Keras then does not count them among the weights.
        self.discriminator_learns = tf.Variable(True, trainable=False)
        self.generator_learns = tf.Variable(True, trainable=False)
        example = tf.TensorSpec((None, *problem.input_shape), "float32")
        latents = tf.TensorSpec((None, *self.latent_shape), "float32")
        labels = tf.TensorSpec((None,), "int32")
        self._sample = tf.function(self._samples, input_signature=[latents, labels])
        self._discriminate = tf.function(self._scores_and_slopes, input_signature=[example, labels])
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return self.means

    def compile(self, optimizer: keras.Optimizer, **others: Any) -> None:
        """The discriminator gets an optimiser of the same kind.

        Adam remembers less than usual in both, because the other player has moved on meanwhile: half as
        long with images (β₁ = 0.5, Radford et al.), with points no direction at all (β₁ = 0, β₂ = 0.99,
        Mescheder et al. 2018), or they would circle around their places for ever.
        """
        config = optimizer.get_config()
        if "beta_1" in config and self.images:
            config["beta_1"] = 0.5
        elif "beta_1" in config:
            config |= {"beta_1": 0.0, "beta_2": 0.99}
        super().compile(optimizer=type(optimizer).from_config(config), **others)
        self.discriminator_optimizer = type(optimizer).from_config(config)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.optimizer.build(self.generator.trainable_variables)

    def let_learn(self, learner: str) -> str:
        """From the next step on let "both" learn, or only the "discriminator" or the "generator".

        Returns a line that says who learns now.
        """
        if self.distribute_strategy.num_replicas_in_sync > 1:
            return "on several GPUs both players always learn"
        self.discriminator_learns.assign(learner != "generator")
        self.generator_learns.assign(learner != "discriminator")
        return "now both players learn" if learner == "both" else f"now only the {learner} learns"

    # Inputs and outputs of the two networks

    def scaled(self, x: Tensor) -> Tensor:
        """Images in [0, 1] as the networks take them, within ±1; points are not scaled."""
        return 2 * x - 1 if self.images else x

    def unscaled(self, x: Tensor) -> Tensor:
        return tf.clip_by_value((x + 1) / 2, 0, 1) if self.images else x

    def generate(self, latents: Tensor, labels: Tensor, *, training: bool) -> Tensor:
        """Examples as the networks give them, from latent vectors; a class is appended one-hot."""
        if self.classes:
            latents = tf.concat([latents, tf.one_hot(labels, self.classes)], axis=1)
        return self.generator(latents, training=training)

    def score(self, x: Tensor, labels: Tensor, *, training: bool = False) -> Tensor:
        """How real each example looks, (n,). If class-conditional: how real in general, plus how much like
        its class (the projection of Miyato and Koyama 2018)."""
        scores = self.discriminator(x, training=training)
        return scores[:, 0] + tf.reduce_sum(
            scores[:, 1:] * tf.one_hot(labels, self.classes, dtype=scores.dtype), axis=1
        )

    def random(self, shape: Any, purpose: int, *, uniform: bool = False) -> Tensor:
        """Random numbers that depend on the seed, the step and the purpose alone: a resumed run goes on
        as it would have, and no prediction beside it changes what it draws."""
        draw = tf.random.stateless_uniform if uniform else tf.random.stateless_normal
        step = tf.cast(self.optimizer.iterations, "int64")
        return draw(shape, seed=tf.stack([tf.cast(self.seed, "int64"), 16 * step + purpose]))

    # Training

    def losses_of(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if self.settings.loss == "wasserstein":
            return wasserstein_losses(real, fake)
        return standard_losses(real, fake, self.settings.label_smoothing)

    def penalty(self, real: Tensor, fake: Tensor, labels: Tensor, purpose: int) -> Tensor:
        if self.settings.loss == "standard":
            return gradient_penalty(lambda x: self.score(x, labels), real, slope=0)
        share = self.random(tf.shape(real)[:1], purpose, uniform=True)
        share = tf.reshape(share, [-1] + [1] * (len(real.shape) - 1))
        between = real + share * (fake - real)
        return gradient_penalty(lambda x: self.score(x, labels), between, slope=1)

    def discriminator_step(self, real: Tensor, labels: Tensor, turn: int) -> tuple[Tensor, Tensor, Tensor]:
        """One step of the discriminator; the generator is constant. Gives its loss and both scores."""
        n = tf.shape(real)[0]
        latents = self.random((n, *self.latent_shape), 2 * turn)
        fake = self.generate(latents, labels, training=True)
        with tf.GradientTape() as tape:
            # In one call, so that spectral normalisation divides both by the same number.
            both = self.score(tf.concat([real, fake], 0), tf.concat([labels, labels], 0), training=True)
            on_real, on_fake, _ = self.losses_of(both[:n], both[n:])
            loss = on_real + on_fake
            whole = loss
            if self.settings.gradient_penalty:
                whole += self.settings.gradient_penalty * self.penalty(real, fake, labels, 2 * turn + 1)
        weights = self.discriminator.trainable_variables
        self.discriminator_optimizer.learning_rate = (
            self.settings.discriminator_rate * self.optimizer.learning_rate
        )
        gradients = tape.gradient(whole, weights)
        apply(self.discriminator_optimizer, gradients, weights, self.discriminator_learns)
        return loss, both[:n], both[n:]

    def generator_step(self, labels: Tensor) -> Tensor:
        """One step of the generator; the discriminator is constant. Gives its loss."""
        latents = self.random((tf.shape(labels)[0], *self.latent_shape), 15)
        with tf.GradientTape() as tape:
            fake = self.score(self.generate(latents, labels, training=True), labels)
            _, _, loss = self.losses_of(fake, fake)
        weights = self.generator.trainable_variables
        apply(self.optimizer, tape.gradient(loss, weights), weights, self.generator_learns)
        return loss

    def train_step(self, data: Any) -> dict[str, Tensor]:
        x, labels = data
        real, labels = self.scaled(x), tf.cast(labels, "int32")
        for turn in range(self.settings.discriminator_steps):
            scores = self.discriminator_step(real, labels, turn)
        return self.report(self.generator_step(labels), *scores)

    def test_step(self, data: Any) -> dict[str, Tensor]:
        """The same losses on other examples, always with the same latents."""
        x, labels = data
        labels = tf.cast(labels, "int32")
        latents = tf.random.stateless_normal((tf.shape(x)[0], *self.latent_shape), [self.seed, 0])
        fake = self.score(self.generate(latents, labels, training=False), labels)
        real = self.score(self.scaled(x), labels)
        on_real, on_fake, generator_loss = self.losses_of(real, fake)
        return self.report(generator_loss, on_real + on_fake, real, fake)

    def report(
        self, generator_loss: Tensor, discriminator_loss: Tensor, real: Tensor, fake: Tensor
    ) -> dict[str, Tensor]:
        """Running means of losses and of the shares classified correctly."""
        if self.settings.loss == "wasserstein":
            # These scores have no zero: what lies nearer to the mean of the real ones counts as real.
            border = (tf.reduce_mean(real) + tf.reduce_mean(fake)) / 2
        else:
            # Where the two cannot be distinguished a smoothed discriminator predicts a bit less than 1/2.
            even = (1 - self.settings.label_smoothing) / 2
            border = math.log(even / (1 - even))
        accuracies = (tf.cast(real > border, "float32"), tf.cast(fake < border, "float32"))
        values = (generator_loss, generator_loss, discriminator_loss, *accuracies)
        for mean, value in zip(self.means, values, strict=True):
            mean.update_state(value)
        return {mean.name: mean.result() for mean in self.means}

    # Use

    def _samples(self, latents: Tensor, labels: Tensor) -> Tensor:
        return self.unscaled(self.generate(latents, labels, training=False))

    def _scores_and_slopes(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            scores = self.score(self.scaled(x), labels)
        return scores, tape.gradient(scores, x)

    def sample(self, latents: np.ndarray, labels: np.ndarray | None = None, **options: Any) -> np.ndarray:
        """Examples from latents (n, latent_dim); of the classes ``labels`` (n,) if it is class-conditional."""
        return self._sample(_float(latents), self._labels(latents, labels)).numpy()

    def discriminate(self, x: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """(n,): the probability that each example is real; with Wasserstein's loss its score."""
        scores = self._discriminate(_float(x), self._labels(x, labels))[0].numpy()
        return scores if self.settings.loss == "wasserstein" else 1 / (1 + np.exp(-scores))

    def push(self, x: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """The gradient of the score at each example, of the shape of x: towards what looks more real."""
        return self._discriminate(_float(x), self._labels(x, labels))[1].numpy()

    def _labels(self, x: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        if labels is None:
            if self.classes:
                raise ValueError("labels: expected one class for each example, received None")
            return np.zeros(len(x), "int32")
        return np.asarray(labels, "int32")


def _float(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, "float32")
