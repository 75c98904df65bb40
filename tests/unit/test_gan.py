"""GAN: losses and penalties against their formulas, and who learns when."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcore.architectures.gan import GAN
from dlcore.datasets.base import Part
from dlcore.generative.gan_losses import gradient_penalty, standard_losses, wasserstein_losses
from dlcore.models import save, set_weights, weights_of
from dlcore.problem import Problem
from dlcore.recipe import Training
from dlcore.training import batches, optimizer

pytestmark = pytest.mark.slow

DIGITS = Problem((8, 8, 1), tuple("0123456789"))
POINTS = Problem((2,), ("orange", "blue"))


def model_of(problem=POINTS, seed=1, rate=0.001, **fields):
    model = GAN(**({"width": 4, "latent_dim": 3} | fields)).build(problem, seed)
    model.compile(optimizer=optimizer(Training(learning_rate=rate)))
    return model


def data_of(problem=POINTS, n=64):
    rng = np.random.default_rng(0)
    y = (np.arange(n) % len(problem.classes)).astype("int32")
    return rng.uniform(size=(n, *problem.input_shape)).astype("float32"), y


def trained(model, problem=POINTS, epochs=2, callbacks=()):
    settings = Training(epochs=epochs, batch_size=16)
    part = Part(*data_of(problem))
    return model.fit(
        batches(part, settings, shuffle=True),
        validation_data=batches(part, settings, shuffle=False),
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=list(callbacks),
    ).history


def values(model):
    return [weight.numpy() for weight in model.weights]


def same(before, after):
    return all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


# The formulas


def test_the_penalty_of_a_slope_that_is_known():
    x = tf.constant(np.random.default_rng(1).normal(size=(6, 2, 3)), "float32")
    # Of |x|², the gradient is 2x.
    slopes = 2 * np.sqrt(np.square(x.numpy()).sum(axis=(1, 2)))

    def square(x):
        return tf.reduce_sum(tf.square(x), axis=[1, 2])

    assert gradient_penalty(square, x, slope=1).numpy() == pytest.approx(np.mean((slopes - 1) ** 2), rel=1e-5)
    assert gradient_penalty(square, x, slope=0).numpy() == pytest.approx(np.mean(slopes**2), rel=1e-5)


def test_the_gradient_of_the_penalty_against_differences():
    x = tf.constant([[0.3, -1.2], [2.0, 0.4]])

    def penalty(w):
        return gradient_penalty(lambda x: tf.tanh(tf.linalg.matvec(x, w)), x, slope=1)

    w = tf.Variable([0.7, -0.4])
    with tf.GradientTape() as tape:
        value = penalty(w)
    gradient = tape.gradient(value, w).numpy()
    for i in range(2):
        step = np.eye(2, dtype="float32")[i] * 1e-2
        difference = (penalty(w + step) - penalty(w - step)).numpy() / 2e-2
        assert gradient[i] == pytest.approx(difference, rel=1e-2, abs=1e-3)


def test_a_flat_score_has_a_penalty_with_a_derivative():
    w = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        value = gradient_penalty(lambda x: w * x[:, 0], tf.ones((4, 2)), slope=1)
    assert np.isfinite(tape.gradient(value, w).numpy()) and value.numpy() == pytest.approx(1, rel=1e-4)


def test_the_standard_losses_are_cross_entropies_with_smoothed_labels():
    real, fake = tf.constant([1.5, -0.2, 0.3]), tf.constant([0.1, 2.0, -3.0])

    def entropy(labels, scores):
        return keras.losses.BinaryCrossentropy(from_logits=True)(labels, scores).numpy()

    for smoothing in (0.0, 0.25):
        value = [loss.numpy() for loss in standard_losses(real, fake, smoothing)]
        expected = [
            entropy(tf.fill([3], 1 - smoothing), real),
            entropy(tf.zeros(3), fake),
            entropy(tf.ones(3), fake),
        ]
        assert value == pytest.approx(expected, rel=1e-5)


def test_smoothing_is_least_for_a_discriminator_that_is_less_than_certain():
    scores = tf.range(-6.0, 6.0, 0.01)
    losses = [standard_losses(scores[i : i + 1], scores[:1], 0.2)[0] for i in range(len(scores))]
    assert tf.sigmoid(scores[int(np.argmin(losses))]).numpy() == pytest.approx(0.8, abs=0.01)


def test_wassersteins_losses_pull_real_and_fake_apart():
    value = [loss.numpy() for loss in wasserstein_losses(tf.constant([3.0, 5.0]), tf.constant([1.0]))]
    assert value == [-4, 1, -1]


# Who learns when


def test_while_one_player_learns_the_other_stands_still():
    for spectral in (False, True):
        model = model_of(DIGITS, spectral_normalization=spectral)
        x, y = data_of(DIGITS)
        generator = [w.numpy() for w in model.generator.trainable_variables]
        discriminator = values(model.discriminator)
        model.discriminator_step(model.scaled(tf.constant(x)), tf.constant(y), 0)
        assert same(generator, [w.numpy() for w in model.generator.trainable_variables])
        assert not same(discriminator, values(model.discriminator))
        discriminator = values(model.discriminator)
        model.generator_step(tf.constant(y))
        assert same(discriminator, values(model.discriminator))
        assert not same(generator, [w.numpy() for w in model.generator.trainable_variables])


def test_one_network_can_pause_while_the_other_trains():
    model, traced = model_of(), []
    plain = model.train_step
    model.train_step = lambda data: traced.append(1) or plain(data)

    def trained_parts(learner):
        """Which of the two an epoch with this request has changed."""
        model.let_learn(learner)
        parts = (model.generator, model.discriminator)
        before = [values(part) for part in parts]
        fit_again(model)
        return [not same(old, values(part)) for old, part in zip(before, parts, strict=True)]

    assert trained_parts("both") == [True, True]
    compiled = len(traced)
    assert trained_parts("discriminator") == [False, True]
    assert trained_parts("generator") == [True, False]
    assert trained_parts("both") == [True, True]
    assert len(traced) == compiled, "the step was compiled anew"


def fit_again(model):
    """An epoch of the same data, so that nothing but the request can have the step compiled anew."""
    x, y = data_of()
    model.fit(x, y, batch_size=16, epochs=1, shuffle=False, verbose=0)


def test_while_the_generator_rests_the_discriminator_gets_ever_new_examples():
    model = model_of()
    model.let_learn("discriminator")
    before = model.random((3,), 0).numpy()
    fit_again(model)
    assert not np.allclose(before, model.random((3,), 0).numpy())
    assert int(model.optimizer.iterations) == 4


def test_who_learns_is_not_among_the_weights():
    model = model_of()
    names = set(weights_of(model))
    model.let_learn("generator")
    assert set(weights_of(model)) == names
    assert all(name.startswith(("gan/", "generator", "discriminator")) for name in names), names


@pytest.mark.parametrize("steps", [1, 3])
def test_the_discriminators_steps_are_counted(steps):
    model = model_of(discriminator_steps=steps)
    trained(model, epochs=2)
    assert int(model.optimizer.iterations) == 2 * 4
    assert int(model.discriminator_optimizer.iterations) == steps * 2 * 4


def test_the_discriminators_rate_stays_a_multiple_when_the_rate_is_changed():
    model = model_of(discriminator_rate=3.0)
    trained(model, epochs=1)
    assert float(model.discriminator_optimizer.learning_rate) == pytest.approx(0.003)
    model.optimizer.learning_rate = 0.0002
    trained(model, epochs=1)
    assert float(model.discriminator_optimizer.learning_rate) == pytest.approx(0.0006)


def test_a_rate_of_nothing_changes_nothing():
    model = model_of()
    before = values(model)
    model.optimizer.learning_rate = 0.0
    trained(model, epochs=1)
    assert same(before, values(model))


# The networks


@pytest.mark.parametrize("shape", [(2,), (8, 8, 1), (28, 28, 1), (32, 32, 3), (25, 25, 1), (20, 24, 3)])
@pytest.mark.parametrize(("conditional", "spectral"), [(False, False), (True, False), (False, True)])
def test_shapes_and_parameters_are_those_described(shape, conditional, spectral):
    problem = Problem(shape, ("a", "b", "c"))
    architecture = GAN(width=8, latent_dim=5, conditional=conditional, spectral_normalization=spectral)
    model = architecture.build(problem, 1)
    for name, part in architecture.parts(problem).items():
        network = getattr(model, name)
        assert part.describe()["parameters"] == network.count_params()
        assert part.rows()[-1].output_shape == network.output_shape[1:]
    labels = np.array([0, 1, 2], "int32") if conditional else None
    samples = model.sample(np.ones((3, 5)), labels)
    assert samples.shape == (3, *shape) and samples.dtype == np.float32
    assert len(shape) == 1 or (samples.min() >= 0 and samples.max() <= 1)
    assert model.discriminate(samples, labels).shape == (3,)
    assert model.push(samples, labels).shape == samples.shape


def test_with_another_class_it_generates_and_scores_another_example():
    model = model_of(DIGITS, conditional=True)
    latents = np.ones((2, 3))
    first, second = model.sample(latents, [0, 1])
    assert not np.allclose(first, second)
    x = np.stack([first, first])
    assert np.ptp(model.discriminate(x, [0, 1])) > 0
    with pytest.raises(ValueError, match="labels"):
        model.sample(latents)


def test_spectral_normalisation_bounds_every_kernel():
    model = model_of(DIGITS, spectral_normalization=True)
    trained(model, DIGITS, epochs=5)
    kernels = [w.numpy() for w in model.discriminator.weights if w.path.endswith("kernel")]
    assert len(kernels) == 3
    for kernel in kernels:
        matrix = kernel.reshape(-1, kernel.shape[-1])
        # The largest singular value is only approached, and one step of Adam follows.
        assert np.linalg.svd(matrix, compute_uv=False)[0] < 1.3


def test_pushes_point_uphill():
    model = model_of()
    x = data_of()[0][:5]

    def logit(x):
        probability = model.discriminate(x).astype("float64")
        return np.log(probability / (1 - probability))

    for axis in range(2):
        step = 1e-2 * np.eye(2, dtype="float32")[axis]
        slope = (logit(x + step) - logit(x - step)) / 2e-2
        assert model.push(x)[:, axis] == pytest.approx(slope, rel=0.2, abs=2e-3)


@pytest.mark.parametrize(
    "fields",
    [
        {"gradient_penalty": 1.0},
        {"loss": "wasserstein", "gradient_penalty": 10.0},
        {"spectral_normalization": True, "conditional": True, "label_smoothing": 0.2},
    ],
)
def test_the_same_seed_gives_the_same_losses_and_another_one_others(fields):
    results = []
    for seed in (1, 1, 2):
        keras.random.normal((3,))  # what else the process draws does not matter
        results.append(trained(model_of(seed=seed, **fields)))
    assert results[0] == results[1] != results[2]
    assert np.isfinite(list(results[0].values())).all()
    expected = {"loss", "generator_loss", "discriminator_loss", "real_accuracy", "fake_accuracy"}
    assert set(results[0]) == expected | {f"val_{name}" for name in expected}
    assert results[0]["loss"] == results[0]["generator_loss"]


def test_saved_weights_give_the_same_examples():
    from safetensors.numpy import load

    model, other = model_of(DIGITS), model_of(DIGITS, seed=4)
    trained(model, DIGITS, epochs=1)
    set_weights(other, load(save(model)))
    assert np.array_equal(model.sample(np.ones((2, 3))), other.sample(np.ones((2, 3))))


def test_a_resumed_training_goes_on_as_it_would_have(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    def backup():
        return keras.callbacks.BackupAndRestore(str(tmp_path / "kept"), delete_checkpoint=False)

    # Without shuffling: the order of the examples begins anew when a run is resumed.
    x, y = data_of()
    usual = {"x": x, "y": y, "batch_size": 16, "shuffle": False, "verbose": 0}
    whole = model_of()
    whole.fit(epochs=4, **usual)
    model_of().fit(epochs=4, callbacks=[backup(), Stop()], **usual)
    resumed = model_of()
    resumed.fit(epochs=4, callbacks=[backup()], **usual)
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(values(whole), values(resumed), strict=True))
