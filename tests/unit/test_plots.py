"""Charts are plain JSON, and show where things are: the plane the right way up, rows and columns."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from dlcore.charts import curves, learned, plots
from dlcore.charts.palette import CLASSES, NEGATIVE, POSITIVE
from dlcore.datasets.base import Part
from dlcore.previews import GRID, boundary, probabilities

TWO, THREE = ("orange", "blue"), ("orange", "blue", "green")


def as_json(value) -> None:
    """What a browser can parse: no NumPy, no NaN."""
    json.dumps(value, allow_nan=False)


def colour(i: int) -> np.ndarray:
    return np.array([int(CLASSES[i][k : k + 2], 16) for k in (1, 3, 5)])


def looks_like(pixel: np.ndarray) -> int:
    """The class whose colour points the same way from white."""
    away = 255 - pixel.astype(float)
    ways = [255 - colour(i) for i in range(3)]
    return int(np.argmax([away @ way / np.linalg.norm(way) for way in ways]))


def ground(chart: dict) -> np.ndarray:
    address = chart["graphic"][0]["style"]["image"]
    head, data = address.split(",", 1)
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def plane(answer) -> dict:
    """A preview whose probabilities are ``answer(x, y)`` at every point of the grid."""
    axis = np.linspace(-3, 3, GRID)
    x, y = np.meshgrid(axis, axis)
    shares = np.stack(answer(x, y))
    return {
        "kind": "boundary",
        "axis": axis.round(3).tolist(),
        "grid": (100 * shares).round().astype(int).tolist(),
    }


EXAMPLES = {"x": [[-1.0, 2.0], [1.0, -2.0], [0.5, 0.5]], "y": [0, 1, 1]}


def test_the_plane_is_the_right_way_up():
    """Class 0 left, class 1 on the right above, class 2 on the right below."""

    def answer(x, y):
        left = (x < 0).astype(float)
        return left, (1 - left) * (y > 0), (1 - left) * (y <= 0)

    pixels = ground(learned.boundary(plane(answer), EXAMPLES, THREE))
    height, width, _ = pixels.shape
    quarter, three_quarters = width // 4, 3 * width // 4
    assert looks_like(pixels[height // 4, quarter]) == 0
    assert looks_like(pixels[3 * height // 4, quarter]) == 0
    assert looks_like(pixels[height // 4, three_quarters]) == 1, "upside down, or x and y swapped"
    assert looks_like(pixels[3 * height // 4, three_quarters]) == 2


def test_the_surer_the_darker():
    pixels = ground(learned.boundary(plane(lambda x, y: ((3 - x) / 6, (3 + x) / 6)), EXAMPLES, TWO))
    row = pixels[pixels.shape[0] // 2].astype(int)
    away = np.abs(255 - row).sum(axis=1)
    middle = len(row) // 2
    assert away[middle] < away[middle + 60] < away[-5]
    assert away[middle] < away[middle - 60] < away[4]
    assert looks_like(row[4]) == 0 and looks_like(row[-5]) == 1


def test_the_points_stand_over_the_plane_with_their_class():
    chart = learned.boundary(plane(lambda x, y: (0 * x, 0 * x + 1)), EXAMPLES, TWO)
    assert [series["data"] for series in chart["series"]] == [[[-1.0, 2.0]], [[1.0, -2.0], [0.5, 0.5]]]
    assert [series["itemStyle"]["color"] for series in chart["series"]] == list(CLASSES[:2])
    assert chart["xAxis"]["max"] == -chart["xAxis"]["min"] == 3
    style, grid = chart["graphic"][0]["style"], chart["grid"]
    assert (style["x"], style["y"], style["width"], style["height"]) == (
        grid["left"],
        grid["top"],
        grid["width"],
        grid["height"],
    )
    as_json(chart)


class Halves:
    """A model whose second class is above the x axis."""

    def __call__(self, points, training):
        assert training is False
        return (np.asarray(points)[:, 1:] > 0).astype("float32")


def test_a_preview_has_rows_for_y_and_columns_for_x():
    part = Part(np.array([[-2.0, 1.0], [1.0, 0.5]], "float32"), np.array([0, 1], "int32"))
    halves = Halves()
    preview = boundary(lambda points: probabilities(halves, points), part)
    second = np.array(preview["grid"][1])
    assert (second[: GRID // 2] == 0).all() and (second[GRID // 2 :] == 100).all()
    assert preview["axis"][-1] == pytest.approx(2.2) and preview["axis"][0] == -preview["axis"][-1]


EPOCHS = [
    {"epoch": i, "loss": 1 / i, "val_loss": 1.1 / i, "accuracy": 1 - 1 / i, "val_accuracy": 0.5}
    for i in range(1, 5)
]
BATCHES = [{"epoch": i / 10, "loss": 1.0, "accuracy": 0.5} for i in range(1, 41)]


def drawn(chart: dict) -> list[list[tuple]]:
    """The points of training, validation and batches, in the order of the chart's columns."""
    x, *columns = chart["columns"]
    assert x == sorted(set(x)) and all(len(column) == len(x) for column in columns)
    assert len(columns) == len(chart["series"])
    as_json(chart)
    return [
        [(at, value) for at, value in zip(x, column, strict=True) if value is not None] for column in columns
    ]


def test_a_curve_has_training_validation_and_batches():
    chart = curves.curve((EPOCHS, BATCHES, []), "loss", 10)
    training, validation, batches = drawn(chart)
    assert training == [(row["epoch"], row["loss"]) for row in EPOCHS]
    assert validation == [(row["epoch"], row["val_loss"]) for row in EPOCHS]
    assert batches == [(row["epoch"], row["loss"]) for row in BATCHES]
    assert [series["name"] for series in chart["series"]][:2] == ["training", "validation"]
    assert len({series["colour"] for series in chart["series"]}) == 3
    assert chart["total"] == 10


def test_another_metric_is_drawn_by_its_name():
    training, validation, _ = drawn(curves.curve((EPOCHS, [], []), "accuracy", 4, percent=True))
    assert training == [(row["epoch"], row["accuracy"]) for row in EPOCHS]
    assert validation == [(row["epoch"], 0.5) for row in EPOCHS]


def test_epochs_too_short_to_see_inside_are_shown_without_their_batches():
    training, validation, batches = drawn(curves.curve((EPOCHS, BATCHES[:8], []), "loss", 4))
    assert len(training) == len(validation) == len(EPOCHS) and batches == []


def test_runs_over_each_other_have_a_colour_each_and_stand_in_the_same_order_from_the_first_epoch_on():
    before = curves.overlaid([("new", []), ("old", EPOCHS)], ("loss",), 4)
    after = curves.overlaid([("new", EPOCHS[:2]), ("old", EPOCHS)], ("loss",), 4)
    assert before["series"] == after["series"], "the chart keeps its node"
    assert [series["name"] for series in after["series"]] == [
        *("new, validation", "new, training"),
        *("old, validation", "old, training"),
    ]
    assert [bool(series["dash"]) for series in after["series"]] == [False, True] * 2
    assert len({series["colour"] for series in after["series"]}) == 2
    assert [len(line) for line in drawn(before)] == [0, 0, 4, 4]
    assert [len(line) for line in drawn(after)] == [2, 2, 4, 4]


def test_a_metric_without_validation_is_drawn_once_a_run():
    chart = curves.overlaid([("a", [{"epoch": 1.0, "kl": 2.0}]), ("b", [])], ("kl", "loss"), 4)
    assert [series["name"] for series in chart["series"]] == ["a, KL, training", "b, KL, training"]


def test_a_curve_before_the_first_epoch():
    assert drawn(curves.curve(([], [], []), "loss", 10)) == [[], [], []]
    assert drawn(curves.curve(([], BATCHES[:2], []), "loss", 10))[2] == [(0.1, 1.0), (0.2, 1.0)]


def test_a_metric_that_an_epoch_lacks_leaves_a_gap():
    rows = [*EPOCHS[:2], {"epoch": 3, "loss": 0.3}, EPOCHS[3]]
    training, validation, _ = drawn(curves.curve((rows, [], []), "loss", 4))
    assert [at for at, _ in training] == [1, 2, 3, 4] and [at for at, _ in validation] == [1, 2, 4]


def test_a_logarithmic_curve_has_no_zeros():
    rows = [{"epoch": i, "accuracy": i - 1} for i in (1, 2, 3)]
    assert [value for _, value in drawn(curves.curve((rows, [], []), "accuracy", 3))[0]] == [0, 1, 2]
    found = drawn(curves.curve((rows, [], []), "accuracy", 3, log=True))
    assert [value for _, value in found[0]] == [1, 2]


def test_events_stand_where_they_happened_and_their_number_is_bounded():
    events = [(i / 2, f"event {i}") for i in range(30)]
    shown = curves.curve((EPOCHS, BATCHES, events), "loss", 10)["events"]
    assert [tuple(event) for event in reversed(shown)] == events[-len(shown) :]
    assert 5 <= len(shown) <= 20


def test_of_events_near_each_other_the_last_is_drawn():
    events = [(5.0, "far"), (8.0, "first"), (8.1, "second"), (8.2, "third")]
    shown = curves.curve((EPOCHS, [], events), "loss", 20)["events"]
    assert shown == [[8.2, "third"], [5.0, "far"]]


def test_the_generator_is_orange_and_its_points_are_generated():
    rows = [{"epoch": 1, "generator_loss": 1.0, "discriminator_loss": 2.0}]
    chart = curves.together((rows, [], []), ("generator_loss", "discriminator_loss"), 5)
    colours = {line["name"]: line["colour"] for line in chart["series"]}
    assert (colours["generator"], colours["discriminator"]) == (NEGATIVE, POSITIVE)
    gan = {"samples": [[0, 1]], "axis": [-2, 2], "grid": [[50, 60]], "arrows": [[0, 1, 1, 0]]}
    names = [line["name"] for line in learned.cloud(gan, EXAMPLES)["series"]]
    assert names == ["real", "generated", "where generated points will move"]


def test_scatter_gives_each_class_its_points():
    x = np.array([[0, 1], [2, 3], [4, 5]], "float32")
    figure = plots.scatter(x, np.array([1, 0, 1]), TWO)
    assert [(trace["name"], trace["x"], trace["y"]) for trace in figure["data"]] == [
        ("orange", [2.0], [3.0]),
        ("blue", [0.0, 4.0], [1.0, 5.0]),
    ]
    as_json(figure)


def test_balance_stacks_the_parts():
    counts = {"training": [7, 8], "validation": [2, 1], "test": [1, 1]}
    figure = plots.balance(counts, TWO)
    assert {trace["name"]: trace["y"] for trace in figure["data"]} == counts
    assert figure["layout"]["barmode"] == "stack"
    as_json(figure)


def test_confusion_has_true_classes_in_rows_from_the_top():
    figure = plots.confusion([[3, 1], [0, 0]], TWO)
    (heat,) = figure["data"]
    assert heat["z"] == [[0.75, 0.25], [0.0, 0.0]], "shares of each row; an empty one is 0"
    assert heat["x"] == heat["y"] == list(TWO)
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    as_json(figure)


def test_a_confusion_matrix_of_many_classes_still_fits_a_page():
    names = tuple(f"class {i}" for i in range(200))
    figure = plots.confusion(np.eye(200, dtype=int).tolist(), names)
    assert figure["layout"]["height"] < 800 and "text" not in figure["data"][0]


def test_bars_have_the_most_probable_on_top():
    labels = [{"label": "7", "probability": 0.9}, {"label": "1", "probability": 0.1}]
    figure = plots.bars(labels)
    (bar,) = figure["data"]
    assert (bar["y"], bar["x"], bar["text"]) == (["7", "1"], [0.9, 0.1], ["90.0%", "10.0%"])
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    as_json(figure)


@pytest.mark.parametrize("classes", [TWO, THREE, tuple("0123456789")])
def test_figures_are_what_plotly_accepts(classes):
    import plotly.graph_objects as go

    n = len(classes)
    for figure in (
        plots.scatter(np.zeros((n, 2), "float32"), np.arange(n), classes),
        plots.balance(dict.fromkeys(("training", "validation", "test"), [1] * n), classes),
        plots.confusion(np.eye(n, dtype=int).tolist(), classes),
        plots.bars([{"label": name, "probability": 1 / n} for name in classes]),
    ):
        assert len(go.Figure(figure).data) == len(figure["data"])
        as_json(figure)


def test_few_whole_numbers_have_a_bar_each_and_others_share_them():
    figure = plots.histogram([5, 6, 6], "tokens")
    assert figure["data"][0]["xbins"] == {"start": 4.5, "end": 6.5, "size": 1}
    assert figure["layout"]["xaxis"] == {"title": "tokens", "range": [3.5, 7.5], "dtick": 1}
    assert "xbins" not in plots.histogram([0.5, 1.0], "share")["data"][0]
    assert "xbins" not in plots.histogram([1, 100], "tokens")["data"][0]
