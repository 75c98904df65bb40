"""The data are what they claim: shapes, parts, balance, and the geometry behind the points."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from dlcore.datasets import DATASETS
from dlcore.datasets.base import DatasetError, divide
from dlcore.datasets.drawn import FACE, MAX_POINTS, Drawn
from dlcore.datasets.images import Digits
from dlcore.datasets.points import Circles, Gaussians, Moons, Ring, Spiral, Xor
from dlcore.datasets.uploaded import Uploaded, keep
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File
from dlcore.uploads.limits import MAX_IMAGES

EMBEDDED = [kind for kind in DATASETS.values() if kind.source == "embedded" and kind.task == "classification"]
POINTS = [Spiral, Moons, Circles, Xor, Gaussians, Ring, Drawn]
SHARES = [(0.15, 0.15), (0.05, 0.4), (0.4, 0.05)]


def parts(split):
    return (split.train, split.validation, split.test)


@pytest.fixture(params=EMBEDDED, ids=lambda kind: kind.model_fields["name"].default)
def kind(request):
    return request.param


def whole(kind, seed: int = 1):
    """All examples of a data set, whatever part they are in."""
    split = kind().load(seed)
    return (
        np.concatenate([part.x for part in parts(split)]),
        np.concatenate([part.y for part in parts(split)]),
    )


def test_shapes_types_and_labels(kind):
    dataset = kind()
    for part in parts(dataset.load(1)):
        assert part.x.shape == (len(part), *dataset.input_shape)
        assert part.x.dtype == (np.int32 if dataset.problem.vocabulary else np.float32)
        assert part.y.shape == (len(part),) and part.y.dtype == np.int32
        assert set(part.y) == set(range(len(dataset.classes)))
        assert np.isfinite(part.x).all()


def test_images_are_in_zero_to_one_and_points_near_the_middle(kind):
    x, _ = whole(kind)
    if kind.modality == "image":
        assert x.min() == 0 and x.max() == 1
    if kind.modality == "points":
        assert 1.5 < np.abs(x).max() < 4


@pytest.mark.parametrize("shares", SHARES)
def test_parts_have_the_size_asked_for(kind, shares):
    dataset = kind(validation_share=shares[0], test_share=shares[1])
    split = dataset.load(1)
    total = sum(len(part) for part in parts(split))
    assert len(split.validation) == round(shares[0] * total)
    assert len(split.test) == round(shares[1] * total)
    assert dataset.training_examples == len(split.train)
    assert total == getattr(dataset, "examples", getattr(dataset, "count", 1797))


@pytest.mark.parametrize("shares", SHARES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_class_keeps_its_proportion_in_every_part(kind, shares, seed):
    split = kind(validation_share=shares[0], test_share=shares[1]).load(seed)
    counts = np.stack([np.bincount(part.y) for part in parts(split)])
    sizes = counts.sum(axis=1)
    proportional = np.outer(sizes / sizes.sum(), counts.sum(axis=0))
    assert np.abs(counts - proportional).max() <= 1 + 1e-9


def rows(x: np.ndarray) -> list[tuple]:
    return sorted(map(tuple, x.reshape(len(x), -1).tolist()))


def test_points_are_in_one_part_each(kind):
    if kind.modality == "points":
        x, _ = whole(kind)
        assert len(set(rows(x))) == len(x)


def test_divide_gives_each_example_to_one_part():
    x = np.arange(1000)[:, None]
    found = divide(x, (x[:, 0] % 7).astype("int32"), (0.2, 0.1), np.random.default_rng(1))
    assert sorted(np.concatenate([part.x[:, 0] for part in found])) == list(range(1000))
    for part in found:
        assert (part.y == part.x[:, 0] % 7).all()
        assert (np.diff(part.x[:, 0]) < 0).any(), "not shuffled"


def test_uneven_classes_keep_their_proportion():
    y = np.repeat([0, 1, 2], [800, 150, 50]).astype("int32")
    found = divide(np.zeros((1000, 1)), y, (0.2, 0.2), np.random.default_rng(1))
    for part, share in zip(found, (0.6, 0.2, 0.2), strict=True):
        wanted = np.array([800, 150, 50]) * share
        assert np.abs(np.bincount(part.y, minlength=3) - wanted).max() <= 1 + 1e-9


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data(kind):
    one, again, other = kind().load(5), kind().load(5), kind().load(6)
    for a, b in zip(parts(one), parts(again), strict=True):
        assert (a.x == b.x).all() and (a.y == b.y).all()
    assert (one.train.x != other.train.x).any()


def test_digits_are_scikit_learns():
    x, y = load_digits(return_X_y=True)
    ours_x, ours_y = whole(Digits)
    theirs = sorted((*row, label) for row, label in zip((x / 16).tolist(), y, strict=True))
    ours = sorted((*row, label) for row, label in zip(ours_x.reshape(-1, 64).tolist(), ours_y, strict=True))
    assert ours == theirs


def test_spiral_is_archimedes_and_turning_one_arm_by_half_gives_the_other():
    x, y = whole(lambda: Spiral(noise=0))
    radius = np.hypot(x[:, 0], x[:, 1])
    assert radius.min() > 0 and radius.max() <= 3 + 1e-5
    angle = np.arctan2(x[:, 0], x[:, 1]) - np.pi * y
    turns = (1.75 * radius / 3 - angle / (2 * np.pi) + 0.5) % 1 - 0.5
    assert np.abs(turns).max() < 1e-4


def test_moons_are_the_half_circles_of_scikit_learns_make_moons():
    x, y = whole(lambda: Moons(noise=0))
    x = x / 1.8 + [0.5, 0.25]  # make_moons has them at (0, 0) and (1, 0.5)
    upper, lower = x[y == 0], x[y == 1] - [1, 0.5]
    assert np.hypot(*upper.T) == pytest.approx(1, abs=1e-5)
    assert np.hypot(*lower.T) == pytest.approx(1, abs=1e-5)
    assert upper[:, 1].min() > -1e-6 and lower[:, 1].max() < 1e-6


def test_circles_are_told_apart_by_their_distance_from_the_middle():
    x, y = whole(lambda: Circles(noise=0))
    radius = np.hypot(*x.T)
    assert radius[y == 1].max() <= 1.2001 and radius[y == 0].min() >= 1.8999
    # Even density: half of a disc's points lie within 1/√2 of its radius.
    assert np.mean(radius[y == 1] < 1.2 / np.sqrt(2)) == pytest.approx(0.5, abs=0.07)


def test_xor_is_told_by_the_sign_of_the_product():
    x, y = whole(lambda: Xor(noise=0))
    assert ((x[:, 0] * x[:, 1] > 0) == (y == 1)).all()
    quarters = np.bincount(2 * (x[:, 0] > 0) + (x[:, 1] > 0))
    assert quarters.min() > 0.2 * len(x)


def test_gaussians_are_three_round_clouds_at_the_corners_of_an_equilateral_triangle():
    x, y = whole(lambda: Gaussians(noise=0, examples=5000))
    middles = np.stack([x[y == i].mean(axis=0) for i in range(3)])
    sides = [np.linalg.norm(middles[i] - middles[i - 1]) for i in range(3)]
    assert sides == pytest.approx([1.7 * np.sqrt(3)] * 3, abs=0.08)
    for i in range(3):
        covariance = np.cov(x[y == i].T)
        assert covariance == pytest.approx(0.4**2 * np.eye(2), abs=0.02)


@pytest.mark.parametrize("points", POINTS)
def test_noise_moves_points_and_no_noise_is_repeatable_geometry(points):
    rng = np.random.default_rng
    labels = np.arange(1000) % len(points().classes)
    noiseless = points(noise=0).place(labels, rng(1))
    little, much = (points(noise=n).place(labels, rng(1)) - noiseless for n in (0.1, 0.5))
    assert 0 < little.std() < much.std()
    assert much.std() == pytest.approx(5 * little.std(), rel=1e-6)


def test_the_ring_has_eight_clouds_at_even_angles():
    x, y = whole(lambda: Ring(noise=0, examples=4000))
    middles = np.stack([x[y == i].mean(axis=0) for i in range(8)])
    assert np.hypot(*middles.T) == pytest.approx(2.2, abs=0.02)
    turns = np.arctan2(middles[:, 1], middles[:, 0]) / (2 * np.pi) % 1
    assert np.sort(turns[1:]) == pytest.approx(np.arange(1, 8) / 8, abs=0.005)
    assert x[y == 3].std(axis=0) == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize("points", POINTS)
def test_any_number_of_points_can_be_drawn_and_more_are_of_the_same_shape(points):
    dataset = points()
    made = dataset.draw(1600, np.random.default_rng(1))
    assert made.x.shape == (1600, 2) and made.x.dtype == np.float32 and made.y.dtype == np.int32
    x, _ = whole(points)
    assert made.x.mean(axis=0) == pytest.approx(x.mean(axis=0), abs=0.3)
    assert made.x.std(axis=0) == pytest.approx(x.std(axis=0), rel=0.15)


# -- drawn by hand --------------------------------------------------------------------------------


def test_drawn_points_are_found_around_what_was_drawn_in_their_colour():
    orange, blue = ((-2.0, 1.0), (-2.0, -1.0)), ((2.0, 0.0),)
    x, y = whole(lambda: Drawn(orange=orange, blue=blue, noise=0.1, examples=2000))
    assert np.bincount(y).tolist() == [1000, 1000]
    assert x[y == 1] == pytest.approx(np.broadcast_to(blue, (1000, 2)), abs=0.5)
    upper = x[y == 0][:, 1] > 0
    assert upper.mean() == pytest.approx(0.5, abs=0.06)
    assert x[y == 0][upper].std(axis=0) == pytest.approx(0.1, abs=0.02)
    noiseless, _ = whole(lambda: Drawn(orange=orange, blue=blue, noise=0))
    assert {tuple(row) for row in noiseless.tolist()} == {*orange, *blue}


def test_one_colour_is_one_class_which_nothing_can_be_told_apart_from():
    assert Drawn().classes == ("orange", "blue")
    for one in ({"blue": []}, {"orange": []}):
        dataset = Drawn.model_validate(one)
        assert dataset.classes == (("orange",) if "blue" in one else ("blue",))
        assert set(dataset.load(1).train.y) == {0}
        with pytest.raises(RecipeError, match="two classes to tell apart"):
            Recipe.parse({"dataset": {"name": "drawn", **one}})


def test_a_link_holds_the_largest_drawing():
    drawing = np.random.default_rng(1).uniform(-3, 3, (2, MAX_POINTS, 2)).tolist()
    recipe = Recipe.parse({"dataset": {"name": "drawn", "orange": drawing[0], "blue": drawing[1]}})
    assert Recipe.from_link(recipe.link()) == recipe
    assert np.abs(np.array(recipe.dataset.blue) - drawing[1]).max() <= 0.005 + 1e-9


@pytest.mark.parametrize(
    ("drawing", "field"),
    [
        ({"orange": [], "blue": []}, "dataset"),
        ({"orange": [[0, 3.5]]}, "dataset.orange.0.1"),
        ({"orange": [[0, float("nan")]]}, "dataset.orange.0.1"),
        ({"orange": [[0, 1, 2]]}, "dataset.orange.0"),
        ({"orange": [*FACE] * 7}, "dataset.orange"),
    ],
)
def test_a_drawing_that_makes_no_sense_is_refused(drawing, field):
    with pytest.raises(RecipeError) as refused:
        Recipe.parse({"dataset": {"name": "drawn", **drawing}})
    assert refused.value.problems[0].field == field


# -- uploaded images ----------------------------------------------------------------------------


def png(value: int, size: tuple[int, int] = (40, 30)) -> bytes:
    """A square of one grey on black."""
    pixels = np.zeros((size[1], size[0], 3), "uint8")
    side = min(size)
    pixels[side // 4 : -side // 4, size[0] // 2 - side // 4 : size[0] // 2 + side // 4] = value
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def uploads(count: int = 30) -> list[File]:
    """Half of them cats, half dogs, no two alike."""
    return [File.of(f"{'cat' if i % 2 else 'dog'}_{i}.png", png(100 + 5 * i)) for i in range(count)]


@pytest.mark.parametrize("side", [16, 28, 32])
@pytest.mark.parametrize("colour", [False, True])
def test_uploaded_images_come_back_small_and_in_their_classes(side, colour):
    kept = keep(uploads(), side, colour)
    dataset = kept.dataset
    assert kept.unusable == kept.notes == []
    assert dataset.classes == ("cat", "dog") and dataset.examples == 30
    assert dataset.input_shape == (side, side, 3 if colour else 1)
    assert dataset.problem.input_shape == dataset.input_shape and dataset.problem.binary
    split = dataset.load(1)
    assert len(split.train) == dataset.training_examples
    x = np.concatenate([part.x for part in parts(split)])
    y = np.concatenate([part.y for part in parts(split)])
    assert x.shape == (30, *dataset.input_shape) and x.dtype == np.float32
    grey = (255 * x[:, side // 2, side // 2, 0]).round().astype(int)
    assert sorted(grey) == [100 + 5 * i for i in range(30)]
    assert ((grey - 100) // 5 % 2 == (y == 0)).all()
    recipe = Recipe.parse({"dataset": dataset.model_dump()})
    assert Recipe.from_link(recipe.link()).dataset == dataset


def test_the_same_images_are_kept_once_and_other_ones_beside_them():
    one, again, larger = (keep(uploads(), side, False).dataset for side in (16, 16, 28))
    assert one == again and one.id != larger.id
    assert keep(uploads(28), 16, False).dataset.id != one.id


def test_a_broken_file_is_named_in_one_line_and_the_others_are_used():
    files = [*uploads(), File.of("holiday.jpg", b"no picture"), File.of("empty.png", b"")]
    seen = []
    kept = keep(files, 16, False, lambda done, total: seen.append((done, total)))
    assert kept.dataset.examples == 30 and seen[-1] == (32, 32)
    assert [line.split(":")[0] for line in kept.unusable] == ["holiday.jpg", "empty.png"]
    assert all("\n" not in line for line in kept.unusable)


def test_old_uploads_make_room_for_new_ones(monkeypatch):
    monkeypatch.setenv("DLCORE_MAX_UPLOADS", "2")
    sets = []
    for i, side in enumerate((16, 28, 32)):
        sets.append(keep(uploads(), side, False).dataset)
        os.utime(open_store().artifacts.local(f"uploads/{sets[-1].id}.npz"), (i, i))
    with pytest.raises(DatasetError, match="upload them again"):
        sets[0].load(1)
    assert all(len(dataset.load(1).train) for dataset in sets[1:])


def test_too_few_and_too_many_images_are_refused_in_a_sentence():
    with pytest.raises(DatasetError, match=r"20 pictures are needed.* there are 10\. .*bad.png"):
        keep([*uploads(10), File.of("bad.png", b"x")], 16, False)
    with pytest.raises(DatasetError, match=f"More than {MAX_IMAGES:,} images"):
        keep([File.of("a.png", png(9, (4, 4)))] * (MAX_IMAGES + 1), 16, False)


def test_an_upload_that_is_not_there_says_so():
    with pytest.raises(DatasetError, match="upload some first"):
        Uploaded().load(1)
    with pytest.raises(RecipeError, match="upload some"):
        Recipe.parse({"dataset": "upload"})
    dataset = keep(uploads(), 16, False).dataset
    for change in ({"id": "0" * 16}, {"examples": 29}, {"side": 28}, {"classes": ("a", "b")}):
        with pytest.raises(DatasetError, match="upload them again"):
            dataset.model_copy(update=change).load(1)


@pytest.mark.parametrize("id", ["../../etc/passwd", "0" * 17, "UPPERCASE0000000", "a/b"])
def test_an_upload_is_never_looked_for_elsewhere(id):
    with pytest.raises(RecipeError, match=r"dataset\.id"):
        Recipe.parse({"dataset": {"name": "upload", "id": id}})
