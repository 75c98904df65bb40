"""Where images lie decides their classes, and nothing is set aside without a word."""

from __future__ import annotations

import pytest

from dlcore.uploads.classes import ONE_CLASS, Place, sort
from dlcore.uploads.limits import MAX_CLASS_NAME, MIN_IN_CLASS
from dlcore.uploads.names import decoded, from_surrogates, parts, shortened


def places(*paths: str, times: int = 1, zip: str = "") -> list[Place]:
    return [
        Place(parts(path)[:-1], f"{i}{parts(path)[-1]}" if times > 1 else parts(path)[-1], zip)
        for path in paths
        for i in range(times)
    ]


def many(*folders: str, zip: str = "") -> list[Place]:
    """Ten images in each folder."""
    return places(*(f"{folder}/x.jpg" for folder in folders), times=10, zip=zip)


@pytest.mark.parametrize(
    ("found", "classes"),
    [
        (many("cats", "dogs"), ("cats", "dogs")),
        (many("set/cats", "set/dogs"), ("cats", "dogs")),
        (many("n0001/images", "n0002/images"), ("n0001", "n0002")),
        (many("normal", "pneumonia/virus", "pneumonia/bacteria"), ("normal", "pneumonia")),
        (many("train/cats", "train/dogs", "test/cats", "test/dogs"), ("cats", "dogs")),
        (many("set/Train/cats", "set/Train/dogs", "set/val/cats"), ("cats", "dogs")),
        (many("all\\cats", "all\\dogs"), ("cats", "dogs")),
        (many("Cafe\N{COMBINING ACUTE ACCENT}", "Café", "Tee"), ("Café", "Tee")),
        (many("", zip="cats") + many("", zip="dogs"), ("cats", "dogs")),
        (many("images", zip="cats") + many("images", zip="dogs"), ("cats", "dogs")),
        (many("cats", "dogs", zip="1") + many("cats", "dogs", zip="2"), ("cats", "dogs")),
        (many("", zip="cats") + many("dogs", zip="2"), ("cats", "dogs")),
        (many("", zip="all"), ONE_CLASS),
        (many("images"), ONE_CLASS),
        (places("cat_1.png", "dog-2.png") * 5, ("cat", "dog")),
        (places("train/cat.1.jpg", "train/dog.1.jpg") * 5, ("cat", "dog")),
        (places("IMG_1.png") * 30, ONE_CLASS),
        (places(*(f"{i}.png" for i in range(30))), ONE_CLASS),
        (many(*(f"{i:03}" for i in range(200))), tuple(f"{i:03}" for i in range(200))),
    ],
)
def test_classes(found, classes):
    sorting = sort(found)
    assert sorting.classes == classes
    assert sorting.labels and set(sorting.labels) == set(range(len(classes)))


@pytest.mark.parametrize(
    ("found", "classes", "left_out", "words"),
    [
        (
            many("cats", "dogs") + places("birds/1.jpg", times=4),
            ("cats", "dogs"),
            4,
            ["birds (4)", "1 of 3", "5"],
        ),
        (many("cats", "dogs") + places("stray.jpg"), ("cats", "dogs"), 1, ["1 image beside", "stray.jpg"]),
        (
            many("a/cats", "a/dogs") + places("x.jpg", "a/y.jpg"),
            ("cats", "dogs"),
            2,
            ["2 images", "x.jpg, y.jpg"],
        ),
        (many("images") + places("images/old/1.jpg") * 6, ONE_CLASS, 0, ["one folder only, old"]),
        (places("cat_1.png") * 20 + places("dog_1.png") * 4, ONE_CLASS, 0, ["dog (4)", "at least 5"]),
        (places(*(f"{i}/x.jpg" for i in range(9))) * (MIN_IN_CLASS - 1), (), 36, ["9 of 9", "and 4 more"]),
        (many("train/cats", "test/dogs"), ("cats", "dogs"), 0, ["test and train are put together"]),
    ],
)
def test_what_is_set_aside_is_named_with_its_number(found, classes, left_out, words):
    sorting = sort(found)
    assert sorting.classes == classes and sorting.labels.count(-1) == left_out
    for word in words:
        assert word in " ".join(sorting.notes)


def test_names_that_agree_in_their_beginning_stay_two_classes():
    long = "a name that goes on for much longer than anybody would like to read, number"
    sorting = sort(many(f"{long} one", f"{long} two"))
    assert len(set(sorting.classes)) == 2 and all(len(name) <= MAX_CLASS_NAME for name in sorting.classes)
    middle = [f"{'a' * 40}{number}{'b' * 40}" for number in range(200)]
    assert len(set(shortened(middle, MAX_CLASS_NAME).values())) == 200
    assert all(len(name) <= MAX_CLASS_NAME for name in shortened(middle, MAX_CLASS_NAME).values())


@pytest.mark.parametrize(
    ("words", "encodings"),
    [
        (["Äpfel", "Birnen"], ["utf-8", "cp437", "cp1252"]),
        (["Größe", "Straße", "Übung"], ["utf-8", "cp437", "cp1252"]),
        (["señor", "Málaga"], ["cp437", "cp1252"]),
        (["ねこ", "いぬ"], ["utf-8", "cp932"]),
        (["カメラ", "写真"], ["cp932"]),
        (["Кошки", "Собаки"], ["cp866", "cp1251"]),
        (["猫", "狗"], ["gbk"]),
        (["cats", "dogs"], ["ascii"]),
    ],
)
def test_names_are_decoded_as_they_were_written(words, encodings):
    for encoding in encodings:
        assert decoded(word.encode(encoding) for word in words) == words


def test_folders_whose_names_are_no_unicode():
    raw = b"\xc4pfel/1.jpg".decode("utf-8", "surrogateescape")
    assert from_surrogates(["Birnen/1.jpg", raw, "Öl/2.jpg"]) == ["Birnen/1.jpg", "Äpfel/1.jpg", "Öl/2.jpg"]
    assert parts("./a\x00b/../\u202e /c.jpg") == ("ab", "c.jpg")
