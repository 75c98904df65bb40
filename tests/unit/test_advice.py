"""Each remark is made when it is true of the recipe, and only then."""

from __future__ import annotations

import pytest

from dlcore.advice import advice
from dlcore.recipe import Recipe


def about(dataset="spiral", architecture=None, **training) -> list[str]:
    data = {"dataset": dataset, "training": training}
    return advice(Recipe.parse(data | ({"architecture": architecture} if architecture else {})))


def mlp(*units: int, activation: str = "relu") -> dict:
    return {"kind": "mlp", "hidden": [{"units": n, "activation": activation} for n in units]}


def custom(*layers: dict) -> dict:
    return {"kind": "custom", "layers": list(layers)}


FLATTEN, DENSE = {"type": "Flatten"}, {"type": "Dense", "units": 16}
CONVOLUTION = {"type": "Conv2D", "filters": 4, "activation": "linear"}
LINEAR = {"type": "Dense", "units": 16, "activation": "linear"}
SMALL = {"name": "spiral", "examples": 100}  # 70 to learn from


def upload(examples: int, classes: int) -> dict:
    names = [f"class {i}" for i in range(classes)]
    return {"name": "upload", "id": "0" * 16, "examples": examples, "classes": names}


CASES = {
    # remark: (words, recipes it is made for, recipes it is not made for)
    "too many parameters": (
        "more parameters",
        [
            (SMALL, mlp(175)),  # 2·175+175+175+1 = 701
            ("spiral", mlp(512, 512)),
        ],
        [(SMALL, mlp(174)), ("spiral", mlp(32)), ("spiral", mlp(32, 32))],
    ),
    "few images a class": (
        "3.5 training images a class (700 in 200 classes)",
        [(upload(1000, 200), {"kind": "cnn"})],
        [(upload(100, 2), {"kind": "cnn"}), (SMALL, mlp(4))],
    ),
    "pooled to one pixel": (
        "leaves 1×1",
        [
            ("digits", {"kind": "cnn", "blocks": [{"filters": 4}] * 3, "dense": []}),
            ("digits", custom({"type": "AveragePooling2D", "pool_size": 8}, FLATTEN, DENSE)),
        ],
        [
            ("digits", {"kind": "cnn", "blocks": [{"filters": 4}] * 2, "dense": []}),
            ("digits", custom(CONVOLUTION, {"type": "GlobalAveragePooling2D"}, DENSE)),
        ],
    ),
    "a bottleneck": (
        "squeezes everything",
        [("digits", mlp(64, 8, 64)), ("gaussians", mlp(8, 1))],
        [("digits", mlp(64, 9)), ("gaussians", mlp(2)), ("spiral", mlp(1))],
    ),
    "nothing hidden": (
        "logistic regression",
        [("digits", custom(FLATTEN)), ("spiral", custom({"type": "Dropout"}))],
        [("digits", custom(FLATTEN, DENSE)), ("spiral", mlp(2))],
    ),
    "all linear": (
        "worth only one",
        [
            ("spiral", mlp(16, 16, activation="linear")),
            ("digits", custom(CONVOLUTION, FLATTEN, LINEAR)),
            ("spiral", custom(LINEAR, {"type": "BatchNormalization"}, LINEAR)),
        ],
        [
            ("spiral", mlp(16, activation="tanh")),
            ("spiral", custom(LINEAR, {"type": "Activation", "activation": "relu"})),
            ("spiral", {**mlp(16), "batch_normalization": True}),
            # The largest of four is no linear function of them.
            ("digits", custom(CONVOLUTION, {"type": "MaxPooling2D"}, FLATTEN, LINEAR)),
        ],
    ),
    "fading gradients": (
        "gradients fade",
        [("spiral", mlp(*[8] * 5, activation="sigmoid")), ("spiral", mlp(*[8] * 5, activation="tanh"))],
        [
            ("spiral", mlp(*[8] * 4, activation="sigmoid")),
            ("spiral", mlp(*[8] * 8)),
            # What it tells to do has been done.
            ("spiral", {**mlp(*[8] * 5, activation="sigmoid"), "batch_normalization": True}),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_remark_on_the_network_is_made_when_it_is_true(case):
    words, true, _ = CASES[case]
    for dataset, architecture in true:
        remarks = [line for line in about(dataset, architecture) if words in line]
        assert len(remarks) == 1, architecture


@pytest.mark.parametrize("case", CASES)
def test_a_remark_on_the_network_is_not_made_otherwise(case):
    words, _, false = CASES[case]
    for dataset, architecture in false:
        assert not [line for line in about(dataset, architecture) if words in line], architecture


def test_the_first_remark_has_the_numbers():
    (remark,) = about(SMALL, mlp(175))
    assert "10 times" in remark and "(701)" in remark and "(70)" in remark


@pytest.mark.parametrize(
    ("optimizer", "calm", "long"),
    [
        ("sgd", 0.5, 0.51),
        ("momentum", 0.2, 0.21),
        ("adam", 0.03, 0.031),
        ("adamw", 0.03, 0.1),
        ("rmsprop", 0.03, 0.1),
    ],
)
def test_a_long_step_for_this_optimiser(optimizer, calm, long):
    assert not about(optimizer=optimizer, learning_rate=calm)
    (remark,) = about(optimizer=optimizer, learning_rate=long)
    assert f"learning rate of {long:g} is long for {optimizer}" in remark


def test_a_batch_that_holds_everything():
    assert not any("one step an epoch" in line for line in about(SMALL, mlp(8), batch_size=69))
    (remark,) = about(SMALL, mlp(8), batch_size=71)
    assert "all 70 training examples" in remark


def test_mirrored_digits():
    flip, turn = {"flip": True}, {"rotation": 5}
    assert any("Mirrored digits" in line for line in about("digits", augmentation=flip))
    assert any("Mirrored digits" in line for line in about("mnist", augmentation=flip))
    assert not any("Mirrored" in line for line in about("fashion_mnist", augmentation=flip))
    assert not any("Mirrored" in line for line in about("digits", augmentation=turn))


@pytest.mark.parametrize("dataset", ["spiral", "moons", "circles", "xor", "gaussians", "mnist"])
def test_the_usual_recipes_need_no_advice(dataset):
    assert about(dataset) == []
