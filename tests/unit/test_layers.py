"""Shapes, parameters and FLOPs that we compute without Keras are those of the model Keras builds."""

from __future__ import annotations

import random

import keras
import pytest
import tensorflow as tf

from dlcore.layers import (
    LAYER_TYPES,
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    Output,
    OverlappingMaxPooling2D,
    Reshape,
    Shape,
)
from dlcore.network import INPUT, Graph, Network, NetworkError
from dlcore.recipe import Recipe


def assert_same_as_keras(network: Network) -> None:
    model = network.build(seed=1)
    assert len(model.layers) == len(network.rows())
    for row, built in zip(network.rows(), model.layers, strict=True):
        assert (row.name, row.type) == (built.name, type(built).__name__)
        assert row.output_shape == built.output.shape[1:], row
        assert row.parameters == built.count_params(), row
    assert network.describe()["parameters"] == model.count_params()


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("size", [(8, 8), (28, 28), (7, 10)])
@pytest.mark.parametrize(("window", "stride"), [(1, 1), (2, 2), (3, 1), (3, 2), (5, 3), (5, 4)])
def test_windows(padding, size, window, stride):
    layers = (
        Conv2D(filters=3, kernel_size=window, strides=stride, padding=padding),
        MaxPooling2D(pool_size=2, padding="same"),
    )
    assert_same_as_keras(Network((*size, 3), layers))
    for pooling in (MaxPooling2D, AveragePooling2D):
        assert_same_as_keras(Network((*size, 2), (pooling(pool_size=window, padding=padding),)))


@pytest.mark.parametrize(
    "layer",
    [
        Dense(units=5),
        Output(units=3, activation="softmax"),
        Flatten(),
        Dropout(rate=0.5),
        BatchNormalization(),
        Activation(activation="gelu"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_on_a_list_of_numbers(layer):
    assert_same_as_keras(Network((7,), (layer,)))


@pytest.mark.parametrize(
    "layer",
    [GlobalAveragePooling2D(), Flatten(), Dropout(), BatchNormalization(), Activation()],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_on_a_image(layer):
    assert_same_as_keras(Network((6, 5, 3), (layer,)))


def random_layer(shape: Shape, rng: random.Random) -> Layer:
    """Any layer that may follow ``shape``, with any arguments that fit."""
    anywhere = [Dropout(rate=rng.choice([0, 0.5])), BatchNormalization(), Activation(), Flatten()]
    if len(shape) == 1:
        return rng.choice([*anywhere, Dense(units=rng.randint(1, 20), activation="tanh")])
    side = min(shape[:2])
    padding = rng.choice(["same", "valid"])
    window = rng.randint(1, min(side, 5))
    return rng.choice(
        [
            *anywhere[:3],
            Conv2D(
                filters=rng.randint(1, 8),
                kernel_size=window,
                strides=rng.randint(1, 3),
                padding=padding,
                activation=rng.choice(["relu", "linear", "swish"]),
            ),
            MaxPooling2D(pool_size=window, padding=padding),
            AveragePooling2D(pool_size=window, padding=padding),
            rng.choice([Flatten(), GlobalAveragePooling2D()]),
        ]
    )


def random_stack(seed: int) -> Network:
    rng = random.Random(seed)
    start: Shape = (rng.randint(3, 20), rng.randint(3, 20), rng.choice([1, 3]))
    shape, layers = start, []
    for _ in range(rng.randint(2, 9)):
        layers.append(random_layer(shape, rng))
        shape = layers[-1].output_shape(shape)
    return Network(start, tuple(layers))


STACKS = [random_stack(seed) for seed in range(40)]


def test_the_random_stacks_hold_every_type_of_layer():
    assert {layer.type for stack in STACKS for layer in stack.layers} == set(LAYER_TYPES)


@pytest.mark.parametrize("network", STACKS, ids=range(len(STACKS)))
def test_random_stacks(network):
    assert_same_as_keras(network)


def flops_of_tensorflow(model: keras.Model) -> int:
    """TensorFlow's own count for one example: a multiplication and an addition are two."""
    spec = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)
    graph = tf.function(lambda x: model(x, training=False)).get_concrete_function(spec).graph
    profiler = tf.compat.v1.profiler
    options = profiler.ProfileOptionBuilder(profiler.ProfileOptionBuilder.float_operation())
    return profiler.profile(graph, options=options.with_empty_output().build()).total_float_ops


@pytest.mark.parametrize(
    "network",
    [
        Network((64,), (Dense(units=256), Dense(units=128), Dense(units=10, activation="linear"))),
        Network(
            (28, 28, 1),
            (
                Conv2D(filters=32, padding="same"),
                Conv2D(filters=32, kernel_size=5),
                Conv2D(filters=16, strides=2, padding="same", activation="linear"),
            ),
        ),
        Network((16, 16, 3), (Conv2D(filters=64, padding="same"), Flatten(), Dense(units=100))),
    ],
    ids=["dense", "convolutions", "both"],
)
def test_flops_agree_with_tensorflows_profiler(network):
    counted = flops_of_tensorflow(network.build(seed=1))
    assert network.describe()["flops"] == pytest.approx(counted, rel=0.02)


@pytest.mark.parametrize(
    ("start", "layers", "index", "words"),
    [
        ((8, 8, 1), [Flatten(), Conv2D()], 1, ["Conv2D", "needs an image", "64", "Flatten"]),
        ((8, 8, 1), [Flatten(), MaxPooling2D()], 1, ["MaxPooling2D", "needs an image"]),
        ((2,), [GlobalAveragePooling2D()], 0, ["GlobalAveragePooling2D", "needs an image"]),
        ((8, 8, 1), [Conv2D(kernel_size=9)], 0, ["Conv2D", "9×9", "8×8", "'same'"]),
        ((8, 4, 1), [Conv2D(), AveragePooling2D(pool_size=3)], 1, ["3×3", "6×2"]),
        ((8, 8, 1), [Conv2D(), Dense()], 1, ["Dense", "flat list", "6×6×32", "Flatten"]),
        ((8, 8, 1), [Conv2D(), Output(units=1, activation="sigmoid")], 1, ["Flatten"]),
    ],
)
def test_impossible_stacks_are_refused_where_they_break(start, layers, index, words):
    with pytest.raises(NetworkError) as refused:
        Network(start, tuple(layers)).rows()
    assert refused.value.index == index
    for word in words:
        assert word in str(refused.value)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("window", range(1, 8))
def test_a_window_is_refused_exactly_when_keras_refuses_it(padding, window):
    def possible(build) -> bool:
        try:
            build()
        except ValueError:
            return False
        return True

    network = Network((5, 4, 1), (Conv2D(filters=1, kernel_size=window, padding=padding),))
    theirs = keras.layers.Conv2D(1, window, padding=padding)
    assert possible(network.rows) == possible(lambda: theirs(keras.Input((5, 4, 1))))


def test_memory_is_four_bytes_for_each_weight_and_value():
    described = Network((4,), (Dense(units=3), Dense(units=2))).describe()
    assert described["memory"] == {"weights": 4 * (15 + 8), "activations": 4 * (4 + 3 + 2)}


def test_a_graph_joins_branches_and_is_built_as_it_is_described():
    graph = Graph()
    x = graph.add(Conv2D(filters=4, padding="same"), INPUT, name="first")
    y = graph.chain([BatchNormalization(), Activation(), Conv2D(filters=4, padding="same")], x)
    x = graph.add(Add(), x, y, name="sum")
    small = graph.add(OverlappingMaxPooling2D(), x)
    x = graph.add(Concatenate(), x, small)
    graph.add(GlobalAveragePooling2D(), x)
    network = graph.network((6, 5, 3), l2=0.01)
    model = network.build(seed=1)
    for row in network.rows():
        layer = model.get_layer(row.name)
        assert (row.type, row.output_shape) == (type(layer).__name__, layer.output.shape[1:])
        assert row.parameters == layer.count_params()
    assert network.describe()["parameters"] == model.count_params()
    assert {row.name for row in network.rows()} >= {"first", "sum", "conv2d_2", "concatenate_1"}


@pytest.mark.parametrize(
    ("join", "words"), [(Add(), ["Add", "6", "8"]), (Concatenate(), ["Concatenate", "6", "2×3"])]
)
def test_branches_that_do_not_fit_are_refused_where_they_meet(join, words):
    graph = Graph()
    x = graph.add(Dense(units=6), INPUT)
    other = Dense(units=8) if join.type == "Add" else Reshape(target_shape=(2, 3))
    y = graph.add(other, INPUT)
    graph.add(join, x, y)
    with pytest.raises(NetworkError) as refused:
        graph.network((6,)).rows()
    assert refused.value.index == 2
    assert all(word in str(refused.value) for word in words)


def test_resnet_is_the_papers_network_twice_as_wide():
    """ResNet-20 of section 4.2 with projections: 0.27 million weights at width 16, fewer without skips."""
    plain = Recipe.parse({"dataset": "cifar10", "architecture": {"kind": "resnet", "blocks": 3}})
    convolutions = [row for row in plain.network.rows() if row.type == "Conv2D" and "skip" not in row.name]
    assert len(convolutions) + 1 == 20
    assert plain.describe()["parameters"] == pytest.approx(0.27e6, rel=0.03)
    assert not any(
        row.type == "Add"
        for row in Recipe.parse(
            {"dataset": "digits", "architecture": {"kind": "resnet", "skips": False}}
        ).network.rows()
    )


def test_the_reduction_of_inception_saves_most_of_its_weights():
    def weights(reduction: bool) -> int:
        architecture = {"kind": "inception", "reduction": reduction, "modules": 4}
        return Recipe.parse({"dataset": "cifar10", "architecture": architecture}).describe()["parameters"]

    assert weights(True) < 0.6 * weights(False)
