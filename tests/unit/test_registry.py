"""A lab's own files: one that takes a name which is taken is refused in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECOND = {
    "architectures": """
from typing import ClassVar, Literal
from dlcore.architectures.base import Predictor

class Mine(Predictor):
    title: ClassVar[str] = "Mine"
    kind: Literal["mlp"] = "mlp"
""",
    "tasks": """
from dlcore.tasks.base import Task

class Mine(Task):
    name = "regression"
    title = "Mine"
""",
}


def started(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"DLCORE_EXTENSIONS": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(("package", "shipped"), [("architectures", "mlp.py"), ("tasks", "regression.py")])
def test_a_name_that_is_taken_is_refused_and_both_files_are_named(tmp_path: Path, package: str, shipped: str):
    file = tmp_path / package / "mine.py"
    file.parent.mkdir()
    file.write_text(SECOND[package])
    done = started(tmp_path, "-m", "dlcore", "architectures")
    assert done.returncode == 2 and not done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("dlcore: DLCORE_EXTENSIONS: expected a new ")
    assert str(file) in line and str(ROOT / "dlcore" / package / shipped) in line


APP = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
app.switch_page("pages/build.py").run()
assert not app.exception, app.exception
print([error.value for error in app.error])
"""


def test_pages_say_it_too(tmp_path: Path):
    file = tmp_path / "architectures" / "mine.py"
    file.parent.mkdir()
    file.write_text(SECOND["architectures"])
    done = started(tmp_path, "-c", APP)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "expected a new kind" in done.stdout and "mlp.py" in done.stdout


def test_an_extension_with_a_name_of_its_own_is_listed(tmp_path: Path):
    file = tmp_path / "architectures" / "mine.py"
    file.parent.mkdir()
    file.write_text(SECOND["architectures"].replace("mlp", "lab"))
    done = started(tmp_path, "-m", "dlcore", "architectures")
    assert done.returncode == 0, done.stderr
    assert any(line.startswith("lab") for line in done.stdout.splitlines())
