"""Reconstruction: the example itself from what fits through a bottleneck; what fits badly is an anomaly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dlcore.evaluation import auc
from dlcore.previews import BATCH, IMAGES, pixels
from dlcore.problem import Problem
from dlcore.tasks.base import Task, View
from dlcore.tasks.metric import Metric
from dlcore.tasks.regression import rounded

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Dataset, Part, Split
    from dlcore.recipe import Recipe

SHOWN = 10
"""Images side by side with their reconstructions."""
POINTS = 1000
"""Examples drawn in the plane, or values over values."""
FITTED = 5000
"""Training examples that the principal components are computed from."""
EXACT = 1000
"""Values of an example up to which all its principal components are computed."""
NOISE = 0.5
"""Standard deviation of the noise that a network trained without noise is shown."""
USUAL = 0.95
"""The share of validation examples whose error is below the threshold."""


class Reconstruction(Task):
    """Its baseline is the best linear autoencoder: as many principal components as the bottleneck is wide."""

    name: ClassVar[str] = "reconstruction"
    title: ClassVar[str] = "Reconstruction"
    help: ClassVar[str] = "Reconstruct an example from its code in a narrow bottleneck."
    order: ClassVar[int] = 40
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "mse",
            "Mean squared error",
            "Between test examples and their reconstructions, over all values.",
            higher=False,
        ),
        Metric(
            "against_pca",
            "Error / PCA's",
            "Mean squared error divided by that of PCA with as many components: below 1 the network is better.",
            "{:.2f}",
            higher=False,
        ),
        Metric(
            "gain",
            "PSNR gain",
            "How much closer noisy test examples are to the clean ones after the network; 10 dB: a tenth of the error.",
            "{:.1f} dB",
        ),
        Metric(
            "auc",
            "Anomaly AUC",
            "Chance that an example of the left-out class has a larger error than another test example.",
            "{:.3f}",
        ),
    )
    preview_title: ClassVar[str] = "Reconstructions · validation data"
    itself: ClassVar[bool] = True
    augments: ClassVar[bool] = False
    image_job: ClassVar[str] = "reconstruct"

    def problem(self, dataset: Dataset) -> Problem:
        """The target is the example, in no unit."""
        return replace(dataset.problem, target_shape=dataset.input_shape, unit="")

    def compiled(self, problem: Problem) -> dict[str, Any]:
        return {"loss": "mse"}

    def taught(self, recipe: Recipe, part: Part) -> Part:
        """The examples without those of the left-out class."""
        left_out = recipe.architecture.left_out
        return part if left_out < 0 else part[part.y != left_out]

    def evaluate(self, model: keras.Model, recipe: Recipe, split: Split, **options: Any) -> dict[str, Any]:
        train, validation, usual = (
            self.taught(recipe, part) for part in (split.train, split.validation, split.test)
        )
        components = recipe.architecture.bottleneck
        pca = PCA(train[:FITTED].x, components)
        errors = self.errors(model, usual)
        mse, baseline = float(errors.mean()), float(_errors(pca, usual).mean())
        threshold = float(np.quantile(self.errors(model, validation), USUAL))
        metrics = {"mse": mse, "against_pca": mse / baseline, "threshold": threshold}
        view: View = {"kind": "anomalies", "usual": rounded(errors), "threshold": threshold}
        left_out = recipe.architecture.left_out
        if left_out >= 0:
            others = split.test[split.test.y == left_out]
            unusual = self.errors(model, others) if len(others) else np.zeros(0)
            metrics |= {"auc": auc(errors, unusual)} if len(unusual) else {}
            view |= {"anomalies": rounded(unusual), "left_out": recipe.dataset.classes[left_out]}
        noise = recipe.architecture.noise
        if noise:
            metrics["gain"] = self._gain(model, usual, noise, recipe.training.seed)
        return {
            "metrics": metrics,
            "baseline": {"title": f"PCA with {pca.components} components", "mse": baseline},
            "views": [
                *self._side_by_side(model, recipe, usual),
                view,
                self._plane(model, recipe, split.test),
            ],
        }

    def errors(self, model: keras.Model, part: Part) -> np.ndarray:
        """The mean squared error of each example."""
        return _errors(lambda x: self.predict(model, x), part)

    def _gain(self, model: keras.Model, part: Part, noise: float, seed: int) -> float:
        """Decibels between noisy examples, cut to what an image can hold where they are images, and denoised ones."""
        before = after = 0.0
        for start in range(0, len(part), BATCH):
            clean = part[start : start + BATCH].x.astype("float64")
            noisy = noised(clean.astype("float32"), noise, seed + start)
            before += float(((_visible(noisy) - clean) ** 2).sum())
            after += float(((self.predict(model, noisy) - clean) ** 2).sum())
        return 10 * float(np.log10(before / after))

    def _side_by_side(self, model: keras.Model, recipe: Recipe, part: Part) -> list[View]:
        if len(recipe.dataset.input_shape) != 3:
            x = part[:POINTS].x
            true, predicted = x.ravel()[:POINTS], self.predict(model, x).ravel()[:POINTS]
            return [{"kind": "predicted", "true": rounded(true), "predicted": rounded(predicted)}]
        x = part[:SHOWN].x
        noise = recipe.architecture.noise or NOISE
        noisy = noised(x, noise, recipe.training.seed)
        return [
            {
                "kind": "strips",
                "title": "Reconstruction",
                "strips": {"original": pixels(x), "reconstruction": pixels(self.predict(model, x))},
            },
            {
                "kind": "strips",
                "title": f"Denoising, noise {noise:g}",
                "strips": {
                    "with noise": pixels(_visible(noisy)),
                    "denoised": pixels(self.predict(model, noisy)),
                },
            },
        ]

    def _plane(self, model: keras.Model, recipe: Recipe, part: Part) -> View:
        """The codes of test examples in two numbers: as they are, or their first principal components."""
        part = part[:POINTS]
        codes = encode(model, part.x, recipe.architecture.code_layer)
        components = codes.shape[1] > 2
        if components:
            codes = PCA(codes, 2).codes(codes)
        classes = recipe.dataset.classes
        return {
            "kind": "bottleneck",
            "x": np.pad(codes, ((0, 0), (0, 2 - codes.shape[1]))).round(3).tolist(),
            "y": part.y.tolist() if classes else [0] * len(part),
            "classes": list(classes) or ["test examples"],
            "components": components,
        }

    def examples(self, recipe: Recipe, split: Split) -> dict[str, Any]:
        part = self.taught(recipe, split.validation)
        if len(recipe.dataset.input_shape) == 3:
            return {"x": pixels(part[: IMAGES // 2].kept)}
        return {"true": rounded(part[:POINTS].x.ravel()[:POINTS])}

    def preview(self, model: keras.Model, recipe: Recipe, split: Split) -> View:
        part = self.taught(recipe, split.validation)
        if len(recipe.dataset.input_shape) == 3:
            restored = self.predict(model, part[: IMAGES // 2].kept)
            return {"kind": "reconstructions", "x": pixels(restored)}
        restored = self.predict(model, part[:POINTS].kept)
        return {"kind": "predicted", "predicted": rounded(restored.ravel()[:POINTS])}

    def ways_on(self, recipe: Recipe) -> list[tuple[str, str, str]]:
        return [("Reconstruct a picture with it", page, icon) for _, page, icon in recipe.dataset.ways_on]

    def code_before(self, recipe: Recipe) -> str:
        left_out = recipe.architecture.left_out
        if left_out < 0:
            return ""
        return (
            f"usual = y_train != {left_out}  # the anomaly is not learned\n"
            "x_train, y_train = x_train[usual], y_train[usual]\n"
            f"x_anomaly, x_test = x_test[y_test == {left_out}], x_test[y_test != {left_out}]\n"
        )

    def code(self, recipe: Recipe) -> str:
        code = (
            "def error(x):\n"
            "    squares = (model.predict(x, verbose=0) - x) ** 2\n"
            "    return squares.reshape(len(x), -1).mean(axis=1)\n\n\n"
            'print(f"test mean squared error {error(x_test).mean():.4g}")\n'
        )
        if recipe.architecture.left_out >= 0:
            code += (
                "larger = error(x_anomaly)[:, None] > error(x_test)\n"
                'print(f"anomaly AUC {larger.mean():.3f}")\n'
            )
        if noise := recipe.architecture.noise:
            shown = "noisy.clip(0, 1)" if len(recipe.dataset.input_shape) == 3 else "noisy"
            code += (
                f"noisy = x_test + np.random.default_rng(0).normal(0, {noise:g}, x_test.shape)\n"
                "denoised = model.predict(noisy, verbose=0)\n"
                f"before, after = ({shown} - x_test) ** 2, (denoised - x_test) ** 2\n"
                "gain = 10 * np.log10(before.mean() / after.mean())\n"
                'print(f"PSNR gain {gain:.1f} dB")\n'
            )
        return code + 'model.save("model.keras")'


class PCA:
    """Principal components: the best linear way through a bottleneck (Pearson 1901). Called, it reconstructs."""

    def __init__(self, x: np.ndarray, components: int):
        flat = x.reshape(len(x), -1)
        if flat.shape[1] <= EXACT:
            flat = flat.astype("float64")
        self.mean = flat.mean(axis=0, dtype="float64")
        centred = flat - self.mean.astype(flat.dtype)
        plane = np.eye(flat.shape[1], dtype=flat.dtype)
        if flat.shape[1] > EXACT:
            plane = _subspace(centred, components + 10)
        within = centred @ plane
        _, vectors = np.linalg.eigh((within.T @ within).astype("float64"))
        self.basis = plane @ vectors[:, ::-1][:, :components]

    @property
    def components(self) -> int:
        return int(self.basis.shape[1])

    def codes(self, x: np.ndarray) -> np.ndarray:
        codes: np.ndarray = (x.reshape(len(x), -1) - self.mean) @ self.basis
        return codes

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return (self.codes(x) @ self.basis.T + self.mean).reshape(x.shape)


def _subspace(x: np.ndarray, size: int) -> np.ndarray:
    """A plane of ``size`` dimensions in which rows vary most, by power iterations (Halko et al. 2011)."""
    start = np.random.default_rng(0).standard_normal((x.shape[1], size), "float32").astype(x.dtype)
    plane = np.linalg.qr(start)[0]
    for _ in range(8):
        plane = np.linalg.qr(x.T @ (x @ plane))[0]
    return plane


def encode(model: keras.Model, x: np.ndarray, code_layer: str) -> np.ndarray:
    """The values of a layer of a chain for examples."""
    values: Any = x
    for layer in model.layers:
        values = layer(values, training=False)
        if layer.name == code_layer:
            break
    return np.asarray(values, "float32")


def noised(x: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """Examples with normal noise, the same for the same seed."""
    rng = np.random.default_rng(seed)
    return x + noise * rng.standard_normal(x.shape, "float32")


def _errors(reconstruct: Any, part: Part) -> np.ndarray:
    """The mean squared error of each example, in batches."""
    errors = []
    for start in range(0, len(part), BATCH):
        x = part[start : start + BATCH].x
        errors.append(((np.asarray(reconstruct(x), "float64") - x) ** 2).reshape(len(x), -1).mean(axis=1))
    return np.concatenate(errors)


def _visible(x: np.ndarray) -> np.ndarray:
    """Images cut to what they can hold; other examples as they are."""
    return x.clip(0, 1) if x.ndim == 4 else x
