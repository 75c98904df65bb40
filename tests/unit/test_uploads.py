"""An upload is read within its budget, whatever it claims, and says which file could not be used and why."""

from __future__ import annotations

import contextlib
import io
import struct
import threading
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from waiting import until

from dlcore.datasets import DatasetError
from dlcore.datasets.uploaded import Kept, keep
from dlcore.uploads import apart, archive, reading
from dlcore.uploads.apart import File
from dlcore.uploads.limits import MAX_IMAGES, MAX_TOTAL_MB, MAX_TOTAL_MEGAPIXELS, UploadError
from dlcore.uploads.reading import Reader

MEGABYTE = 2**20


def image(grey: int = 120, size: tuple[int, int] = (8, 8), format: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("L", size, grey).save(file, format)
    return file.getvalue()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return file.getvalue()


def pets(count: int = 24) -> dict[str, bytes]:
    return {f"{'cats' if i % 2 else 'dogs'}/{i}.png": image(i) for i in range(count)}


def kept(*files: tuple[str, bytes]) -> Kept:
    return keep([File.of(name, data) for name, data in files], 16, False)


def read(*files: tuple[str, bytes]) -> reading.Upload:
    """In this process, so that budgets can be changed."""
    reader = Reader((16, 16, 1), len(files))
    for name, data in files:
        reader.take(name, data)
    return reader.result()


def test_a_zip_stands_for_the_files_in_it():
    result = kept(("pets.ZIP", zipped(pets())))
    assert result.dataset.classes == ("cats", "dogs") and result.dataset.examples == 24
    assert not result.notes and not result.unusable


def test_two_hundred_classes_are_kept_and_split():
    files = {f"{label:03}/{i}.png": image(label) for label in range(200) for i in range(5)}
    dataset = kept(("many.zip", zipped(files))).dataset
    assert len(dataset.classes) == 200 and dataset.examples == 1000
    split = dataset.load(1)
    assert set(split.train.y) == set(range(200))
    for part in (split.train, split.validation, split.test):
        shown = np.where(part.y > 127, 255 - part.y, part.y)  # what is light lies on black
        assert np.array_equal(part.kept[:, 0, 0, 0], shown)


def test_what_programs_leave_behind_is_no_class_and_no_line_unless_it_is_an_image():
    clutter = {
        "__MACOSX/cats/._1.png": b"x",
        "cats/.DS_Store": b"x",
        "cats/Thumbs.db": b"x",
        "cats/.thumbnails/1.png": image(),
        "@eaDir/1.png": image(),
        "dogs/.ipynb_checkpoints/1-checkpoint.png": image(),
        "dogs/.ipynb_checkpoints/notes.txt": b"x",
        "labels.csv": b"x,y",
    }
    result = kept(("pets.zip", zipped(pets() | clutter)))
    assert result.dataset.classes == ("cats", "dogs") and result.dataset.examples == 24
    assert [note.split(":")[1].strip() for note in result.notes[:-1]] == [
        "1 image in .ipynb_checkpoints, which a program has made.",
        "1 image in .thumbnails, which a program has made.",
        "1 image in @eaDir, which a program has made.",
    ]
    assert result.notes[-1] == "Left out: 1 other file: labels.csv." and not result.unusable


def with_flags(data: bytes, flags: int, method: int | None = None, only: bytes = b"") -> bytes:
    """A zip whose directory and headers say something else of its entries."""
    changed = bytearray(data)
    for mark, at_flags, at_name in ((b"PK\x01\x02", 8, 46), (b"PK\x03\x04", 6, 30)):
        at = changed.find(mark)
        while at >= 0:
            if only in changed[at + at_name : at + at_name + 40]:
                struct.pack_into("<H", changed, at + at_flags, flags)
                if method is not None:
                    struct.pack_into("<H", changed, at + at_flags + 2, method)
            at = changed.find(mark, at + 4)
    return bytes(changed)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK no", "no zip that can be read"),
        (zipped(pets())[:-300], "cut short"),
        (with_flags(zipped(pets()), 1), "needs a password"),
        (with_flags(zipped(pets()), 0, 9), "Deflate64"),
        (zipped(pets(), zipfile.ZIP_LZMA), "Lzma"),
        (zipped({f"{i}.png": b"" for i in range(MAX_IMAGES + 1)}), "1,001 images; at most 1,000"),
        (zipped({f"{i}.txt": b"" for i in range(20_001)}), "20,001 files; at most 20,000"),
        (zipped({}), "20 pictures are needed"),
    ],
)
def test_a_zip_that_cannot_be_used_says_why(data, words):
    with pytest.raises(DatasetError, match=words) as refused:
        kept(("x.zip", data))
    assert "\n" not in str(refused.value)


def test_sound_entries_are_used_and_the_others_named():
    data = zipped(
        pets() | {"cats/locked.png": image(), "dogs/phone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"}
    )
    result = kept(("x.zip", with_flags(data, 1, only=b"locked")))
    assert result.dataset.examples == 24
    assert [line.split(": ")[0] for line in result.unusable] == ["cats/locked.png", "dogs/phone.heic"]
    assert "password" in result.unusable[0] and "HEIC" in result.unusable[1]


def lying(data: bytes, size: int) -> bytes:
    """A zip whose directory gives every entry the same size."""
    changed = bytearray(data)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", changed, at + 24, size)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def test_a_zip_that_lies_about_its_size_is_counted_while_it_is_unpacked(monkeypatch):
    monkeypatch.setenv("DLCORE_MAX_UPLOAD_MB", "1")
    large = zipped({"zeros.bmp": bytes(64 * MEGABYTE)})
    for data, words in ((lying(large, 100), "damaged"), (large, "more than 1 MB")):
        tracemalloc.start()
        (line,) = read(("x.zip", data)).unusable
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert words in line and most < 4 * MEGABYTE
    monkeypatch.setattr(archive, "MAX_TOTAL_MB", 5)
    with pytest.raises(UploadError, match="more than 5 MB together"):
        read(("x.zip", zipped({f"{i}.bmp": bytes(2 * MEGABYTE) for i in range(20)})))


def test_pixels_are_counted_before_they_are_decoded(monkeypatch):
    monkeypatch.setattr(reading, "MAX_TOTAL_MEGAPIXELS", 2)
    monkeypatch.setattr(reading, "fit", lambda image, shape: np.zeros(shape))
    with pytest.raises(UploadError, match=r"more than 2 megapixels together \(2 of 9 files were read\)"):
        read(*[(f"{i}.png", image(size=(1000, 900))) for i in range(9)])


def test_too_many_bytes_are_refused_before_any_is_read():
    def never() -> bytes:
        raise AssertionError("it was read")

    with pytest.raises(DatasetError, match=f"more than {MAX_TOTAL_MB} MB together"):
        keep([File(f"{i}.png", 19 * MEGABYTE, never) for i in range(60)], 16, False)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_large_images_cost_this_process_nothing_and_their_reader_one_copy(format):
    large = zipped({f"{i}.{format.lower()}": image(i, (7000, 7000), format) for i in range(3)})
    own, before = psutil.Process(), psutil.Process().memory_info().rss
    here, there = [0], [0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            here[0] = max(here[0], own.memory_info().rss)
            there[0] = max(there[0], *(reader.memory_info().rss for reader in readers()), 0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    found = apart.read_apart([File.of("x.zip", large)], (32, 32, 3))
    over.set()
    watcher.join()
    assert len(found.pixels) == len({int(pixels[16, 16, 0]) for pixels in found.pixels}) == 3
    assert here[0] - before < 40 * MEGABYTE
    assert 0 < there[0] < 300 * MEGABYTE


def readers() -> list[psutil.Process]:
    """The processes that read an upload at this moment."""
    results = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "dlcore.uploads.helper" in child.cmdline():
                results.append(child)
    return results


def test_a_reader_that_dies_or_is_too_slow_is_one_line(monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 0.05)
    with pytest.raises(UploadError, match=r"took longer than 0 s"):
        apart.read_apart([File.of("x.zip", zipped(pets()))], (16, 16, 1))
    monkeypatch.undo()

    def killed(done: int, total: int) -> None:
        for reader in readers():
            reader.kill()

    files = [File.of(f"{i}.png", image(size=(3000, 3000))) for i in range(40)]
    with pytest.raises(UploadError, match="could not be read"):
        apart.read_apart(files, (16, 16, 1), killed)
    assert len(apart.read_apart(files[:1], (16, 16, 1)).pixels) == 1


def test_a_visitor_who_leaves_ends_the_reading_and_the_next_one_has_a_turn():
    def leaves(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apart.read_apart([File.of("x.zip", zipped(pets()))], (16, 16, 1), leaves)
    assert not readers()
    assert len(apart.read_apart([File.of("x.zip", zipped(pets()))], (16, 16, 1)).pixels) == 24


def test_uploads_are_read_one_after_the_other():
    files = [File.of("x.zip", zipped(pets()))]
    waited: list[tuple[int, int]] = []
    apart._turn.acquire()
    other = threading.Thread(
        target=apart.read_apart, args=(files, (16, 16, 1), lambda *at: waited.append(at))
    )
    other.start()
    until(lambda: waited)
    assert waited[0] == (0, 0)
    apart._turn.release()
    other.join(60)
    assert waited[-1] == (24, 24)


def test_the_budget_is_what_the_documents_say():
    said = (Path(__file__).parents[2] / "docs" / "build.md").read_text()
    assert f"{MAX_TOTAL_MB} MB and {MAX_TOTAL_MEGAPIXELS:,} megapixels" in said
