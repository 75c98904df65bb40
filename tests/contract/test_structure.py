"""Imports go one way, and nobody asks an object for its name to decide what to do with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from dlcore.architectures import ARCHITECTURES
from dlcore.datasets import DATASETS
from dlcore.tasks import TASKS

ROOT = Path(__file__).parents[2]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("dlcore", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(FILES[name].read_text())


# -- imports -------------------------------------------------------------------------------------------


@cache
def imported(name: str) -> set[str]:
    """The modules of ours that are imported when a module is: not those for type checking, nor within functions."""
    return {target for target in _targets(name, tree(name).body) if target != name}


def _targets(name: str, body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in FILES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in FILES or node.module in FILES:
                    yield whole if whole in FILES else node.module
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _targets(name, node.orelse)
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef):
            yield from _targets(name, [*node.body, *getattr(node, "orelse", [])])


def test_no_module_imports_itself_round_about():
    try:
        [*TopologicalSorter({name: imported(name) for name in FILES}).static_order()]
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


LAYERS = (
    ("dlcore.recipe",),
    ("dlcore.architectures", "dlcore.datasets", "dlcore.tasks"),
    ("dlcore.problem", "dlcore.network"),
    ("dlcore.layers",),
)
"""From top to bottom: each may import those below it, not those above."""


def part_of(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def reached(name: str) -> set[str]:
    """What a module imports, and what that imports."""
    found, open_ = set[str](), [name]
    while open_:
        new = imported(open_.pop()) - found
        found |= new
        open_ += new
    return found


def test_arrows_from_the_recipe_go_down_to_the_layers():
    upward = [
        f"{name} → {target}"
        for level, packages in enumerate(LAYERS)
        for name in FILES
        if part_of(name, packages)
        for target in reached(name)
        if any(part_of(target, above) for above in LAYERS[:level])
    ]
    assert not upward


def test_nothing_in_dlcore_imports_a_page_and_no_page_a_page():
    for name in FILES:
        if part_of(name, ("dlcore", "pages.parts")):
            pages = [target for target in imported(name) if part_of(target, ("pages",))]
            assert not [t for t in pages if not (name.startswith("pages") and t.startswith("pages.parts"))], (
                name
            )


def test_what_is_found_in_folders_is_imported_by_nobody_who_should_ask():
    """Tasks, architectures and data sets do not know each other, but for what they share."""
    for package in ("dlcore.architectures", "dlcore.tasks"):
        others = {"dlcore.architectures", "dlcore.datasets", "dlcore.tasks"} - {package}
        for name in FILES:
            if part_of(name, (package,)):
                wrong = [target for target in imported(name) if part_of(target, tuple(others))]
                assert not wrong, name


# -- branches ------------------------------------------------------------------------------------------

NAMES = {*ARCHITECTURES, *DATASETS, *TASKS, *(kind.modality for kind in DATASETS.values())}
CLASSES = {
    kind.__name__
    for base in (*ARCHITECTURES.values(), *DATASETS.values(), *map(type, TASKS.values()))
    for kind in base.__mro__
    if kind.__module__.startswith(("dlcore.architectures", "dlcore.datasets", "dlcore.tasks"))
    and kind.__name__ not in ("Architecture", "Dataset", "Task")
}
ASKED = {"kind", "name", "modality", "task"}
"""Attributes that say what something is."""
ALLOWED: dict[str, str] = {}
"""Files that may ask what something is called, each with its reason."""


def questions(tree: ast.AST) -> Iterator[ast.Compare | ast.Call]:
    """Every comparison, every case of a match, and every question for a class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield node
        elif isinstance(node, ast.Match):
            for part in ast.walk(node):
                if isinstance(part, ast.MatchValue):
                    yield ast.copy_location(ast.Compare(node.subject, [ast.Eq()], [part.value]), part)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
            yield node


def by_name(question: ast.Compare | ast.Call) -> bool:
    """Whether a question compares what something is called, or asks for one of the classes that are found."""
    if isinstance(question, ast.Call):
        return bool(identifiers(question.args[1]) & CLASSES)
    asked = identifiers(question)
    words = {part.value for part in ast.walk(question) if isinstance(part, ast.Constant)}
    return "modality" in asked or bool(words & NAMES and asked & ASKED)


def identifiers(node: ast.AST) -> set[str]:
    """Names and attributes in an expression."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {
        part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)
    }


def found_in(name: str) -> list[str]:
    lines = {node.lineno: ast.unparse(node) for node in questions(tree(name)) if by_name(node)}
    return [f"{FILES[name].relative_to(ROOT)}:{line}: {text}" for line, text in sorted(lines.items())]


def test_nobody_asks_for_the_name_of_a_kind():
    """Outside its own file an object is asked what it can do, not what it is called."""
    found = {name: lines for name in FILES if (lines := found_in(name))}
    wrong = [
        line
        for name, lines in found.items()
        if str(FILES[name].relative_to(ROOT)) not in ALLOWED
        for line in lines
    ]
    assert not wrong, "\n".join(wrong)
    unused = {*ALLOWED} - {str(FILES[name].relative_to(ROOT)) for name in found}
    assert not unused, "these need no leave any more"


@pytest.mark.parametrize(
    "code",
    [
        'if recipe.architecture.kind == "gan": pass',
        'a = 1 if dataset.modality != "image" else 2',
        '[d for d in found if d.name in ("digits", "moons")]',
        "match recipe.dataset.name:\n    case 'spiral': pass",
        "assert isinstance(architecture, MLP)",
        'wanted = kind == "vae" or other',
        "while issubclass(type(dataset), (Points, int)): pass",
    ],
)
def test_a_question_for_a_name_is_found(code: str):
    assert any(by_name(node) for node in questions(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["if dataset.images: pass", 'if kind == "markdown": pass', "x = names[kind]"]
)
def test_other_questions_are_not(code: str):
    assert not any(by_name(node) for node in questions(ast.parse(code)))
