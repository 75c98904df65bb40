"""What every architecture owes once it is trained, on data of each shape and for each task; tiny, and eagerly.

Each case is trained once as a run of the app; what the tests look at is kept from that.
"""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np
import pytest
from contract_cases import DATA, FAMILIES, LARGEST, STEPS, TRAINED
from exported import run_alone
from streamlit.testing.v1 import AppTest

from dlcore import jobs, models
from dlcore.datasets import Dataset, Split
from dlcore.export.codegen import cells, script
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from dlcore.training import batches, train
from pages.parts.previews import KINDS
from pages.parts.views import RENDERERS

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def eagerly() -> Iterator[None]:
    """A network that takes two steps is not worth compiling."""
    whole = keras.Model.compile
    keras.Model.compile = lambda self, *given, **options: whole(
        self, *given, **options | {"run_eagerly": True}
    )
    yield
    keras.Model.compile = whole


@dataclass
class Done:
    """What a run of the app has left behind."""

    state: str = ""
    reason: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    examples: dict[str, Any] = field(default_factory=dict)
    preview: dict[str, Any] = field(default_factory=dict)
    began: list[np.ndarray] = field(default_factory=list)
    batch: tuple[np.ndarray, ...] = ()
    """The first one that it learned from."""
    first: dict[str, float] = field(default_factory=dict)
    """Loss and metrics of that batch."""
    unmoved: list[str] = field(default_factory=list)
    """Weights that are after an epoch what they were before."""
    model: Any = None
    answers: np.ndarray = field(default_factory=lambda: np.zeros(0))
    loaded: np.ndarray = field(default_factory=lambda: np.zeros(0))


class Watch(keras.callbacks.Callback):
    """Keeps the weights before and after, and the loss of the first batch."""

    def __init__(self, done: Done):
        super().__init__()
        self.done = done

    def on_train_begin(self, logs: Any = None) -> None:
        self.done.began = self.model.get_weights()
        self.before = [np.array(weight) for weight in self.model.trainable_weights]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if not self.done.first:
            self.done.first = {name: float(value) for name, value in logs.items()}

    def on_train_end(self, logs: Any = None) -> None:
        pairs = zip(self.model.trainable_weights, self.before, strict=True)
        self.done.unmoved = [weight.path for weight, old in pairs if (np.array(weight) == old).all()]


FEW = {"train": STEPS * LARGEST, "validation": 32, "test": 48}
"""Examples of each part that a network sees here; ``loaded`` has all of them."""


@functools.cache
def loaded(dataset: Dataset, seed: int) -> Split:
    return dataset.load(seed)


def few(dataset: Dataset, seed: int, report: Any = None) -> Split:
    split = loaded(dataset, seed)
    return replace(split, **{part: getattr(split, part)[:most] for part, most in FEW.items()})


def answers(recipe: Recipe, model: keras.Model) -> np.ndarray:
    """What a model says of the test part, or makes."""
    if recipe.generative:
        from dlcore.generative.draws import classes_in_turn, draw_latents

        return model.sample(
            draw_latents(model, 8, 0), classes_in_turn(recipe, 8), **recipe.architecture.quick
        )
    return recipe.task.predict(model, few(recipe.dataset, recipe.training.seed).test[:32].kept)


@functools.cache
def done(name: str) -> Done:
    """A case trained as the app trains it, in the home of the test that asks first."""
    recipe, store, kept = TRAINED[name], open_store(), Done()
    watch = Watch(kept)
    run = store.create(recipe, "contract")

    def recorded(*given: Any, **options: Any) -> Any:
        """The same batches; the first one that is learned from is kept."""
        if options["shuffle"] and not kept.batch:
            kept.batch = tuple(np.array(part) for part in next(iter(batches(*given, **options))))
        return batches(*given, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dlcore.training.batches", recorded)
        patch.setattr("dlcore.jobs.data", few)
        kept.state = jobs.train(run, [watch])
    kept.reason = store.run(run).reason
    if kept.state == State.FINISHED:
        kept.result = json.loads(json.dumps(store.run(run).result))
        kept.errors = store.artifacts.read_json(f"{run}/errors.json")
        kept.epochs = store.metrics(run, "epoch")
        kept.examples = store.artifacts.read_json(f"{run}/examples.json")
        kept.preview = store.artifacts.read_json(f"{run}/previews/0001.json")
        kept.model = watch.model
        kept.answers = answers(recipe, watch.model)
        kept.loaded = answers(recipe, models.load(store, models.find(store, run)))
    return kept


@pytest.fixture(params=TRAINED)
def case(request: pytest.FixtureRequest) -> tuple[Recipe, Done]:
    kept = done(request.param)
    assert kept.state == State.FINISHED, kept.reason
    return TRAINED[request.param], kept


def test_one_epoch_ends_with_the_metrics_of_its_task(case: tuple[Recipe, Done]) -> None:
    recipe, kept = case
    keys = {metric.key for metric in recipe.task.metrics}
    assert kept.result["metrics"].keys() & keys
    assert all(np.isfinite(value) for value in kept.result["metrics"].values())
    (epoch,) = kept.epochs
    charts = recipe.architecture.curves or recipe.task.curves
    assert {name for chart in charts for name in chart} <= epoch.keys()
    assert recipe.task.summary(kept.result["metrics"], recipe.problem.unit)


def test_what_it_describes_is_what_keras_builds(case: tuple[Recipe, Done]) -> None:
    recipe, kept = case
    model = kept.model
    described = [part.describe() for part in recipe.parts.values()]
    if len(described) == 1 and not recipe.architecture.sources:
        built = {layer.name: (list(layer.output.shape[1:]), layer.count_params()) for layer in model.layers}
        rows = {row["name"]: (row["output_shape"], row["parameters"]) for row in described[0]["layers"]}
        assert {name: built[name] for name in rows} == rows
    learning = getattr(model, "network", model)  # diffusion keeps averaged weights beside it
    assert sum(part["parameters"] for part in described) == sum(w.size for w in learning.get_weights())


def test_gradients_reach_every_weight(case: tuple[Recipe, Done]) -> None:
    assert not case[1].unmoved


def test_its_preview_is_drawn(case: tuple[Recipe, Done]) -> None:
    recipe, kept = case
    kind = KINDS[kept.preview["kind"]]
    assert kind.make(kept.preview, kept.examples, recipe.dataset.classes)


def test_a_model_that_is_loaded_answers_the_same(case: tuple[Recipe, Done]) -> None:
    kept = case[1]
    assert len(kept.answers) and np.isfinite(kept.answers).all()
    assert kept.loaded == pytest.approx(kept.answers, abs=1e-6)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_same_seed_gives_the_same_loss(name: str) -> None:
    recipe, kept = FAMILIES[name], done(name)
    again = train(recipe, few(recipe.dataset, recipe.training.seed)).history
    for name, (value,) in again.items():
        if name in kept.epochs[0]:
            assert value == pytest.approx(kept.epochs[0][name], rel=1e-5), name


# -- results on the page -------------------------------------------------------------------------------


def draw_results(results: list) -> None:  # Streamlit runs its source alone
    from dlcore.recipe import Recipe
    from pages.parts.train.run_results import metrics
    from pages.parts.views import show_all

    for i, (data, result, errors) in enumerate(results):
        recipe = Recipe.stored(data)
        metrics(recipe, result)
        show_all([*recipe.task.views(recipe, result), *errors], f"{i}", f"{i}")


def test_the_views_of_every_result_are_drawn() -> None:
    results = []
    for name, recipe in TRAINED.items():
        views = recipe.task.views(recipe, done(name).result)
        errors = done(name).errors
        assert views and {view["kind"] for view in [*views, *errors]} <= RENDERERS.keys(), name
        results.append((recipe.model_dump(mode="json"), done(name).result, errors))
    app = AppTest.from_function(draw_results, args=(results,), default_timeout=120).run()
    assert not app.exception, app.exception
    assert len(app.metric) >= len(results)


# -- exported code -------------------------------------------------------------------------------------

RUNNER = """
import json, sys
import keras
import numpy as np

FEW = 16
fit, whole = keras.Model.fit, keras.Model.compile
evaluate, predict = keras.Model.evaluate, keras.Model.predict
keras.Model.compile = lambda self, *given, **options: whole(self, *given, **options | {"run_eagerly": True})

def fit_first_batch(self, *arguments, **options):
    '''The script's own fit, of the app's weights and first batch; the loss is that of before it has learned.'''
    with np.load(f"{name}.npz") as kept:
        self.set_weights([kept[f"weight{i}"] for i in range(len(self.get_weights()))])
        batch = [kept[f"part{i}"] for i in range(2)]
    here = {"batch_size": len(batch[0]), "epochs": 1, "shuffle": False, "validation_split": 0}
    here["validation_data"] = tuple(array[-FEW:] for array in arguments)
    history = fit(self, *batch, **options | here)
    first[name] = {key: float(value[0]) for key, value in history.history.items()}
    return history

def of_few(self, x, **options):
    '''What it says of the first examples, again and again.'''
    found = predict(self, x[:FEW], **options)
    return np.resize(found, (len(x), *found.shape[1:]))

keras.Model.fit, keras.Model.predict = fit_first_batch, of_few
keras.Model.evaluate = lambda self, *given, **options: evaluate(self, *(array[:FEW] for array in given), **options)
first = {}
for name, code in json.load(sys.stdin).items():
    names = {"__name__": "__main__"}
    exec(compile(code, name, "exec"), names)
    learned = len(names["x_train"]) * (1 - names["validation_split"])
    first.setdefault(name, {}).update(learned=learned, shape=names["x_train"].shape[1:])
json.dump(first, open("first.json", "w"))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Loss and metrics of the app's first batch, as each script has them: all in one process, without dlcore.

    Of a data set whose usual architecture has run on another one, the lines that load it are run.
    """
    folder = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_HOME", str(folder / "studio"))
        kept = {name: done(name) for name in FAMILIES}
    for name, case in kept.items():
        arrays = {f"weight{i}": weight for i, weight in enumerate(case.began)}
        np.savez(folder / f"{name}.npz", **arrays, **{f"part{i}": part for i, part in enumerate(case.batch)})
        for file, path in TRAINED[name].architecture.files.items():
            shutil.copy(path, folder / file)
    loading = {name: "\n".join(code for _, code in cells(recipe)[:2]) for name, recipe in DATA.items()}
    run_alone(RUNNER, {name: script(recipe) for name, recipe in FAMILIES.items()} | loading, folder)
    found: dict[str, dict[str, Any]] = json.loads((folder / "first.json").read_text())
    return found


@pytest.mark.parametrize("name", TRAINED)
def test_its_code_loads_the_same_examples(exported: dict[str, dict[str, Any]], name: str) -> None:
    recipe = TRAINED[name]
    train = recipe.task.taught(recipe, loaded(recipe.dataset, recipe.training.seed).train)
    assert exported[name]["learned"] == pytest.approx(len(train), abs=1.01)
    assert exported[name]["shape"] == list(recipe.problem.input_shape)


@pytest.mark.parametrize("name", FAMILIES)
def test_its_code_has_the_same_first_loss(exported: dict[str, dict[str, Any]], name: str) -> None:
    theirs, ours = exported[name], done(name).first
    assert theirs.keys() & ours.keys()
    for key in theirs.keys() & ours.keys():
        assert theirs[key] == pytest.approx(ours[key], rel=1e-5, abs=1e-5), key
