"""Damaged and odd files, made from real ones: the same seed makes the same file.

    PYTHONPATH=. python tests/mutations.py FOLDER… [--count N] [--seed S]

reads N of them and says what became of each.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

Rng = np.random.Generator


def flipped(data: bytearray, rng: Rng) -> bytes:
    """Some bits turned over, anywhere."""
    for at in rng.integers(len(data), size=int(rng.integers(1, 20))):
        data[at] ^= 1 << int(rng.integers(8))
    return bytes(data)


def head_damaged(data: bytearray, rng: Rng) -> bytes:
    """Bytes of the first hundred replaced: sizes, kinds, lengths."""
    for at in rng.integers(min(100, len(data)), size=int(rng.integers(1, 6))):
        data[at] = int(rng.choice([0, 1, 127, 128, 255, int(rng.integers(256))]))
    return bytes(data)


def cut(data: bytearray, rng: Rng) -> bytes:
    """The end is missing."""
    return bytes(data[: int(rng.integers(len(data)))])


def hollow(data: bytearray, rng: Rng) -> bytes:
    """A stretch of zeros, as a card that fails leaves it."""
    first = int(rng.integers(len(data)))
    last = min(len(data), first + int(rng.integers(1, 5000)))
    data[first:last] = bytes(last - first)
    return bytes(data)


def doubled(data: bytearray, rng: Rng) -> bytes:
    """A stretch that comes twice."""
    first = int(rng.integers(len(data)))
    stretch = data[first : first + int(rng.integers(1, 3000))]
    return bytes(data[:first] + stretch + stretch + data[first + len(stretch) :])


def without_a_stretch(data: bytearray, rng: Rng) -> bytes:
    """A stretch is missing, as a transfer in text mode leaves it."""
    first = int(rng.integers(len(data)))
    return bytes(data[:first] + data[first + int(rng.integers(1, 200)) :])


def huge_numbers(data: bytearray, rng: Rng) -> bytes:
    """Four bytes somewhere near the beginning become a very large number."""
    at = int(rng.integers(min(400, max(1, len(data) - 4))))
    data[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\xff\xff"])
    return bytes(data)


def another_head(data: bytearray, rng: Rng) -> bytes:
    """The beginning of another format before the rest."""
    heads = (
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"BM",
        b"II*\0",
    )
    head = heads[int(rng.integers(len(heads)))]
    return head + bytes(data[len(head) :])


MUTATIONS: tuple[Callable[[bytearray, Rng], bytes], ...] = (
    flipped,
    head_damaged,
    cut,
    hollow,
    doubled,
    without_a_stretch,
    huge_numbers,
    another_head,
)


def mutated(files: Sequence[bytes], seed: int) -> tuple[str, bytes]:
    """A damaged file, and how it was made."""
    rng = np.random.default_rng(seed)
    data = bytearray(files[int(rng.integers(len(files)))])
    how = MUTATIONS[seed % len(MUTATIONS)]
    return how.__name__, how(data, rng) if data else b""


def main() -> None:
    from dlcore.decoding.images import ImageError
    from dlcore.inference import read

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    paths = sorted(path for folder in options.folders for path in folder.rglob("*") if path.is_file())
    files = [data for path in paths if (data := path.read_bytes())]
    became: Counter[str] = Counter()
    slowest = (0.0, "")
    for seed in range(options.seed, options.seed + options.count):
        how, data = mutated(files, seed)
        began = time.perf_counter()
        try:
            image = read(data)
            assert image.mode == "RGB" and image.width and image.height
            became["read"] += 1
        except ImageError as error:
            line = str(error)
            assert "\n" not in line and ": " in line, (seed, how, line)
            became[line.split(":")[0][:60]] += 1
        slowest = max(slowest, (time.perf_counter() - began, f"seed {seed}, {how}, {len(data):,} bytes"))
    for line, number in became.most_common():
        print(f"{number:5} {line}")
    print(f"{options.count} files of {len(files)}; slowest {slowest[0]:.2f} s ({slowest[1]})")


if __name__ == "__main__":
    main()
