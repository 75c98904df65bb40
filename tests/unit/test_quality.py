"""The quality numbers are the formulas they name, and rank real examples above noise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from dlcore import models
from dlcore.datasets import DATASETS
from dlcore.generative import evaluator
from dlcore.generative.quality import Classified, confident, coverage, frechet, jensen_shannon, report


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def shaped(mean: np.ndarray, covariance: np.ndarray, count: int, seed: int = 1) -> np.ndarray:
    """Points whose sample mean and sample covariance are exactly these."""
    raw = rng(seed).normal(size=(count, len(mean)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(raw.T)))).T
    return white @ np.linalg.cholesky(covariance).T + mean


def covariance(width: int, seed: int) -> np.ndarray:
    root = rng(seed).normal(size=(width, width))
    return root @ root.T / width + 0.1 * np.eye(width)


# -- the Fréchet distance -------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 5, 20])
def test_frechet_is_the_closed_form_for_gaussians(width):
    a, b = covariance(width, 2), covariance(width, 3)
    mean = rng(4).normal(size=width)
    value = frechet(shaped(np.zeros(width), a, 200, 5), shaped(mean, b, 300, 6))
    wanted = mean @ mean + np.trace(a + b - 2 * sqrtm(a @ b).real)
    assert value == pytest.approx(wanted, rel=1e-8)


def test_frechet_in_one_dimension_is_the_difference_of_means_and_of_spreads():
    a, b = shaped(np.zeros(1), np.eye(1), 100), shaped(np.full(1, 3.0), 4 * np.eye(1), 50)
    assert frechet(a, b) == pytest.approx(3**2 + (2 - 1) ** 2)


def test_frechet_of_a_set_with_itself_is_zero_and_it_is_symmetric():
    a, b = rng(1).normal(size=(80, 30)), 2 + rng(2).normal(size=(60, 30))
    assert frechet(a, a) == pytest.approx(0, abs=1e-9)
    assert frechet(a, b) == pytest.approx(frechet(b, a))


def test_frechet_stands_singular_covariances():
    """Fewer examples than features, features that are always 0 and features that repeat each other."""
    few = rng(1).normal(size=(10, 64))
    few[:, 5] = 0
    few[:, 6] = few[:, 7]
    assert frechet(few, few) == pytest.approx(0, abs=1e-9)
    assert frechet(few, few + 1) == pytest.approx(64)
    assert np.isfinite(frechet(few, np.zeros((5, 64))))


def test_frechet_needs_two_examples():
    with pytest.raises(ValueError, match="expected at least 2 examples"):
        frechet(np.zeros((1, 3)), np.zeros((5, 3)))


# -- what the evaluator predicts -------------------------------------------------------------------------


def test_confident_counts_those_at_or_above_the_bar():
    chances = np.array([[0.9, 0.1], [0.5, 0.5], [0.05, 0.95], [0.89, 0.11]])
    assert confident(chances) == 0.5
    assert confident(chances, 0.5) == 1


def test_coverage_has_a_share_for_every_class_also_for_those_never_called():
    chances = np.eye(4)[[0, 0, 1, 3]]
    assert coverage(chances).tolist() == [0.5, 0.25, 0, 0.25]


# -- points on a grid -----------------------------------------------------------------------------


def test_jensen_shannon_of_a_cloud_with_itself_is_zero_and_of_disjoint_ones_one_bit():
    cloud = rng().uniform(-3, -0.1, size=(500, 2))
    assert jensen_shannon(cloud, cloud) == 0
    assert jensen_shannon(cloud, -cloud) == pytest.approx(1)


def test_jensen_shannon_is_lins_formula():
    """Two cells, hit 3:1 and 1:3 times: the entropy of the mean less the mean of the entropies."""
    left, right = [-1.1, 0.2], [1.1, 0.2]
    p, q = np.array([left, left, left, right]), np.array([left, right, right, right])
    entropy = -(0.25 * np.log2(0.25) + 0.75 * np.log2(0.75))
    assert jensen_shannon(p, q) == pytest.approx(1 - entropy)
    assert jensen_shannon(p, q) == jensen_shannon(q, p)


def test_jensen_shannon_counts_what_lies_outside_the_grid_at_its_rim():
    far = np.array([[100.0, -100.0]])
    assert jensen_shannon(far, np.array([[3.9, -3.9]])) == 0
    assert jensen_shannon(far, np.array([[-3.9, 3.9]])) == 1


@pytest.mark.parametrize("kind", [kind for kind in DATASETS.values() if kind.modality == "points"])
def test_jensen_shannon_tells_other_shapes_from_another_sample_of_the_same(kind):
    dataset = kind()
    one, other = (dataset.draw(2000, rng(seed)).x for seed in (1, 2))
    assert jensen_shannon(one, other) < 0.04
    assert jensen_shannon(one, other * [1, 0.8] + 0.2) > 0.1
    # XOR fills its four squares evenly, so even noise is hardly different there
    evenly = rng().uniform(-3, 3, size=(2000, 2))
    assert jensen_shannon(one, evenly) > (0.045 if dataset.name == "xor" else 0.1)


def test_points_are_evaluated_beside_real_ones_and_noise():
    dataset = DATASETS["ring"]()
    test = dataset.draw(6000, rng(1)).x
    found = evaluator.evaluate_points(dataset.draw(2000, rng(2)).x, test)
    assert list(found) == ["samples", "real", "noise"]
    assert {row["count"] for row in found.values()} == {2000}
    assert max(found["samples"]["jensen_shannon"], found["real"]["jensen_shannon"]) < 0.04
    assert found["noise"]["jensen_shannon"] > 0.5


# -- the evaluators -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    """(the evaluator of the small digits, their test images)"""
    split = DATASETS["digits"](test_share=0.4, validation_share=0.05).load(3)
    return models.load(None, evaluator.evaluator_of("digits")), split.test.x


def test_every_evaluator_is_shipped_and_knows_the_images_it_evaluates():
    for dataset, name in evaluator.EVALUATORS.items():
        info = evaluator.evaluator_of(dataset)
        assert info.name == name and info.recipe.dataset.name == dataset
    assert evaluator.evaluator_of("cifar10") is None
    assert evaluator.evaluator_of("spiral") is None


def test_features_are_what_the_answer_is_made_from(digits):
    model, test = digits
    seen = evaluator.classified(model, test[:50], batch_size=16)
    assert seen.probabilities == pytest.approx(np.asarray(model(test[:50])), abs=1e-5)
    kernel, bias = (np.asarray(weight) for weight in model.layers[-1].weights)
    logits = seen.features @ kernel + bias
    assert (logits.argmax(axis=1) == seen.probabilities.argmax(axis=1)).all()
    assert evaluator.features(model, test[:50]) == pytest.approx(seen.features, abs=1e-5)


def test_images_of_whole_numbers_are_classified_like_those_in_zero_to_one(digits):
    model, test = digits
    whole = (255 * test[:20]).round().astype("uint8")
    same = evaluator.classified(model, whole / np.float32(255)).features
    assert evaluator.classified(model, whole).features == pytest.approx(same, abs=1e-5)


def test_the_verdict_ranks_real_images_first_then_spoilt_ones_then_noise(digits):
    model, test = digits
    spoilt = np.clip(test[:300] + 0.3 * rng().normal(size=(300, 8, 8, 1)), 0, 1)
    found = evaluator.evaluate(model, spoilt.astype("float32"), test[300:])
    real, samples, noise = found["real"], found["samples"], found["noise"]
    assert real["frechet"] < samples["frechet"] < noise["frechet"]
    assert real["confident"] > samples["confident"]
    assert real["confident"] > 0.9 and real["rarest"] > 0.04
    assert sum(real["coverage"]) == pytest.approx(1, abs=1e-3)


def test_the_verdict_depends_on_nothing_but_its_arguments(digits):
    model, test = digits
    assert evaluator.evaluate(model, test[:100], test) == evaluator.evaluate(model, test[:100], test)
    other = evaluator.evaluate(model, test[:100], test, seed=1)
    assert other["real"] != evaluator.evaluate(model, test[:100], test)["real"]


def test_frechet_numbers_of_a_report_are_taken_from_equally_many_images():
    def made(count: int) -> Classified:
        return Classified(np.eye(2)[np.arange(count) % 2], rng(7).normal(size=(400, 8))[:count])

    found = report(made(400), made(50), made(60), rng(9).normal(size=(100, 8)))
    assert found["samples"]["frechet"] == found["real"]["frechet"] == found["noise"]["frechet"]
    assert [row["count"] for row in found.values()] == [400, 50, 60]
