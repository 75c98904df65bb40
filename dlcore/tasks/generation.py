"""Generation: examples like those a network has seen. VAEs, GANs and diffusion models do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dlcore.problem import Problem
from dlcore.tasks.base import Task, View
from dlcore.tasks.metric import Metric

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Split
    from dlcore.recipe import Recipe


class Generation(Task):
    """The models bring their losses and a ``train_step`` of their own: see :mod:`dlcore.generative`."""

    name: ClassVar[str] = "generation"
    title: ClassVar[str] = "Generation"
    help: ClassVar[str] = "Generate new examples like the training data."
    order: ClassVar[int] = 90
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "confident",
            "Confident samples",
            "Share of samples of which a shipped classifier is at least 90 % sure.",
            "{:.1%}",
        ),
        Metric("rarest", "Rarest class", "Share of the class that is generated least often.", "{:.1%}"),
        Metric(
            "frechet",
            "Fréchet distance",
            "How far the samples as a whole are from test pictures, as that classifier sees them. "
            "Lower is better.",
            higher=False,
        ),
        Metric(
            "novelty",
            "Novelty",
            "Distance to the nearest training picture: 1 as for real test pictures, 0 for copies.",
            "{:.2f}",
        ),
        Metric(
            "jensen_shannon",
            "Jensen-Shannon",
            "Divergence of samples and real points on a grid: 0 the same, 1 nothing in common.",
            "{:.3f}",
            higher=False,
        ),
        Metric("loss", "−ELBO", "Bound on how surprising test examples are to it, in nats.", higher=False),
    )
    results_title: ClassVar[str] = "Sample quality"
    preview_title: ClassVar[str] = "Samples, always of the same latent vectors"
    snapshots: ClassVar[bool] = True
    keeps_finite_weights: ClassVar[bool] = True
    code_title: ClassVar[str] = "New examples"
    generative: ClassVar[bool] = True
    augments: ClassVar[bool] = False
    thorough: ClassVar[dict[str, Any]] = {"count": 1000}

    def compiled(self, problem: Problem) -> dict[str, Any]:
        return {}

    def evaluate(self, model: keras.Model, recipe: Recipe, split: Split, **options: Any) -> dict[str, Any]:
        from dlcore.generative.measure import measured

        return measured(model, recipe, split, **options)

    def examples(self, recipe: Recipe, split: Split) -> dict[str, Any]:
        from dlcore.generative.preview import generative_examples

        return generative_examples(recipe, split.validation)

    def preview(self, model: keras.Model, recipe: Recipe, split: Split) -> View:
        from dlcore.generative.preview import generative_preview

        return generative_preview(model, recipe, split.validation)

    def views(self, recipe: Recipe, result: dict[str, Any]) -> list[View]:
        return [{"kind": "quality", **result["quality"]}]

    def ways_on(self, recipe: Recipe) -> list[tuple[str, str, str]]:
        return [("Make some with it", "generate", ":material/auto_awesome:")]

    def code(self, recipe: Recipe) -> str:
        """Sixteen images as a PNG file, or a thousand points as text."""
        sides = recipe.dataset.input_shape[:-1]
        count = 16 if sides else 1000
        labels = f"np.arange({count}) % {len(recipe.dataset.classes)}" if recipe.conditional else "None"
        code = (
            f"latents = np.random.default_rng(0).normal(size=({count}, *model.latent_shape))\n"
            f"samples = model.sample(latents, {labels})\n"
        )
        if sides:
            height, width, channels = recipe.dataset.input_shape
            code += (
                f"sheet = samples.reshape(4, 4, {height}, {width}, {channels}).swapaxes(1, 2)\n"
                f"sheet = sheet.reshape({4 * height}, {4 * width}, {channels})\n"
                'keras.utils.array_to_img(sheet).save("samples.png")\n'
            )
        else:
            code += 'np.savetxt("samples.csv", samples, delimiter=",")\n'
        return code + 'model.save_weights("model.weights.h5")'
