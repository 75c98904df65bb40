"""Classify without an engine: its parts, and what is refused before anything is asked of one."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from app_page import open_page


def packed(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


def test_a_batch_test_begins_with_what_ships_and_refuses_files_without_pictures():
    app = open_page("pages/classify.py")
    app.segmented_control(key="classify.part").set_value("Batch test").run()
    assert not app.exception and any("Until you choose files" in caption.value for caption in app.caption)
    app.file_uploader(key="classify.batch.files").set_value(
        [("texts.zip", packed("a.txt"), "application/zip")]
    ).run()
    assert not app.exception and "There is no picture in these files" in app.error[0].value


def test_one_of_many_files_is_chosen_by_its_name():
    app = open_page("pages/classify.py")
    app.segmented_control(key="classify.way").set_value("Upload").run()
    assert "Choose a picture" in app.info[0].value
    app.file_uploader(key="classify.files").set_value(
        [("a.png", b"x", "image/png"), ("b.png", b"y", "image/png")]
    ).run()
    (which,) = [choice for choice in app.selectbox if choice.label == "Which of the 2"]
    assert not app.exception and which.options == ["a.png", "b.png"] and which.index == 1  # the newest


def test_an_address_is_refused_in_one_line_and_can_be_tried_again():
    app = open_page("pages/classify.py")
    app.segmented_control(key="classify.way").set_value("Web").run()
    app.text_input(key="classify.url").set_value("https://127.0.0.1/a.png").run()
    assert "no public host" in app.error[0].value
    app.button(key="classify.refetch").click().run()
    assert not app.exception and "no public host" in app.error[0].value


def test_networks_for_download_are_offered_and_another_answers_until_they_are_here(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    app = open_page("pages/classify.py", model="resnet50")
    network = next(choice for choice in app.selectbox if choice.label == "Network")
    assert network.value == "resnet50" and "103 MB to download" in " ".join(network.options)
    assert any("103 MB to download, once" in info.value for info in app.info)
    assert any("Until then mobilenet-v2 answers" in caption.value for caption in app.caption)
    others = app.selectbox(key="classify.other").options
    assert "cifar10-resnet" in " ".join(others) and "resnet50" not in " ".join(others)


def test_a_network_to_compare_with_is_chosen():
    app = open_page("pages/classify.py", model="mobilenet-v2")
    app.selectbox(key="classify.other").set_value("cifar10-resnet").run()
    assert not app.exception
    app.selectbox(key="classify.model").set_value("cifar10-resnet").run()
    assert not app.exception and app.selectbox(key="classify.other").value == "No other network"


def test_a_batch_that_has_too_many_pixels_ends_with_one_line(monkeypatch):
    """A stand-in for the engine answers the first two pictures and none after them: their pixels are all there may be."""
    row = {"labels": [{"label": "beagle", "probability": 0.9}], "thumbnail": b""}
    rows = [row | {"pixels": 2_000_000_000}, row | {"pixels": 900_000_000}]
    asked = []

    def engine(job: str, **arguments: Any) -> list[dict[str, Any]]:
        asked.append(arguments["pixels"])
        return rows if len(asked) == 1 else []

    monkeypatch.setattr("pages.parts.classify.batch.request", engine)
    app = open_page("pages/classify.py", model="mobilenet-v2")
    app.segmented_control(key="classify.part").set_value("Batch test").run()
    assert asked == [3_000_000_000, 100_000_000]
    (line,) = [warning.value for warning in app.warning if "megapixels" in warning.value]
    assert "first 2 of 9" in line and len(app.dataframe[0].value) == 2 and not app.exception


def test_the_chosen_network_is_in_the_address_so_that_a_reload_brings_it_back():
    app = open_page("pages/classify.py")
    assert "model" not in app.query_params
    app.selectbox(key="classify.model").set_value("digits-cnn").run()
    assert not app.exception and app.query_params["model"] == "digits-cnn"
    again = open_page("pages/classify.py", model="digits-cnn")
    assert again.selectbox(key="classify.model").value == "digits-cnn"
    again.selectbox(key="classify.model").set_value("mobilenet-v2").run()
    assert again.query_params["model"] == "mobilenet-v2"
