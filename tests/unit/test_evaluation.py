"""Metrics of a classifier where there is little to count."""

from __future__ import annotations

import numpy as np

from dlcore.evaluation import confusion_matrix, evaluate

NAMES = ("ant", "bee", "cat", "dog")


def answers(seed: int, n: int, classes: int, never: int | None = None):
    """Random labels and probabilities; class ``never`` is predicted for no example."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n).astype("int32")
    scores = rng.gamma(1.0, size=(n, classes)) + 0.8 * np.eye(classes)[labels]
    if never is not None:
        scores[:, never] = 0.01 * scores.min(axis=1)
    return (scores / scores.sum(axis=1, keepdims=True)).astype("float32"), labels


def test_a_class_never_predicted_has_precision_zero_and_not_nan():
    probabilities, labels = answers(3, 400, 4, never=2)
    row = evaluate(probabilities, labels, NAMES)["classes"][2]
    assert row["support"] > 0
    assert (row["precision"], row["recall"], row["f1"]) == (0, 0, 0)


def test_a_class_that_does_not_occur_is_not_counted_in_the_means():
    labels = np.array([0, 1, 1], "int32")
    right = evaluate(np.eye(3, dtype="float32")[labels], labels, NAMES[:3])
    assert right["metrics"]["recall"] == right["metrics"]["precision"] == right["metrics"]["f1"] == 1


def test_certainty_gives_a_finite_loss_and_a_perfect_score():
    labels = np.array([0, 1, 1], "int32")
    right = evaluate(np.eye(2, dtype="float32")[labels], labels, NAMES[:2])
    wrong = evaluate(np.eye(2, dtype="float32")[1 - labels], labels, NAMES[:2])
    assert right["metrics"]["accuracy"] == 1 and right["metrics"]["loss"] < 1e-5
    assert wrong["metrics"]["accuracy"] == 0 and 10 < wrong["metrics"]["loss"] < 20


def test_rows_of_the_confusion_matrix_are_true_classes():
    matrix = confusion_matrix(np.array([0, 0, 1]), np.array([1, 1, 1]), 3)
    assert matrix.tolist() == [[0, 2, 0], [0, 1, 0], [0, 0, 0]]
