"""Networks of Keras for download: as models they answer as Keras' own do."""

from __future__ import annotations

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from file_server import FileServer
from keras.src.legacy.saving import legacy_h5_format
from network_server import NAME, over, publish
from PIL import Image

from dlcore import applications, inference, jobs, models
from dlcore.applications import APPLICATIONS
from dlcore.applications.networks import build
from dlcore.explanation.explainer import Explainer
from dlcore.runs.store import open_store


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file as Keras publishes it, with random weights."""
    path = tmp_path_factory.mktemp("weights") / "random.h5"
    keras.utils.set_random_seed(1)
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, keras.applications.MobileNetV2(weights=None))
    return path.read_bytes()


def test_a_downloaded_network_answers_as_keras_own(
    weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with FileServer(tmp_path / "served") as server:
        app = publish(server, weights, monkeypatch, tmp_path / "keras")
        assert over(NAME) == {"model": NAME}
    store = open_store()
    info = models.find(store, NAME)
    photo = (models.ZOO / "examples" / "photos" / "beagle.jpg").read_bytes()
    ours = inference.classify(store, info, photo, top=1000)
    theirs = keras.applications.MobileNetV2(weights=str(app.target))
    x = inference.prepare(inference.read(photo), info)
    expected = np.asarray(theirs(keras.applications.mobilenet_v2.preprocess_input(255 * x[None])))[0]
    shares = {row["label"]: row["probability"] for row in ours["labels"]}
    assert [shares[name] for name in info.recipe.dataset.classes] == pytest.approx(expected, abs=2e-5)
    assert jobs.downloading() is False


REFERENCE = {
    "mobilenet_v2": keras.applications.mobilenet_v2.preprocess_input,
    "resnet50": keras.applications.resnet.preprocess_input,
    "inception_v3": keras.applications.inception_v3.preprocess_input,
    "vgg16": keras.applications.vgg16.preprocess_input,
    "efficientnet_b0": lambda pixels: (pixels / 255 - applications.MEAN) / applications.DEVIATION,
}
"""What Keras makes of pixels from 0 to 255; for EfficientNet what its two layers make together."""


@pytest.mark.parametrize("name", APPLICATIONS)
def test_pixels_are_scaled_as_the_network_was_trained(name: str, monkeypatch: pytest.MonkeyPatch):
    app = APPLICATIONS[name]
    seen = {}

    def constructor(weights: None, input_tensor):
        if name == "efficientnet_b0":
            layers = keras.layers
            normalize = layers.Normalization(mean=applications.MEAN, variance=applications.DEVIATION)
            input_tensor = normalize(layers.Rescaling(1 / 255)(input_tensor))
        seen["tensor"] = input_tensor
        return input_tensor

    monkeypatch.setattr(keras.applications, app.constructor, constructor)
    build(app)
    inputs = keras.src.ops.operation_utils.get_source_inputs(seen["tensor"])
    x = np.random.default_rng(1).random((2, app.side, app.side, 3)).astype("float32")
    ours = np.asarray(keras.Model(inputs, seen["tensor"])(x))
    assert ours == pytest.approx(np.asarray(REFERENCE[name](255 * x)), abs=1e-3)


@pytest.mark.parametrize("name", [name for name in APPLICATIONS if name != "vgg16"])
def test_every_one_builds_with_the_parameters_that_are_stated_and_is_explained(name: str):
    app = APPLICATIONS[name]
    model = build(app)
    assert model.count_params() == app.parameters
    assert model.input_shape == (None, app.side, app.side, 3) and model.output_shape == (None, 1000)
    info = next(info for info in models.downloads() if info.name == name)
    image = inference.prepare(Image.effect_noise((400, 300), 80), info)
    assert image.shape == model.input_shape[1:]
    heat = Explainer(model).grad_cam(image, 7)
    assert heat.shape == image.shape[:2] and np.isfinite(heat).all()
