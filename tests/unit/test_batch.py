"""A batch test: labels from folders, answers as for one picture, metrics as scikit-learn has them."""

from __future__ import annotations

import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image
from sklearn import metrics

from dlcore import batch, inference, models
from dlcore.decoding.images import ImageError
from dlcore.models import ZOO
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File
from dlcore.uploads.limits import MAX_IMAGES, UploadError
from dlcore.uploads.listing import list_images

CLASSES = ("cat", "great white shark", "dog")


def packed(*names: str, content: bytes = b"x") -> File:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return File.of("photos.zip", file.getvalue())


def labelled(*names: str) -> batch.Labels:
    return batch.labels_of(list_images([packed(*names)])[0], CLASSES)


def test_a_folder_called_like_a_class_is_the_label_however_it_is_written():
    labels = labelled("test/CAT/1.jpg", "test/Great_White-Shark/a.png", "test/dog/more/2.jpg")
    assert labels.classes == ["cat", "great white shark", "dog"] and not labels.notes


def test_a_single_folder_of_one_class_is_a_label_too():
    assert labelled("dog/1.jpg", "dog/2.jpg").classes == ["dog", "dog"]


def test_folders_that_the_network_does_not_know_are_named_with_their_number():
    labels = labelled("cat/1.jpg", "wolf/1.jpg", "wolf/2.jpg")
    assert labels.given == ["cat", "wolf", "wolf"] and labels.classes == ["cat", "", ""]
    assert labels.notes == ["The network has no class called wolf: 2 images left out of the accuracy."]


def test_without_folders_there_are_answers_and_no_accuracy():
    labels = labelled("1.jpg", "2.jpg")
    assert not any(labels.given) and not labels.notes
    assert batch.report([{"labels": [{"label": "cat", "probability": 1.0}]}] * 2, labels.classes) == {}


def test_what_is_no_picture_is_left_out_and_counted():
    images, notes = list_images([packed("a/1.jpg", "a/readme.txt", "__MACOSX/a/._1.jpg", ".hidden/2.jpg")])
    assert [image.path for image in images] == ["a/1.jpg"]
    assert len(notes) == 1 and "a/readme.txt" in notes[0]


def test_too_many_images_are_refused():
    with pytest.raises(UploadError, match="at most"):
        list_images([packed(*(f"{i}.jpg" for i in range(MAX_IMAGES + 1)))])


def test_a_zip_that_unpacks_to_too_much_is_refused_image_by_image():
    (image,), _ = list_images([packed("a.jpg", content=bytes(30 * 2**20))])
    with pytest.raises(ImageError, match="more than 20 MB"):
        image.content()


def answers_of(predicted: list[str], names: tuple[str, ...], rng: np.random.Generator) -> list[dict]:
    rows = []
    for first in predicted:
        others = [name for name in rng.permutation(names) if name != first]
        rows.append(
            {"labels": [{"label": n, "probability": 1 / (i + 2)} for i, n in enumerate([first, *others])]}
        )
    return rows


def test_metrics_are_those_of_scikit_learn():
    rng = np.random.default_rng(1)
    names = tuple(f"class {i}" for i in range(9))
    true = [str(n) for n in rng.choice(names[:4], 200)]
    predicted = [
        str(n) if rng.random() < 0.6 else t for n, t in zip(rng.choice(names, 200), true, strict=True)
    ]
    answers = answers_of(predicted, names, rng)
    report = batch.report(answers, true)
    assert report["top1"] == pytest.approx(metrics.accuracy_score(true, predicted))
    top5 = np.mean([t in [r["label"] for r in a["labels"][:5]] for t, a in zip(true, answers, strict=True)])
    assert report["top5"] == pytest.approx(top5)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        true, predicted, labels=names[:4], zero_division=0
    )
    assert [row["precision"] for row in report["classes"]] == pytest.approx(precision)
    assert [row["recall"] for row in report["classes"]] == pytest.approx(recall)
    assert [row["f1"] for row in report["classes"]] == pytest.approx(f1)
    assert [row["support"] for row in report["classes"]] == list(support)
    assert report["names"] == [*names[:4], batch.ANOTHER] and np.sum(report["confusion"]) == 200


def test_errors_come_with_the_most_confident_first():
    rows = [("dog", 0.5), ("cat", 0.9), ("dog", 0.8), ("dog", 0.7)]
    answers = [{"labels": [{"label": name, "probability": p}]} for name, p in rows] + [{"error": "broken"}]
    assert batch.worst(answers, ["cat", "cat", "cat", "", "cat"]) == [2, 0]


def test_the_file_has_every_answer_and_no_formula():
    answers = [{"labels": [{"label": "cat", "probability": 0.9}]}, {"error": "It is broken: save it again."}]
    labels = batch.Labels(["cat", ""], ["cat", ""])
    data = batch.table(["=1+1.jpg", "b.jpg"], answers, labels).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(data))
    assert first["file"] == "'=1+1.jpg" and first["class 1"] == "cat" and first["correct"] == "True"
    assert second["problem"].startswith("It is broken") and second["class 1"] == ""


def test_many_are_answered_as_each_alone():
    store = open_store()
    info = models.find(store, "cifar10-resnet")
    photos = [path.read_bytes() for path in sorted((ZOO / "examples" / "photos").glob("*.jpg"))[:3]]
    many = inference.classify_many(store, info, [photos[0], b"no picture", *photos[1:]])
    assert "save it as JPEG" in many.pop(1)["error"]
    for photo, answer in zip(photos, many, strict=True):
        alone = inference.classify(store, info, photo)["labels"]
        assert [row["label"] for row in answer["labels"]] == [row["label"] for row in alone]
        assert [r["probability"] for r in answer["labels"]] == pytest.approx(
            [r["probability"] for r in alone], abs=2e-4
        )
        assert Image.open(io.BytesIO(answer["thumbnail"])).size == (96, 96)
    assert inference.classify_many(store, info, []) == []


def blank(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, "PNG")
    return file.getvalue()


def test_no_more_pixels_are_decoded_than_are_left(monkeypatch):
    store = open_store()
    info = models.find(store, "cifar10-resnet")
    images = [blank(100, 100), b"no picture", blank(200, 100), blank(300, 100)]
    rows = inference.classify_many(store, info, images, pixels=59_999)
    assert [row["pixels"] for row in rows] == [10_000, 0, 20_000] and "error" in rows[1]
    assert inference.classify_many(store, info, images[3:], pixels=29_999) == []
    monkeypatch.setattr(inference, "AT_ONCE", 15_000)  # one answer takes only so long
    assert len(inference.classify_many(store, info, images)) == 3


def test_the_frames_of_an_animation_count_too():
    frames = [Image.new("L", (10, 10), 200 + i) for i in range(5)]  # all blank: each is looked at
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    (row,) = inference.classify_many(
        open_store(), models.find(open_store(), "cifar10-resnet"), [file.getvalue()]
    )
    assert row["pixels"] == 500
