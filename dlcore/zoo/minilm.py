"""Train sentiment: MiniLM, which has read much English, learns whether a text is positive.

``python -m dlcore.zoo.train sentiment --data FOLDER``, on any backend of Keras (``KERAS_BACKEND=jax`` on a GPU), where
FOLDER/minilm holds ``model.safetensors`` and ``tokenizer.json`` of all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and
Gurevych 2019; Apache 2.0), and FOLDER/sentiment ``sst2/phrases.tsv``, ``sst2/dev.tsv`` and ``imdb/imdb_reviews.csv.xz``.

Of its 30,522 pieces of words the 8,192 most frequent here are kept, with their vectors, and of its 512 positions 256.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.zoo import card
from dlcore.zoo.sentiment_small import (
    Example,
    encode,
    made_up,
    measured,
    negation_pairs,
    normalizer,
    pad,
    plain,
    reviews,
    sst2,
)

PIECES, CONTEXT, LONGEST = 8192, 256, 128
"""Pieces of words that are kept, positions, and tokens of the longest text that is learned from."""
WIDTHS = (16, 32, 64, LONGEST)
"""Texts are filled up to these, so that few shapes are compiled."""
BATCH, RATE = 64, 5e-5
LAYERS = 6
Weighted = tuple[str, float, float]
"""A text, whether it is positive, and how much it counts."""


def passages(data: Path, rng: random.Random) -> Iterator[Example]:
    """Of each review some sentences from anywhere, and its last ones: reviews end on their verdict."""
    for part, label, sentences in reviews(data):
        if part == "train" and sentences:
            begin = rng.randrange(len(sentences))
            yield " ".join(sentences[begin : begin + rng.choice((2, 3, 4, 5))]), label
            yield " ".join(sentences[-rng.choice((1, 2, 3)) :]), label


def learned_from(data: Path) -> list[Weighted]:
    """All texts once; phrases of the treebank three times."""
    never = {plain(text) for text, _ in negation_pairs()}
    return [
        *((text, label, 1.0) for text, label in 3 * sst2(data, "phrases")),
        *((text, label, 0.5) for text, label in passages(data, random.Random(0))),
        *((text, label, 0.7) for text, label in made_up(24_000, seed=7, never=never)),
    ]


def cut_tokenizer(
    source: Path, texts: list[str], folder: Path, pieces: int = PIECES
) -> tuple[Any, np.ndarray]:
    """MiniLM's tokenizer with the most frequent pieces alone, and the rows of their vectors.

    It writes "n't" as "not", as that of sentiment-small does.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    known = Tokenizer.from_file(str(source / "tokenizer.json")).get_vocab()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    def made(vocabulary: dict[str, int]) -> Tokenizer:
        tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
        tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer(), pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
        tokenizer.post_processor = TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", ends)
        return tokenizer

    counts: Counter[str] = Counter()
    for encoding in made(known).encode_batch(texts, add_special_tokens=False):
        counts.update(encoding.tokens)
    letters = [name for name in known if len(name.removeprefix("##")) == 1 and ord(name[-1]) < 0x250]
    kept = [*dict.fromkeys([*special, *letters, *(name for name, _ in counts.most_common())])][:pieces]
    vocabulary = {name: place for place, name in enumerate(kept)}
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=made(vocabulary),
        model_max_length=CONTEXT,
        **{f"{name[1:-1].lower()}_token": name for name in special},
    )
    wrapped.save_pretrained(folder)
    return wrapped, np.array([known[name] for name in vocabulary])


def begun(source: Path, rows: np.ndarray) -> Any:
    """A BERT with MiniLM's weights and a classifier that knows nothing yet."""
    from safetensors.numpy import load_file

    from dlcore.language.bert import Bert, BertConfig

    weights = load_file(source / "model.safetensors")
    config = BertConfig(
        vocab_size=len(rows),
        max_position_embeddings=CONTEXT,
        hidden_size=384,
        num_hidden_layers=LAYERS,
        num_attention_heads=12,
        intermediate_size=1536,
    )
    model = Bert(config)
    model.build()
    for name, variable, turned in model.tensors():
        if name.startswith("classifier"):
            continue
        array = weights[name].astype("float32")
        if name == "embeddings.word_embeddings.weight":
            array = array[rows]
        if name == "embeddings.position_embeddings.weight":
            array = array[:CONTEXT]
        variable.assign(array.T if turned else array)
    return model


def batches(rows: list[list[int]], rng: np.random.Generator) -> list[np.ndarray]:
    """Places of texts of about one length, in random order; the longest are half as many."""
    lengths, groups = np.array([len(row) for row in rows]), []
    for low, high in zip((0, *WIDTHS), WIDTHS, strict=False):
        chosen = rng.permutation(np.flatnonzero((lengths > low) & (lengths <= high)))
        size = BATCH if high < LONGEST else BATCH // 2
        groups += [chosen[i : i + size] for i in range(0, len(chosen) - size + 1, size)]
    return [groups[i] for i in rng.permutation(len(groups))]


def compiled(model: Any, steps: int) -> None:
    """How the network learns in so many steps: a sixteenth of them with a rate that rises, then one that falls."""
    import keras

    warm = max(1, steps // 16)
    schedule = keras.optimizers.schedules.PolynomialDecay(RATE, max(1, steps - warm), end_learning_rate=0.0)

    class Warm(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step: Any) -> Any:
            step = keras.ops.cast(step, "float32")
            return keras.ops.minimum(RATE * (step + 1) / warm, schedule(keras.ops.maximum(step - warm, 0.0)))

        def get_config(self) -> dict[str, Any]:
            return {}

    model.compile(
        optimizer=keras.optimizers.AdamW(Warm(), weight_decay=0.01, global_clipnorm=1.0),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
    )


def main(folder: Path, data: Path, few: int = 0, pieces: int = PIECES) -> None:
    """Train and write checkpoint, tokenizer and card into ``folder``.

    Args:
        few: Take only so many texts, to try it out; 0: all.
    """
    import keras

    from dlcore.language import first_answer
    from dlcore.language.checkpoint import save

    started = card.begin(folder)
    examples = learned_from(data)
    if few:
        examples = random.Random(0).sample(examples, few)
    texts, labels, weights = zip(*examples, strict=True)
    tokenizer, kept = cut_tokenizer(data / "minilm", list(texts), folder, pieces)
    rows = [
        row if len(row) <= LONGEST else [*row[: LONGEST - 1], row[-1]]
        for row in encode(tokenizer, list(texts))
    ]
    model = begun(data / "minilm", kept)
    answers, counts = np.eye(2, dtype="float32")[np.array(labels, int)], np.array(weights, "float32")
    steps = batches(rows, np.random.default_rng(0))
    # Keras takes from the first two batches which sizes vary.
    width = [max(len(rows[i]) for i in chosen) for chosen in steps]
    other = int(np.argmax(np.abs(np.array(width) - width[0])))
    steps[1], steps[other] = steps[other], steps[1]
    compiled(model, len(steps))

    def stream() -> Iterator[Any]:
        for chosen in steps:
            tokens, mask = pad([rows[i] for i in chosen])
            width = next(width for width in WIDTHS if width >= tokens.shape[1])
            room = ((0, 0), (0, width - tokens.shape[1]))
            yield (np.pad(tokens, room), np.pad(mask, room)), answers[chosen], counts[chosen]

    fitted = model.fit(stream(), steps_per_epoch=len(steps), shuffle=False, verbose=0)
    save(model, folder, half=True)
    seconds = time.perf_counter() - started
    keras.config.set_dtype_policy("float32")
    about = card.trained("sentiment", f"Keras on {keras.backend.backend()}", seconds)
    loss = round(float(fitted.history["loss"][0]), 4)
    history = [{"steps": len(steps), "loss": loss, "minutes": about["minutes"]}]
    card.note(folder, **measured(folder, data), history=history, trained=about)
    if keras.backend.backend() == "tensorflow":
        first_answer.write(folder)  # it is shown before the engine is there
