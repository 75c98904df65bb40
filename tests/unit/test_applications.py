"""Networks of Keras for download: whole or not at all, and then the network that Keras builds."""

from __future__ import annotations

import hashlib
import struct
import threading
import time
from dataclasses import replace
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from file_server import FileServer
from keras.src.legacy.saving import legacy_h5_format
from PIL import Image

from dlcore import applications, inference, jobs, models
from dlcore.applications import APPLICATIONS, Application, is_whole
from dlcore.applications import jobs as downloading
from dlcore.applications.jobs import DownloadError, fetch, fetch_network, lacks_room, stop_network
from dlcore.applications.networks import build
from dlcore.models import UnknownModel
from dlcore.runs.store import open_store

NAME = "mobilenet_v2"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    models._of_application.cache_clear()
    return tmp_path / "keras" / "models"


@pytest.fixture
def server(tmp_path: Path):
    folder = tmp_path / "served"
    folder.mkdir()
    with FileServer(folder) as server:
        yield server


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file as Keras publishes it, with random weights."""
    path = tmp_path_factory.mktemp("weights") / "random.h5"
    keras.utils.set_random_seed(1)
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, keras.applications.MobileNetV2(weights=None))
    return path.read_bytes()


@pytest.fixture
def published(server: FileServer, weights: bytes, monkeypatch: pytest.MonkeyPatch) -> Application:
    """MobileNetV2 on a server of our own; the size that is known of it is a little wrong."""
    (server.folder / "weights.h5").write_bytes(weights)
    app = replace(
        APPLICATIONS[NAME],
        address=f"{server.url}/weights.h5",
        size=len(weights) + 5,
        md5=hashlib.md5(weights).hexdigest(),
    )
    monkeypatch.setitem(applications.APPLICATIONS, NAME, app)
    models._of_application.cache_clear()
    return app


def wait(name: str, until) -> dict:
    for _ in range(600):
        if until(answer := fetch_network(name)):
            return answer
        time.sleep(0.02)
    raise AssertionError(answer)


def test_it_is_offered_until_it_is_here_and_then_answers_like_any_other(published: Application):
    store = open_store()
    assert NAME not in [info.name for info in models.available(store)]
    with pytest.raises(UnknownModel, match="not been downloaded"):
        models.find(store, NAME)
    assert wait(NAME, lambda answer: "total" not in answer) == {"model": NAME}
    info = models.find(store, NAME)
    assert info.at_hand and info.source == "download" and info in models.available(store)
    photo = (models.ZOO / "examples" / "photos" / "beagle.jpg").read_bytes()
    ours = inference.classify(store, info, photo, top=1000)
    theirs = keras.applications.MobileNetV2(weights=str(published.target))
    x = inference.prepare(inference.read(photo), info)
    expected = np.asarray(theirs(keras.applications.mobilenet_v2.preprocess_input(255 * x[None])))[0]
    classes = info.recipe.dataset.classes
    found = {row["label"]: row["probability"] for row in ours["labels"]}
    assert [found[name] for name in classes] == pytest.approx(expected, abs=2e-5)
    assert jobs.downloading() is False


def test_a_broken_connection_is_taken_up_where_it_broke(
    published: Application, server: FileServer, weights: bytes
):
    server.cuts = [0, 100_000, 200_000]  # the first is of the question for the size
    fetch(published, lambda done, total: None)
    assert published.target.read_bytes() == weights
    assert [range_ for _, range_ in server.log][2:] == ["bytes=100000-", "bytes=300000-"]


def test_damage_is_noticed_and_thrown_away(published: Application, server: FileServer):
    server.damage = True
    with pytest.raises(DownloadError, match="damaged"):
        fetch(published, lambda done, total: None)
    assert not published.at_hand and not published.target.exists()


def test_stop_ends_it_and_it_goes_on_later(published: Application, server: FileServer):
    go = threading.Event()
    slow = threading.Event()

    def before() -> None:
        if len(server.log) == 2:
            slow.set()
            go.wait(10)

    server.before, server.cuts = before, [0, 300_000]
    fetch_network(NAME)
    assert slow.wait(10)
    running = downloading.downloads._under_way[NAME]
    assert stop_network(NAME) == {"stopped": NAME}
    go.set()
    running.join(10)
    assert not running.is_alive() and not published.at_hand and not jobs.downloading()
    server.before, server.cuts = lambda: None, []
    assert wait(NAME, lambda answer: "total" not in answer) == {"model": NAME}


def test_what_is_not_there_is_said_in_one_line(published: Application, server: FileServer):
    (server.folder / "weights.h5").unlink()
    answer = wait(NAME, lambda answer: "total" not in answer)
    assert "the server answered 404" in answer["error"] and "\n" not in answer["error"]


def test_what_would_not_fit_is_refused_before_it_is_fetched(
    published: Application, server: FileServer, monkeypatch: pytest.MonkeyPatch
):
    huge = replace(published, parameters=10**13)
    assert "not enough memory" in lacks_room(huge)
    with pytest.raises(DownloadError, match="Choose a smaller network"):
        fetch(huge, lambda done, total: None)
    assert "disk has no room" in lacks_room(replace(published, size=10**17))
    assert not server.log and not lacks_room(published)


def test_a_file_that_was_cut_off_is_not_there(published: Application, weights: bytes):
    published.target.parent.mkdir(parents=True)
    for length in (0, 7, 40, 1000, len(weights) - 1):
        published.target.write_bytes(weights[:length])
        assert not published.at_hand
    published.target.write_bytes(weights)
    assert published.at_hand


def test_the_end_of_a_file_is_read_from_either_kind_of_head(tmp_path: Path):
    for version in ("earliest", "latest"):
        path = tmp_path / f"{version}.h5"
        with h5py.File(path, "w", libver=version) as file:
            file["x"] = np.arange(1000)
        assert is_whole(path)
        path.write_bytes(path.read_bytes()[:-1])
        assert not is_whole(path)
    assert struct.calcsize("<Q") == 8 and not is_whole(tmp_path / "none")


def test_a_file_damaged_later_is_thrown_away_and_said_so(published: Application, weights: bytes):
    published.target.parent.mkdir(parents=True)
    changed = bytearray(weights)
    changed[len(changed) // 2] ^= 1
    published.target.write_bytes(changed)
    info = models.find(open_store(), NAME)
    with pytest.raises(UnknownModel, match="download it again"):
        models.load(open_store(), info)
    assert not published.target.exists()


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
def test_every_one_builds_with_the_parameters_that_are_stated(name: str):
    app = APPLICATIONS[name]
    model = build(app)
    assert model.count_params() == app.parameters
    assert model.input_shape == (None, app.side, app.side, 3) and model.output_shape == (None, 1000)
    info = next(info for info in models.downloads() if info.name == name)
    assert inference.prepare(Image.new("RGB", (400, 300)), info).shape == model.input_shape[1:]
