"""The drawing of a network: sound XML, one group a layer, everything inside its box."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from dlcore.charts.diagram import diagram
from dlcore.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from dlcore.network import Network
from dlcore.recipe import Recipe

SVG = "{http://www.w3.org/2000/svg}"
EVERYTHING = Network(
    (16, 16, 3),
    (
        Conv2D(filters=8),
        BatchNormalization(),
        Activation(),
        MaxPooling2D(),
        Conv2D(filters=1024, kernel_size=1),
        AveragePooling2D(pool_size=7),
        Flatten(),
        Dropout(),
        Dense(units=3),
        Dense(units=1, activation="sigmoid"),
    ),
)
NETWORKS = {
    "everything": EVERYTHING,
    "global average": Network((9, 4, 1), (Conv2D(filters=4), GlobalAveragePooling2D())),
    "points": Recipe.parse({"dataset": "gaussians"}).network,
    "forty layers": Network((2,), tuple(Dense(units=1 + 100 * i) for i in range(40))),
    "one layer": Network((2,), (Dense(units=4096),)),
}


@pytest.fixture(params=NETWORKS)
def network(request) -> Network:
    return NETWORKS[request.param]


def drawn(network: Network) -> ET.Element:
    return ET.fromstring(diagram(network))


def box(root: ET.Element) -> tuple[float, float]:
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top) == (0, 0)
    return width, height


def test_it_is_one_svg_with_a_group_for_the_input_and_each_layer(network):
    root = drawn(network)
    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f"{SVG}g")) == 1 + len(network.layers)


def test_each_group_tells_its_layer(network):
    groups = drawn(network).findall(f"{SVG}g")
    for group, row in zip(groups[1:], network.rows(), strict=True):
        title = group.find(f"{SVG}title").text
        assert title.startswith(f"{row.type}: ")
        assert "×".join(map(str, row.output_shape)) in title
        assert (f"{row.parameters:,} parameters" in title) == (row.parameters > 0)
        words = [text.text for text in group.iter(f"{SVG}text")]
        assert "×".join(map(str, row.output_shape)) in words
        assert (f"{row.parameters:,} params" in words) == (row.parameters > 0)


def test_readers_hear_the_whole_network(network):
    root = drawn(network)
    total = network.describe()["parameters"]
    assert root.get("role") == "img"
    assert f"{len(network.layers)} layers with {total:,} parameters" in root.get("aria-label")


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def extent(root: ET.Element) -> tuple[list[float], list[float]]:
    """Every x and every y that something is drawn at."""
    xs, ys = [], []
    for shape in root.iter():
        read = {
            key: float(value)
            for key, value in shape.attrib.items()
            if key in ("x", "y", "cx", "cy", "r", "width", "height") and shape.tag != f"{SVG}svg"
        }
        if shape.tag == f"{SVG}rect":
            xs += [read["x"], read["x"] + read["width"]]
            ys += [read["y"], read["y"] + read["height"]]
        elif shape.tag == f"{SVG}circle":
            xs += [read["cx"] - read["r"], read["cx"] + read["r"]]
            ys += [read["cy"] - read["r"], read["cy"] + read["r"]]
        elif shape.tag == f"{SVG}text":
            xs.append(read["x"])
            ys.append(read["y"])
        elif shape.tag == f"{SVG}path" and "l" not in shape.get("d"):
            points = numbers(shape.get("d"))
            xs += points[::2]
            ys += points[1::2]
    return xs, ys


def test_everything_is_drawn_inside_the_box(network):
    root = drawn(network)
    width, height = box(root)
    xs, ys = extent(root)
    assert min(xs) >= 0 and max(xs) <= width
    assert min(ys) >= 0 and max(ys) <= height


def test_a_deep_network_takes_room_for_each_layer_and_no_more():
    width, height = box(drawn(NETWORKS["forty layers"]))
    one_width, one_height = box(drawn(NETWORKS["one layer"]))
    assert width == pytest.approx(one_width / 2 * 41, rel=0.01)
    assert height == one_height
    assert len(diagram(NETWORKS["forty layers"])) < 500_000


def test_wide_layers_are_not_drawn_neuron_by_neuron():
    circles = drawn(NETWORKS["one layer"]).findall(f"{SVG}g")[1].findall(f"{SVG}circle")
    assert len(circles) < 12


def test_small_layers_are_drawn_neuron_by_neuron():
    root = drawn(Network((2,), (Dense(units=5), Dense(units=3))))
    counts = [len(group.findall(f"{SVG}circle")) for group in root.findall(f"{SVG}g")]
    assert counts == [2, 5, 3]


def test_text_is_escaped():
    layer = Dense(units=2).model_copy(update={"activation": '<script>"&'})
    text = diagram(Network((2,), (layer,)))
    assert "<script>" not in text
    assert '<script>"&' in {element.text for element in ET.fromstring(text).iter()}


def branched(kind: str, **options: object) -> Network:
    return Recipe.parse({"dataset": "cifar10", "architecture": {"kind": kind, **options}}).network


BRANCHED = {
    "skips": branched("resnet"),
    "bottlenecks": branched("resnet", block="bottleneck", stages=4, blocks=4),
    "no skips": branched("resnet", skips=False),
    "branches": branched("inception", modules=3),
    "branches without reduction": branched("inception", reduction=False, batch_normalization=False),
}


@pytest.fixture(params=BRANCHED)
def graph(request) -> Network:
    return BRANCHED[request.param]


def test_a_network_with_branches_is_drawn_inside_its_box_with_every_join(graph):
    root = drawn(graph)
    width, height = box(root)
    xs, ys = extent(root)
    assert min(xs) >= 0 and max(xs) <= width and min(ys) >= 0 and max(ys) <= height
    types = [row.type for row in graph.rows()]
    signs = [text.text for text in root.iter(f"{SVG}text")]
    assert signs.count("+") == types.count("Add") and signs.count("∥") == types.count("Concatenate")


def test_its_boxes_do_not_overlap_and_count_every_parameter(graph):
    groups = drawn(graph).findall(f"{SVG}g")
    boxes = [
        tuple(float(rect.get(key)) for key in ("x", "y", "width", "height"))
        for group in groups
        for rect in group.findall(f"{SVG}rect")
    ]
    for i, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, *_ in boxes[i + 1 :]:
            assert abs(x - other_x) >= width or abs(y - other_y) >= height
    titles = [group.find(f"{SVG}title").text for group in groups]
    counts = [
        int(match.replace(",", "")) for text in titles for match in re.findall(r"([\d,]+) params", text)
    ]
    assert sum(counts) == graph.describe()["parameters"]


def test_a_skip_connection_is_an_arc_over_its_block():
    arcs = [
        path for path in drawn(BRANCHED["skips"]).findall(f"{SVG}path") if path.get("stroke-width") == "2"
    ]
    assert len(arcs) == 4  # six blocks, two of them with a projection instead
