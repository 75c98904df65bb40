"""The studio is open: a lab drops a file for a network, one for its data and one for its task into a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

FILES = {
    "architectures/narrow.py": '''
"""A network of one narrow layer (our lab 2026)."""

from typing import ClassVar, Literal

from dlcore.architectures.base import Predictor
from dlcore.fields import number
from dlcore.layers import Dense


class Narrow(Predictor):
    """Squeezes every example through a few neurons."""

    title: ClassVar[str] = "Narrow"
    kind: Literal["narrow"] = "narrow"
    width: int = number(3, 1, 9, "Narrowness", "Neurons that everything has to pass.")

    def accepts(self, problem):
        return "" if len(problem.input_shape) == 1 else "a data set of tables"

    def hidden_layers(self, problem):
        return [Dense(units=self.width, activation="tanh")]
''',
    "datasets/ramps.py": '''
"""Ramps: two numbers and their sum, made by a formula."""

from typing import ClassVar, Literal

import numpy as np

from dlcore.datasets.base import Dataset
from dlcore.fields import number
from dlcore.parts import Part, Split
from dlcore.problem import Problem


class Ramps(Dataset):
    modality: ClassVar[str] = "tabular"
    task: ClassVar[str] = "median"
    usual_architecture: ClassVar[str] = "narrow"
    title: ClassVar[str] = "Ramps"
    description: ClassVar[str] = "Two numbers and their sum."
    licence: ClassVar[str] = "made by a formula"
    input_shape: ClassVar[tuple[int, ...]] = (2,)
    classes: ClassVar[tuple[str, ...]] = ()
    suggested_epochs: ClassVar[int] = 3

    name: Literal["ramps"] = "ramps"
    rows: int = number(120, 40, 400, "Rows", "How many there are.")

    @property
    def problem(self):
        return Problem(self.input_shape, target_shape=(1,), unit="m")

    @property
    def training_examples(self):
        return self.rows // 2

    def load(self, seed, report=None):
        x = np.random.default_rng(seed).normal(size=(self.rows, 2)).astype("float32")
        y, first, second = x.sum(axis=1), self.rows // 2, 3 * self.rows // 4
        return Split(Part(x[:first], y[:first]), Part(x[first:second], y[first:second]), Part(x[second:], y[second:]))

    def views(self, split):
        return [{"kind": "histogram", "title": "sum", "values": split.train.y.tolist()}]

    def code(self, seed):
        return (
            f"x = np.random.default_rng({seed}).normal(size=({self.rows}, 2))\\n"
            f"x_train, x_test = np.split(x, [{3 * self.rows // 4}])\\n"
            "y_train, y_test = x_train.sum(axis=1), x_test.sum(axis=1)\\n"
            "validation_split = 1 / 3"
        )
''',
    "tasks/median.py": '''
"""Median: a number that is as often too large as too small."""

from typing import ClassVar

import numpy as np

from dlcore.tasks.base import Task
from dlcore.tasks.metric import Metric


class Median(Task):
    name: ClassVar[str] = "median"
    title: ClassVar[str] = "Predict the median"
    help: ClassVar[str] = "Predict a number that is as often too large as too small."
    metrics = (Metric("mad", "Median error", "Half of all errors are smaller.", higher=False),)

    def compiled(self, problem):
        return {"loss": "mae"}

    def evaluate(self, model, recipe, split, **options):
        predicted = self.predict(model, split.test.x)[:, 0]
        views = [{"kind": "predicted", "true": split.test.y.tolist(), "predicted": predicted.tolist()}]
        return {"metrics": {"mad": float(np.median(np.abs(predicted - split.test.y)))}, "views": views}

    def examples(self, recipe, split):
        return {"true": split.validation.y.tolist()}

    def preview(self, model, recipe, split):
        predicted = self.predict(model, split.validation.x)[:, 0]
        return {"kind": "predicted", "predicted": predicted.tolist()}

    def code(self, recipe):
        return 'print(f"median error {np.median(np.abs(model.predict(x_test, verbose=0)[:, 0] - y_test)):.3g}")'
''',
}

VISIT = """
import os, sys
from streamlit.testing.v1 import AppTest
from dlcore.client import Client

Client.warm_up = lambda self: None  # no engine: the worker's part is played below

def opened(page, **query):
    app = AppTest.from_file(os.path.join(sys.argv[1], "app.py"), default_timeout=60).run()
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, app.exception
    return app

build = opened("build")
build.selectbox(key="build.dataset").set_value("ramps").run()
assert not build.exception and not build.error, build.error
assert build.session_state["build.task"] == "median" and build.session_state["build.kind"] == "narrow"
build.slider(key="build.narrow.width").set_value(5).run()
build.slider(key="build.dataset.ramps.rows").set_value(200).run()
recipe = build.session_state["build.last"]
assert (recipe.architecture.width, recipe.dataset.rows, recipe.training.epochs) == (5, 200, 3)
assert [metric.value for metric in build.metric if metric.label == "Parameters"] == [f"{2 * 5 + 5 + 5 + 1}"]
again = opened("build", recipe=recipe.link())
assert again.session_state["build.last"] == recipe

from dlcore import jobs
from dlcore.runs.store import open_store

assert "keras" in sys.modules
store = open_store()
run = store.create(recipe, "visitor")
assert jobs.train(run) == "finished", store.run(run).reason
train = opened("train", run=run)
(shown,) = [metric.value for metric in train.metric if metric.label == "Median error"]
assert shown == f"{store.run(run).result['metrics']['mad']:.4g} m"
home = opened("home")

# -- its code, without the studio
from dlcore.export.codegen import script
code = script(recipe)
for name in [name for name in sys.modules if name.partition(".")[0] in ("dlcore", "pages")]:
    sys.modules[name] = None
exec(compile(code, "script.py", "exec"), {"__name__": "__main__"})
"""


def test_three_files_in_a_folder_are_a_network_its_data_and_its_task(tmp_path: Path) -> None:
    for name, content in FILES.items():
        path = tmp_path / "lab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.lstrip())
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        [sys.executable, "-c", VISIT, str(ROOT)],
        cwd=tmp_path,
        env=plain | {"PYTHONPATH": str(ROOT), "DLCORE_EXTENSIONS": str(tmp_path / "lab")},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "median error" in ended.stdout
