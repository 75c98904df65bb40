"""Diffusion: the noise schedules and samplers against their formulas, and the network that learns."""

import numpy as np
import pytest

from dlcore.architectures.diffusion import Diffusion
from dlcore.generative.diffusion import Diffusion as Model
from dlcore.generative.noise_schedule import (
    alpha_bars,
    ddim_step,
    ddpm_step,
    denoise,
    noised,
    predicted_clean,
    times,
)
from dlcore.models import save, set_weights, weights_of
from dlcore.problem import Problem
from dlcore.recipe import Training
from dlcore.training import batches, optimizer

pytestmark = pytest.mark.slow

DIGITS = Problem((8, 8, 1), tuple("0123456789"))
POINTS = Problem((2,), ("orange", "blue"))


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# The schedules


def test_the_linear_schedule_is_that_of_ho_et_al():
    betas = [0.0001 + (0.02 - 0.0001) * t / 999 for t in range(1000)]
    expected = np.exp(np.cumsum([np.log1p(-beta) for beta in betas]))
    assert np.allclose(alpha_bars("linear", 1000), expected)


def test_the_cosine_schedule_is_that_of_nichol_and_dhariwal():
    found, steps, s = alpha_bars("cosine", 200), 200, 0.008

    def f(t):
        return np.cos((t / steps + s) / (1 + s) * np.pi / 2) ** 2

    # Equation 17; its t counts from 1. The last β alone would exceed 0.999 and is cut.
    assert np.allclose(found[:-1], [f(t) / f(0) for t in range(1, steps)])
    assert 1 - found[-1] / found[-2] == pytest.approx(0.999)


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
@pytest.mark.parametrize("steps", [50, 200, 1000])
def test_every_schedule_falls_from_the_example_to_noise(schedule, steps):
    bars = alpha_bars(schedule, steps)
    assert bars.shape == (steps,) and (np.diff(bars) < 0).all() and (bars > 0).all()
    assert bars[0] > 0.99 and bars[-1] < 0.001


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_adding_noise_step_by_step_gives_the_moments_of_the_formula(schedule):
    bars, rng = alpha_bars(schedule, 100), np.random.default_rng(3)
    start, n = 0.7, 200_000
    x, before = np.full(n, start), 1.0
    for t in range(60):
        alpha = bars[t] / before
        x = np.sqrt(alpha) * x + np.sqrt(1 - alpha) * rng.normal(size=n)
        before = bars[t]
    at_once = noised(np.full(n, start), bars[59], rng.normal(size=n))
    for found in (x, at_once):
        assert found.mean() == pytest.approx(np.sqrt(bars[59]) * start, abs=0.01)
        assert found.var() == pytest.approx(1 - bars[59], rel=0.02)


def test_who_knows_the_noise_knows_the_example():
    clean, noise = normal((5, 3)), normal((5, 3), 1)
    assert np.allclose(predicted_clean(noised(clean, 0.3, noise), 0.3, noise), clean)


def test_times_go_from_the_noisiest_to_the_first():
    assert times(200, 5) == [199, 149, 100, 50, 0]
    assert times(50, 80) == list(range(49, -1, -1))


# The samplers, on a normal distribution whose best guess of the noise is known

MEAN, DEVIATION = 0.4, 0.3


def known_noise(bars):
    """The mean of the noise in x_t for x_0 ~ N(MEAN, DEVIATION²), from the score of x_t's distribution."""

    def noise_in(x, t):
        variance = bars[t] * DEVIATION**2 + 1 - bars[t]
        score = -(x - np.sqrt(bars[t]) * MEAN) / variance
        return -np.sqrt(1 - bars[t]) * score

    return noise_in


def sampled(steps, total=1000, n=100_000, **how):
    rng = np.random.default_rng(5)
    bars = alpha_bars("linear", total)
    return denoise(
        known_noise(bars), rng.normal(size=n), bars, steps=steps, fresh=lambda: rng.normal(size=n), **how
    )


@pytest.mark.parametrize(
    "how", [{"sampler": "ddpm"}, {"sampler": "ddim", "eta": 1.0}, {"sampler": "ddim", "eta": 0.0}]
)
def test_with_the_true_score_samplers_give_back_the_distribution(how):
    # All the steps: the variance of fewer, wider steps back is a little too small.
    samples = sampled(1000, n=20_000, **how)
    assert samples.mean() == pytest.approx(MEAN, abs=0.01)
    assert samples.std() == pytest.approx(DEVIATION, rel=0.04)


def test_ddim_with_eta_one_has_the_distribution_of_ddpm():
    from scipy.stats import ks_2samp

    n = 20_000
    ddpm = sampled(40, n=n, sampler="ddpm")
    ddim = sampled(40, n=n, sampler="ddim", eta=1.0)
    # The same numbers even, step by step: equation 16 of Song et al. makes the two one formula.
    assert np.allclose(ddpm, ddim)
    other = np.random.default_rng(8)
    bars = alpha_bars("linear", 1000)
    fresh = denoise(
        known_noise(bars),
        other.normal(size=n),
        bars,
        steps=40,
        sampler="ddim",
        eta=1.0,
        fresh=lambda: other.normal(size=n),
    )
    assert ks_2samp(ddpm, fresh).pvalue > 0.001
    assert ks_2samp(ddpm, fresh + 0.05).pvalue < 0.001  # and the test would see a difference


def test_without_eta_a_step_needs_no_chance():
    x, clean = normal(4), normal(4, 1)
    assert np.array_equal(
        ddim_step(x, clean, 0.2, 0.5, 0.0, np.zeros(4)), ddim_step(x, clean, 0.2, 0.5, 0.0, normal(4, 2))
    )
    assert not np.allclose(
        ddpm_step(x, clean, 0.2, 0.5, np.zeros(4)), ddpm_step(x, clean, 0.2, 0.5, normal(4, 2))
    )


# The network


def model_of(problem=DIGITS, seed=1, **fields):
    return Model(Diffusion(**({"width": 4} | fields)), problem, seed)


def trained(model, epochs=1, problem=DIGITS):
    from dlcore.datasets.base import Part

    rng = np.random.default_rng(0)
    y = (np.arange(128) % len(problem.classes)).astype("int32")
    x = rng.uniform(size=(128, *problem.input_shape)).astype("float32")
    settings = Training(epochs=epochs, batch_size=32, learning_rate=0.003)
    model.compile(optimizer=optimizer(settings))
    data = batches(Part(x, y), settings, shuffle=True)
    watch = batches(Part(x, y), settings, shuffle=False)
    return model.fit(data, validation_data=watch, epochs=epochs, verbose=0, shuffle=False).history


@pytest.mark.parametrize("shape", [(2,), (8, 8, 1), (28, 28, 1), (32, 32, 3), (25, 25, 1), (20, 24, 3)])
@pytest.mark.parametrize("conditional", [False, True])
def test_the_description_counts_the_parameters_of_the_network(shape, conditional):
    problem = Problem(shape, ("a", "b", "c"))
    architecture = Diffusion(width=8, conditional=conditional)
    part = architecture.parts(problem)["U-Net"]
    model = architecture.build(problem, 1)
    assert part.describe()["parameters"] == model.network.count_params() == model.count_params()
    assert part.rows()[-1].output_shape == shape
    latents = normal((3, *shape)).astype("float32")
    labels = np.array([0, 1, 2], "int32") if conditional else None
    samples = model.sample(latents, labels, steps=2)
    assert samples.shape == latents.shape and samples.dtype == np.float32
    assert len(shape) == 1 or (samples.min() >= 0 and samples.max() <= 1)


def test_the_same_seed_gives_the_same_losses_and_images_and_another_one_others():
    latents, labels = normal((4, 8, 8, 1)), np.arange(4)
    results = []
    for seed in (1, 1, 2):
        np.random.rand()  # what else the process draws does not matter
        model = model_of(seed=seed)
        losses = trained(model)["loss"]
        results.append((losses, model.sample(latents, labels, steps=3, sampler="ddpm", seed=9)))
    assert results[0][0] == results[1][0] != results[2][0]
    assert np.array_equal(results[0][1], results[1][1])


def test_an_image_does_not_depend_on_how_many_are_drawn():
    model, latents = model_of(conditional=False), normal((3, 8, 8, 1))
    how = {"steps": 4, "sampler": "ddpm", "seed": 2}
    assert np.allclose(model.sample(latents, **how)[:1], model.sample(latents[:1], **how), atol=1e-4)


def test_it_learns_the_noise_and_keeps_the_mean_of_its_weights():
    model = model_of(width=8)
    history = trained(model, epochs=6)
    assert history["val_loss"][-1] < 0.8 * history["val_loss"][0]
    first, mean = model.network.weights[0].numpy(), model.mean_network.weights[0].numpy()
    assert not np.array_equal(first, mean) and np.allclose(first, mean, atol=0.05)
    assert set(weights_of(model)) == {
        "unet/" + weight.path.split("unet/")[1] for weight in model.mean_network.weights
    }


def test_saved_weights_give_the_same_images():
    from safetensors.numpy import load

    model = model_of()
    trained(model)
    other = model_of(seed=5)
    set_weights(other, load(save(model)))
    latents, labels = normal((2, 8, 8, 1)), np.array([3, 7])
    assert np.array_equal(model.sample(latents, labels, steps=3), other.sample(latents, labels, steps=3))


def test_guidance_one_is_none_and_guidance_zero_ignores_the_class():
    model = model_of()
    trained(model)
    x, labels = normal((3, 8, 8, 1)), np.array([1, 2, 3])
    plain, conditional = model.noise_in(x, 100), model.noise_in(x, 100, labels)
    assert not np.allclose(plain, conditional, atol=1e-5)
    assert np.allclose(model.noise_in(x, 100, labels, guidance=0), plain, atol=1e-5)
    assert np.allclose(model.noise_in(x, 100, labels, guidance=1.000001), conditional, atol=1e-4)
    further = model.noise_in(x, 100, labels, guidance=3)
    assert np.allclose(further - plain, 3 * (conditional - plain), atol=1e-5)


def test_every_step_is_reported_in_the_datas_own_units():
    model, reported = model_of(), []
    model.sample(normal((2, 8, 8, 1)), np.array([0, 1]), steps=5, on_step=lambda *step: reported.append(step))
    assert [(index, t) for index, t, _, _ in reported] == list(enumerate(times(200, 5)))
    for _, _, noisy, clean in reported:
        assert noisy.shape == clean.shape == (2, 8, 8, 1)
        assert noisy.min() >= 0 and noisy.max() <= 1 and clean.min() >= 0 and clean.max() <= 1


def test_points_learn_too():
    history = trained(model_of(POINTS), epochs=3, problem=POINTS)
    assert history["loss"][-1] < history["loss"][0]
