"""What the pages show of an autoencoder, without an engine: its results, its threshold, its place on Classify."""

from __future__ import annotations

import pytest
from app_page import open_page

from dlcore.datasets import DATASETS
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store

RECIPE = {"dataset": "digits", "architecture": {"kind": "autoencoder", "left_out": 1}}
IMAGES = [[[[0]] * 8] * 8] * 3
RESULT = {
    "metrics": {"mse": 0.004, "against_pca": 0.8, "auc": 0.9, "threshold": 0.025},
    "baseline": {"title": "PCA with 32 components", "mse": 0.005},
    "views": [
        {
            "kind": "strips",
            "title": "Reconstruction",
            "strips": {"original": IMAGES, "reconstruction": IMAGES},
        },
        {
            "kind": "anomalies",
            "usual": [0.01, 0.02, 0.03],
            "anomalies": [0.02, 0.04],
            "left_out": "1",
            "threshold": 0.025,
        },
        {
            "kind": "bottleneck",
            "x": [[0, 1], [2, 3], [4, 5]],
            "y": [0, 1, 9],
            "classes": list("0123456789"),
            "components": True,
        },
    ],
}


@pytest.fixture
def run() -> str:
    store = open_store()
    made = store.create(Recipe.parse(RECIPE), "me", "odd ones")
    store.end(made, State.FINISHED, result=RESULT)
    store.artifacts.write(f"{made}/model/weights.safetensors", b"")
    return made


def test_the_threshold_decides_precision_and_recall(run: str):
    app = open_page("pages/train.py", run=run)
    assert {metric.label for metric in app.metric} >= {"Mean squared error", "Error / PCA's", "Anomaly AUC"}
    words = [markdown.value for markdown in app.markdown]
    assert any("Precision **50.0%**, recall **50.0%**" in text for text in words)
    threshold = next(slider for slider in app.slider if slider.key.endswith("threshold"))
    threshold.set_value(0.01).run()
    words = [markdown.value for markdown in app.markdown]
    assert any("Precision **50.0%**, recall **100.0%**" in text for text in words)


def test_it_stands_on_classify_with_its_error_and_its_results(run: str):
    app = open_page("pages/classify.py", model=run)
    network = next(choice for choice in app.selectbox if choice.label == "Network")
    assert network.value == run
    assert any("odd ones" in option and "Mean squared error 0.004" in option for option in network.options)
    labels = [slider.label for slider in app.slider]
    assert labels == ["Noise", "Call an anomaly what has an error above"]


def test_it_can_be_built_on_whatever_there_is():
    app = open_page("pages/build.py")
    app.segmented_control(key="build.task").set_value("reconstruction").run()
    assert app.session_state["build.last"].architecture.kind == "autoencoder"
    app.selectbox(key="build.dataset").set_value("digits").run()
    left_out = app.selectbox(key="build.autoencoder.left_out")
    assert left_out.options == ["none", *"0123456789"]
    left_out.set_value(9).run()
    assert app.session_state["build.last"].architecture.left_out == 9


def test_the_left_out_class_is_one_of_the_data_sets():
    app = open_page("pages/build.py")
    app.segmented_control(key="build.task").set_value("reconstruction").run()
    for dataset in ("wine", "moons"):
        classes = DATASETS[dataset]().classes
        app.selectbox(key="build.dataset").set_value(dataset).run()
        left_out = app.selectbox(key="build.autoencoder.left_out")
        assert left_out.options == ["none", *classes] and left_out.value == -1
        left_out.set_value(len(classes) - 1).run()
        assert not app.error
        assert app.session_state["build.last"].architecture.left_out == len(classes) - 1
    app.selectbox(key="build.dataset").set_value("sine").run()
    assert app.session_state["build.last"].architecture.left_out == -1
    assert not any(box.key == "build.autoencoder.left_out" for box in app.selectbox)
