"""IMDB: 50,000 film reviews (Maas et al. 2011), in the two files that Keras' loader uses."""

from __future__ import annotations

import json
import zipfile
from typing import ClassVar, Literal

import numpy as np

from dlcore.datasets.base import Progress, divide, validation_field
from dlcore.datasets.downloaded import KERAS
from dlcore.datasets.fetched import ArraysOnly, Fetched, Remote
from dlcore.datasets.texts import Texts
from dlcore.fields import number


class IMDB(Fetched, Texts):
    """The file has the words of each review by their rank; small, and without punctuation."""

    name: Literal["imdb"] = "imdb"
    title: ClassVar[str] = "IMDB reviews"
    order: ClassVar[int] = 52
    description: ClassVar[str] = "Film reviews that people wrote, positive or negative (19 MB)."
    licence: ClassVar[str] = "Maas et al. 2011; for research, no formal licence"
    classes: ClassVar[tuple[str, ...]] = ("negative", "positive")
    suggested_epochs: ClassVar[int] = 5
    instead: ClassVar[tuple[str, str]] = ("toy_reviews", "Toy reviews")
    files: ClassVar[tuple[Remote, ...]] = (
        Remote(
            f"{KERAS}/imdb.npz",
            "imdb.npz",
            17_464_789,
            "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
        ),
        Remote(f"{KERAS}/imdb_word_index.json", "imdb_word_index.json", 1_641_221, ""),
    )

    examples: int = number(
        5000, 1000, 25_000, "Examples", "How many to learn from; fewer are quicker.", step=1000
    )
    vocabulary: int = number(
        10_000, 300, 20_000, "Vocabulary size", "Tokens with a vector; what is rarer is unknown.", step=100
    )
    length: int = number(
        200, 8, 512, "Length", "Tokens of a text that are read; the rest is cut off.", step=4
    )
    validation_share: float = validation_field(0.1)

    @property
    def training_examples(self) -> int:
        return self.examples - round(self.validation_share * self.examples)

    def parts(self, seed: int, report: Progress | None) -> list[tuple[list[str], np.ndarray]]:
        """As many reviews to test on as to learn from."""
        self.fetch(report)
        index = json.loads(self.downloads[1].target.read_bytes())
        words = np.array([""] * (1 + max(index.values())), object)
        words[list(index.values())] = list(index)
        arrays = _arrays(self.downloads[0].target)
        rng = np.random.default_rng(seed)

        def chosen(part: str) -> tuple[list[str], np.ndarray]:
            some = rng.permutation(len(arrays[f"x_{part}"]))[: self.examples]
            texts = [" ".join(words[ranks]) for ranks in arrays[f"x_{part}"][some]]
            return texts, arrays[f"y_{part}"][some].astype("int32")

        texts, labels = chosen("train")
        learn, watch, _ = divide(np.arange(len(texts)), labels, (self.validation_share, 0.0), rng)
        return [*(([texts[i] for i in part.kept], part.y) for part in (learn, watch)), chosen("test")]

    def code_of_texts(self, seed: int) -> str:
        return (
            "(x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data()\n"
            "words = {rank + 3: word for word, rank in keras.datasets.imdb.get_word_index().items()}\n"
            "texts_train, texts_test = (\n"
            f'    [" ".join(words.get(i, "") for i in ranks[1:]) for ranks in part[:{self.examples}]]\n'
            "    for part in (x_train, x_test)\n"
            ")\n"
            f"y_train, y_test = y_train[:{self.examples}], y_test[:{self.examples}]\n"
            f"validation_split = {self.validation_share}"
        )


def _arrays(path: object) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz``, of which some hold lists and so are pickles."""
    arrays = {}
    with zipfile.ZipFile(str(path)) as packed:
        for name in packed.namelist():
            with packed.open(name) as file:
                version = np.lib.format.read_magic(file)
                read = (
                    np.lib.format.read_array_header_1_0
                    if version == (1, 0)
                    else np.lib.format.read_array_header_2_0
                )
                shape, _, dtype = read(file)
                if dtype.hasobject:
                    array = ArraysOnly(file).load()
                else:
                    array = np.frombuffer(file.read(), dtype).reshape(shape)
            arrays[name.removesuffix(".npy")] = array
    return arrays
