"""Teach it yours: classes and their images by upload, what is missing, and a run that is queued with them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from app_page import open_page
from PIL import Image
from streamlit.testing.v1 import AppTest

from dlcore.applications import APPLICATIONS
from dlcore.client import Client
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from pages.parts.classify.teach_result import confused


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Client, "attend", lambda self: None)


def photo(seed: int, size: tuple[int, int] = (80, 60)) -> bytes:
    blots = np.random.default_rng(seed).integers(0, 255, (5, 5, 3), "uint8")
    file = io.BytesIO()
    Image.fromarray(blots).resize(size, Image.Resampling.BILINEAR).save(file, "PNG")
    return file.getvalue()


def photos(*seeds: int, size: tuple[int, int] = (80, 60)) -> list[tuple[str, bytes, str]]:
    return [(f"{seed}.png", photo(seed, size), "image/png") for seed in seeds]


@pytest.fixture
def page() -> AppTest:
    return open_page("pages/classify.py", teach="1")


def give(app: AppTest, number: int, files: list[tuple[str, bytes, str]]) -> None:
    """Upload files to a class."""
    (uploader,) = [one for one in app.file_uploader if one.key.startswith(f"teach.class.{number}.files")]
    uploader.set_value(files).run()
    assert not app.exception, app.exception


def said(app: AppTest) -> str:
    shown = [*app.caption, *app.warning, *app.error, *app.markdown, *app.success]
    return "\n".join(str(one.value) for one in shown)


def folders(**counts: int) -> list[tuple[str, bytes, str]]:
    """A zip with a folder of so many photos for each name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for start, (name, count) in enumerate(counts.items()):
            for i in range(count):
                packed.writestr(f"pets/{name}/{i}.png", photo(100 * start + i))
    return [("pets.zip", file.getvalue(), "application/zip")]


def taught(app: AppTest) -> dict[str, int]:
    """The classes, each with the number of its images."""
    names = [one.value for one in app.text_input if one.key.startswith("teach.class")]
    counts = [len(row.images) for row in app.session_state["teach.classes"]]
    return dict(zip(names, counts, strict=True))


def test_images_of_two_classes_become_a_run_of_this_visitor(page: AppTest):
    assert page.button(key="teach.train").disabled
    assert "Class 1 has 0 images" in said(page)
    page.text_input(key="teach.class.1.name").set_value("cat").run()
    give(page, 1, photos(*range(12)))
    give(page, 2, photos(*range(20, 30)))
    assert "12 images" in said(page) and not page.button(key="teach.train").disabled
    page.button(key="teach.train").click().run()
    assert not page.exception, page.exception
    (run,) = open_store().list_runs()
    recipe = run.parsed()
    assert run.name == "cat, Class 2" and recipe.dataset.classes == ("cat", "Class 2")
    assert recipe.dataset.input_shape == (224, 224, 3) and recipe.dataset.examples == 22
    assert open_store().owns_upload(recipe.dataset.id, run.owner)
    split = recipe.dataset.load(recipe.training.seed)
    assert sorted(np.bincount(split.test.y)) == [1, 2] and len(split.train) == 18  # and one that watches
    assert page.button(key="teach.train").disabled  # it is under way
    assert page.query_params["teach"] in (run.id, [run.id])
    result = {"metrics": {"accuracy": 2 / 3}, "confusion": [[1, 1], [0, 1]], "classes": []}
    open_store().end(run.id, State.FINISHED, result=result)
    page.run()
    assert not page.exception, page.exception
    assert "Held-out accuracy 67%" in [heading.value for heading in page.subheader]
    same = {"visitor_key": page.session_state["visitor_key"]}
    again = open_page("pages/classify.py", same, teach=run.id)  # loaded again, or a bookmark
    assert "Held-out accuracy 67%" in [heading.value for heading in again.subheader]
    assert "It confuses cat and Class 2 most: 1 of their 3 held-out images." in said(page)
    assert page.dataframe[0].value["Correct"].tolist() == ["1 of 2", "1 of 1"]
    page.button(key="teach.use").click().run()
    assert page.session_state["classify.part"] == "One picture" and not page.exception


def test_small_images_are_not_enlarged_to_the_size_of_photos(page: AppTest):
    give(page, 1, photos(*range(10), size=(32, 32)))
    give(page, 2, photos(*range(20, 30), size=(32, 32)))
    page.button(key="teach.train").click().run()
    (run,) = open_store().list_runs()
    assert run.parsed().dataset.input_shape == (96, 96, 3)


def test_a_new_visitor_is_known_again_after_a_reload(page: AppTest):
    key = page.session_state["visitor_key"]
    assert any(key in one.proto.body for one in page.get("html"))  # else the training would be a stranger's


@pytest.mark.parametrize("side", [32, 300])
def test_a_reload_brings_back_the_images_of_the_training(page: AppTest, side: int):
    page.text_input(key="teach.class.1.name").set_value("cat").run()
    give(page, 1, photos(*range(12), size=(side, side)))
    give(page, 2, photos(*range(20, 30), size=(side, side)))
    page.button(key="teach.train").click().run()
    (run,) = open_store().list_runs()
    stranger = open_page("pages/classify.py", teach=run.id)
    assert taught(stranger) == {"Class 1": 0, "Class 2": 0}
    result = {"metrics": {"accuracy": 1.0}, "confusion": [[2, 0], [0, 1]], "classes": []}
    open_store().end(run.id, State.FINISHED, result=result)
    same = {"visitor_key": page.session_state["visitor_key"]}
    again = open_page("pages/classify.py", same, teach=run.id)
    assert taught(again) == {"cat": 12, "Class 2": 10}
    again.button(key="teach.train").click().run()
    assert not again.exception, again.exception
    one, other = open_store().list_runs()
    assert one.parsed().dataset.id == other.parsed().dataset.id  # the same images in the same size
    open_store().forget_upload(run.parsed().dataset.id, run.owner)
    assert taught(open_page("pages/classify.py", same, teach=run.id)) == {"Class 1": 0, "Class 2": 0}


def test_each_folder_of_a_zip_becomes_a_class(page: AppTest):
    give(page, 2, folders(only_one=3))
    assert taught(page) == {"Class 1": 0, "Class 2": 3}  # one folder says nothing
    page.text_input(key="teach.class.2.name").set_value("Dogs").run()
    give(page, 2, folders(my_cat=4, dogs=5, horses=6))
    assert taught(page) == {"horses": 6, "Dogs": 3 + 5, "my_cat": 4}
    assert r"Each folder is a class: Dogs, horses, my\_cat." in said(page)
    give(page, 1, folders(Dogs=45, **dict.fromkeys("abcdef", 1)))
    assert taught(page) == {"horses": 6, "Dogs": 50, "my_cat": 4} | dict.fromkeys("abcde", 1)
    assert "Left out: f (at most 8 classes), 3 images (a class holds 50)." in said(page)


def test_what_is_no_image_is_named_and_nothing_is_lost(page: AppTest):
    give(page, 1, photos(1, 2))
    give(page, 1, [("notes.jpg", b"no image at all", "image/jpeg"), ("empty.png", b"", "image/png")])
    assert "notes.jpg" in said(page) and "empty.png" in said(page) and "2 images" in said(page)


def test_images_go_and_a_class_goes(page: AppTest):
    give(page, 1, photos(*range(3)))
    page.button(key="teach.class.1.undo").click().run()
    assert "2 images" in said(page)
    page.button(key="teach.add").click().run()
    page.button(key="teach.class.1.remove").click().run()
    assert [one.key for one in page.text_input] == ["teach.class.2.name", "teach.class.3.name"]


def test_two_classes_of_one_name_are_refused(page: AppTest):
    page.text_input(key="teach.class.1.name").set_value("Class 2").run()
    assert "Two classes are called Class 2" in said(page) and page.button(key="teach.train").disabled


def test_the_two_that_are_confused_most_are_named():
    names = ("cat", "dog", "ship")
    assert confused(np.diag([3, 3, 3]), names) == "It confuses none of them."
    matrix = np.array([[1, 2, 0], [1, 2, 0], [0, 1, 2]])
    assert confused(matrix, names) == "It confuses cat and dog most: 3 of their 6 held-out images."


def test_a_downloaded_network_is_a_backbone_here_and_on_build(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    page.run()
    offered = "Also, once downloaded (choose it on Classify): MobileNetV2, EfficientNetB0, ResNet50"
    assert offered in said(page) and len(page.selectbox(key="teach.backbone").options) == 2
    path = APPLICATIONS["resnet50"].target
    path.parent.mkdir(parents=True)
    h5py.File(path, "w").close()
    page.run()
    assert "ResNet50" not in said(page)
    page.selectbox(key="teach.backbone").set_value("resnet50").run()
    give(page, 1, photos(*range(12)))
    give(page, 2, photos(*range(20, 30)))
    page.button(key="teach.train").click().run()
    assert not page.exception, page.exception
    (run,) = open_store().list_runs()
    assert run.parsed().architecture.backbone == "resnet50"
    page.query_params["recipe"] = run.parsed().link()
    page.switch_page("pages/build.py").run()
    assert not page.exception, page.exception
    assert page.selectbox(key="build.transfer.backbone").value == "resnet50"
    assert "Also, once downloaded" in said(page)
    (parameters,) = [metric.value for metric in page.metric if metric.label == "Parameters"]
    assert parameters == f"{23_587_712 + 2049:,}"
