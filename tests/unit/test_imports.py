"""The web process never imports a deep learning framework, and a worker never imports Streamlit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("tensorflow", "keras", "transformers", "torch", "jax", "sklearn")
WORKERS_ONLY = (
    *("jobs", "compute.lean", "runs.progress", "zoo.train"),
    *("explanation.explainer", "explanation.jobs"),
    *(f"generative.{name}" for name in ("diffusion", "gan", "gan_losses", "unet", "vae")),
    *(
        f"language.{name}"
        for name in (
            "attention",
            "attribution",
            "beams",
            "bert",
            "checkpoint",
            "classifier",
            "common",
            "encoder_decoder",
            "generation",
            "gpt",
            "gpt2",
            "integrated_gradients",
            "llama",
            "pair_model",
            "sentiment",
            "seq2seq",
            "trained_classifier",
            "trained_writer",
            "translation",
            "translator",
        )
    ),
)
"""Modules that import Keras at once, because only a worker or the command line imports them."""


def loaded_by(modules: list[str], names: tuple[str, ...]) -> list[str]:
    """Which of ``names`` a fresh process has loaded after importing the modules."""
    code = (
        "import importlib, json, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print(json.dumps([name for name in {names!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def modules(folder: str) -> list[str]:
    results = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        results.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return results


def test_the_pages_modules_import_no_framework():
    """Everything below pages/parts, and every module of dlcore but those of the workers."""
    heavy = (*WORKERS_ONLY, "__main__")
    light = [
        name
        for name in modules("dlcore")
        if name.removeprefix("dlcore.") not in heavy
        and not name.startswith(("dlcore.callbacks", "dlcore.layers.own"))
    ]
    assert {
        "dlcore.client",
        "dlcore.recipe",
        "dlcore.charts.diagram",
        "dlcore.charts.curves",
        "dlcore.charts.plots",
        "dlcore.models",
        "dlcore.inference",
        "dlcore.training",
        "dlcore.export.codegen",
    } <= set(light)
    assert loaded_by([*modules("pages/parts"), *light], HEAVY) == []


def test_the_data_sets_describe_and_make_themselves_without_a_framework():
    code = (
        "import sys\n"
        "from dlcore.datasets import DATASETS\n"
        "for kind in DATASETS.values():\n"
        "    if kind.source == 'embedded': kind().load(1)\n"
        f"assert not [name for name in {HEAVY!r} if name in sys.modules]"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_worker_does_not_import_streamlit():
    assert loaded_by(["dlcore.jobs"], ("keras", "streamlit", "plotly")) == ["keras"]


@pytest.mark.parametrize("module", modules("dlcore"))
def test_nothing_in_dlcore_mentions_streamlit_as_an_import(module):
    path = ROOT / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    lines = [line.strip() for line in file.read_text().splitlines()]
    assert not [line for line in lines if line.startswith(("import streamlit", "from streamlit"))]
