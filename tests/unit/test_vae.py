"""The variational autoencoder: its two formulas, its shapes, and that it learns and repeats itself."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from dlcore import models
from dlcore.architectures.vae import VAE as Architecture
from dlcore.generative.vae import PIXEL_DEVIATION, VAE, kl_divergence, reparameterise
from dlcore.problem import Problem
from dlcore.recipe import Recipe
from dlcore.training import train

pytestmark = pytest.mark.slow

TEN = tuple("0123456789")
SHAPES = [(8, 8, 1), (28, 28, 1), (32, 32, 3), (9, 9, 1), (16, 16, 3), (2,)]


def vae(shape=(8, 8, 1), seed=1, **fields) -> VAE:
    return Architecture(**({"width": 4} | fields)).build(Problem(shape, TEN), seed)


def examples(shape, n=6) -> np.ndarray:
    return np.random.default_rng(0).uniform(size=(n, *shape)).astype("float32")


def test_the_kl_term_is_what_drawing_gives():
    mean, log_variance = np.array([[0.7, -1.2]]), np.array([[-1.0, 0.4]])
    z = np.random.default_rng(1).normal(size=(400_000, 2)) * np.exp(log_variance / 2) + mean
    log_q = -0.5 * ((z - mean) ** 2 / np.exp(log_variance) + log_variance)
    log_p = -0.5 * z**2  # both without log 2π / 2
    drawn = (log_q - log_p).sum(axis=1).mean()
    assert kl_divergence(mean, log_variance).numpy()[0] == pytest.approx(drawn, abs=0.01)


@pytest.mark.parametrize(("likelihood", "law"), [("normal", stats.norm), ("laplace", stats.laplace)])
def test_the_reconstruction_is_the_likelihood_without_its_constant(likelihood, law):
    x, answer = examples((8, 8, 1)), examples((8, 8, 1))[::-1]
    likely = law(answer, PIXEL_DEVIATION)
    expected = (likely.logpdf(answer) - likely.logpdf(x)).sum(axis=(1, 2, 3))
    value = vae(likelihood=likelihood).negative_log_likelihood(x, answer).numpy()
    np.testing.assert_allclose(value, expected, rtol=1e-4)


def test_a_latent_distribution_like_the_prior_costs_nothing():
    assert kl_divergence(np.zeros((1, 3)), np.zeros((1, 3))).numpy() == pytest.approx(0)


def test_the_reparameterised_gradient_is_the_finite_difference():
    """Of the whole loss, towards both what the encoder gives, with the draw held fixed."""
    model = vae()
    x, noise = (examples((8, 8, 1), 2), np.random.default_rng(2).normal(size=(2, 2)).astype("float32"))

    def loss(mean, log_variance):
        z = reparameterise(mean, log_variance, noise)
        surprise = model.negative_log_likelihood(x, model.decode(z, None))
        return tf.reduce_sum(surprise + kl_divergence(mean, log_variance))

    given = [tf.Variable([[0.3, -0.5], [1.0, 0.2]]), tf.Variable([[-0.4, 0.1], [0.5, -1.0]])]
    with tf.GradientTape() as tape:
        value = loss(*given)
    gradients = tape.gradient(value, given)
    step = 1e-2
    for which, gradient in enumerate(gradients):
        for place in np.ndindex(2, 2):
            sides = []
            for sign in (1, -1):
                moved = [variable.numpy() for variable in given]
                moved[which][place] += sign * step
                sides.append(float(loss(*moved)))
            difference = (sides[0] - sides[1]) / (2 * step)
            assert gradient.numpy()[place] == pytest.approx(difference, rel=0.02, abs=0.1)


@pytest.mark.parametrize("form", ["convolutional", "dense"])
@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_and_ranges(shape, form, conditional):
    model = vae(shape, form=form, conditional=conditional, latent_dim=3)
    x = examples(shape)
    labels = np.arange(6, dtype="int32") if conditional else None
    mean, log_variance = model.encode(x, labels)
    assert mean.shape == log_variance.shape == (6, 3)
    assert model.latent_shape == (3,)
    made = model.sample(mean, labels)
    assert made.shape == x.shape and made.dtype == np.float32
    assert model.negative_elbo(x, labels).shape == (6,)
    if len(shape) == 3:
        assert made.min() >= 0 and made.max() <= 1


@pytest.mark.parametrize("form", ["convolutional", "dense"])
@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_description_counts_what_keras_counts(shape, form, conditional):
    architecture = Architecture(form=form, conditional=conditional, width=8)
    problem = Problem(shape, TEN)
    model = architecture.build(problem, 1)
    for name, part in architecture.parts(problem).items():
        built = getattr(model, name)
        assert sum(row.parameters for row in part.rows()) == built.count_params()
        assert part.rows()[-1].output_shape == built.output_shape[1:]
        assert part.input_shape == built.input_shape[1:]


def test_told_the_class_it_answers_by_it():
    model = vae(conditional=True)
    latents = np.zeros((2, 2), "float32")
    one, other = model.sample(latents, np.array([1, 7], "int32"))
    assert not np.allclose(one, other)


def test_guidance_goes_on_from_what_all_classes_share_past_the_class():
    model = vae((2,), conditional=True)
    latents, labels = np.ones((3, 2), "float32"), np.array([1, 4, 7], "int32")
    told = model.sample(latents, labels)
    plain = model.sample(latents, np.full((3, 10), 0.1, "float32"))
    assert not np.allclose(told, plain)
    np.testing.assert_allclose(model.sample(latents, labels, guidance=0), plain, atol=1e-5)
    further = model.sample(latents, labels, guidance=3)
    np.testing.assert_allclose(further - plain, 3 * (told - plain), atol=1e-5)
    images = vae(conditional=True).sample(latents, labels, guidance=20)
    assert images.min() >= 0 and images.max() <= 1


def recipe(**training) -> Recipe:
    return Recipe.parse(
        {
            "dataset": "digits",
            "architecture": {"kind": "vae", "width": 8},
            "training": {"epochs": 3} | training,
        }
    )


@pytest.fixture(scope="module")
def trained():
    chosen = recipe()
    return train(chosen, chosen.dataset.load(1))


def test_the_loss_falls_and_is_the_sum_of_its_terms(trained):
    history = trained.history
    assert history["val_loss"][-1] < 0.8 * history["val_loss"][0]
    for prefix in ("", "val_"):
        whole = np.array(history[f"{prefix}reconstruction"]) + np.array(history[f"{prefix}kl"])
        np.testing.assert_allclose(history[f"{prefix}loss"], whole, rtol=1e-4)


def test_the_same_seed_gives_the_same_weights_and_losses(trained):
    again = train(recipe(), recipe().dataset.load(1))
    assert again.history == trained.history
    other = recipe(seed=2).build()
    same = [
        np.array_equal(a, b) for a, b in zip(recipe().build().get_weights(), other.get_weights(), strict=True)
    ]
    assert not all(same)


def test_weights_go_through_a_file(trained):
    from safetensors.numpy import load

    other = recipe().build()
    models.set_weights(other, load(models.save(trained.model)))
    latents = np.random.default_rng(0).normal(size=(4, 2)).astype("float32")
    np.testing.assert_allclose(other.sample(latents), trained.model.sample(latents), atol=1e-6)


def test_what_it_has_not_seen_surprises_it_more(trained):
    digits = recipe().dataset.load(1).test.x[:100]
    noise = np.random.default_rng(0).uniform(size=digits.shape).astype("float32")
    negative_elbo = trained.model.negative_elbo
    assert np.median(negative_elbo(noise)) > np.max(negative_elbo(digits))
