"""What every architecture, data set and task owes before anything is trained; Keras is not needed for it."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from contract_cases import ALL
from streamlit.testing.v1 import AppTest

from dlcore.advice import advice
from dlcore.architectures import ARCHITECTURES
from dlcore.charts.diagram import diagram
from dlcore.datasets import DATASETS
from dlcore.export.codegen import notebook, script
from dlcore.recipe import Recipe
from dlcore.tasks import TASKS
from pages.parts.views import RENDERERS

DOCS = (Path(__file__).parents[2] / "docs" / "build.md").read_text()


@pytest.fixture(params=ALL)
def case(request: pytest.FixtureRequest) -> Recipe:
    return ALL[request.param]


def test_its_link_and_its_json_are_the_same_recipe(case: Recipe) -> None:
    assert Recipe.from_link(case.link()) == case
    assert Recipe.parse(json.loads(case.model_dump_json())) == case
    assert case.task.name in TASKS


def test_its_networks_are_drawn_and_counted(case: Recipe) -> None:
    described = case.describe()
    assert described["parameters"] == sum(row["parameters"] for row in described["layers"]) > 0
    assert described["flops"] > 0 and described["memory"]["weights"] == 4 * described["parameters"]
    assert case.parts
    for part in case.parts.values():
        drawing = ElementTree.fromstring(diagram(part))
        assert drawing.tag.endswith("svg") and len([*drawing.iter()]) > len(part.rows())
    assert all(isinstance(line, str) and line for line in advice(case))


def test_its_code_is_sound(case: Recipe) -> None:
    tree = ast.parse(script(case))
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert "keras" in imported and not any(name.startswith("dlcore") for name in imported)
    assert json.loads(notebook(case))["nbformat"] == 4


# -- forms ---------------------------------------------------------------------------------------------

FORMS = {**ARCHITECTURES, **DATASETS}


def draw_forms() -> None:
    import streamlit as st

    from dlcore.architectures import ARCHITECTURES
    from dlcore.datasets import DATASETS
    from pages.parts.form import form

    for name, kind in {**ARCHITECTURES, **DATASETS}.items():
        leave_out = ("layers",) if getattr(kind, "stacked", False) else ()
        st.session_state[f"form of {name}"] = form(kind, name, leave_out=leave_out)


@pytest.fixture(scope="module")
def drawn() -> AppTest:
    app = AppTest.from_function(draw_forms, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize("name", FORMS)
def test_its_fields_make_a_form_that_says_the_usual_values(drawn: AppTest, name: str) -> None:
    assert FORMS[name].model_validate(drawn.session_state[f"form of {name}"]) == FORMS[name]()


@pytest.mark.parametrize("name", FORMS)
def test_every_field_of_its_form_has_a_title_and_a_help(name: str) -> None:
    for key, field in FORMS[name].model_fields.items():
        if field.title:
            assert field.description, key


# -- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_an_architecture_explains_itself(kind: str) -> None:
    family = ARCHITECTURES[kind]
    assert family.title and (family.__doc__ or "").splitlines()[0].endswith(".")
    assert len(family.explanation.split()) <= 30
    assert not family.picture() or ElementTree.fromstring(family.picture()).get("aria-label")
    assert not family.task or family.task in TASKS
    assert any(case.architecture.kind == kind for case in ALL.values()), "no data set suits it"


@pytest.mark.parametrize("name", DATASETS)
def test_a_data_set_explains_itself(name: str) -> None:
    kind = DATASETS[name]
    assert kind.title and kind.description and kind.licence and kind.modality
    assert kind().task in TASKS and kind.usual_architecture in ARCHITECTURES
    assert not kind().missing or kind.source == "none" or (kind.editor and all(kind().to_do)), (
        "how is it to be got?"
    )
    assert kind().missing or any(case.dataset.name == name for case in ALL.values()), "no network suits it"


@pytest.mark.parametrize("name", TASKS)
def test_a_task_explains_itself(name: str) -> None:
    task = TASKS[name]
    assert task.title and task.help and task.metrics
    keys = [metric.key for metric in task.metrics]
    assert len({*keys}) == len(keys)
    for metric in task.metrics:
        assert metric.title and metric.help and len(metric.help.split()) <= 25
        assert metric.text(0.5)


@pytest.mark.parametrize(
    "title", [kind.title for kind in FORMS.values()] + [task.title for task in TASKS.values()]
)
def test_it_has_a_row_in_the_documentation(title: str) -> None:
    assert re.search(rf"^\| \*?{re.escape(title)}\*? \|", DOCS, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name, kind in DATASETS.items() if kind.source == "embedded"])
def test_its_data_are_shown_and_split_the_same_way_each_time(name: str) -> None:
    dataset = DATASETS[name]()
    first, second = dataset.load(3), dataset.load(3)
    for part in ("train", "validation", "test"):
        x, y = getattr(first, part).kept, getattr(first, part).y
        assert len(x) == len(y) > 0 and x.shape[1:] == dataset.input_shape
        assert (x == getattr(second, part).kept).all() and (y == getattr(second, part).y).all()
    views = dataset.views(first)
    assert views and all(view["kind"] in RENDERERS for view in views)
    assert json.loads(json.dumps(views)) == views
    assert dataset.training_examples == len(first.train)
