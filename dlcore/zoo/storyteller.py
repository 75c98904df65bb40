"""Train storyteller-gpt: a small GPT-2 with its own tokens, on short stories, fairy tales and novels.

``python -m dlcore.zoo.train storyteller-gpt --data FOLDER``, where FOLDER/text holds plain text files with
``<|endoftext|>`` between texts: ``tinystories.txt.xz`` (Eldan and Li 2023), ``fairy_tales.txt`` and
``childrens_novels.txt``. It runs on any backend of Keras (``KERAS_BACKEND=jax``), and wants a GPU: the shipped
weights took three minutes on one.
"""

from __future__ import annotations

import lzma
import math
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.zoo import card

STORIES, BOOKS = "tinystories.txt.xz", ("fairy_tales.txt", "childrens_novels.txt")
TIMES = 3
"""How often the stories are seen where the books are seen once: they are what it is to write."""
END = "<|endoftext|>"
VOCABULARY, CONTEXT, BATCH = 4096, 256, 128
HELD_OUT = 0.02
"""Share of the stories that is never trained on."""
ROUNDS = 10
"""Looks at the held-out stories while it trains."""


def texts(path: Path) -> list[str]:
    """The texts of a file, but for scraps."""
    data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    return [text for part in data.decode().split(END) if len(text := part.strip()) > 100]


def stories(data: Path) -> tuple[list[str], list[str]]:
    """The short stories to learn from, and those held out."""
    shuffled = texts(data / "text" / STORIES)
    random.Random(0).shuffle(shuffled)
    cut = int(len(shuffled) * (1 - HELD_OUT))
    return shuffled[:cut], shuffled[cut:]


def train_tokenizer(learn: list[str], folder: Path) -> Any:
    """Byte-pair encoding on bytes, as GPT-2's (Sennrich et al. 2016), with 4,096 tokens of its own."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    learner = ByteLevelBPETokenizer()
    learner.train_from_iterator(learn, VOCABULARY, special_tokens=[END], show_progress=False)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=learner._tokenizer, bos_token=END, eos_token=END, model_max_length=CONTEXT
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def encode(tokenizer: Any, texts: list[str]) -> np.ndarray:
    """All texts in one row of tokens, each after the token that parts them."""
    rows = [[tokenizer.eos_token_id, *tokens] for tokens in tokenizer(texts, verbose=False)["input_ids"]]
    return np.concatenate(rows).astype("uint16")


def batches(tokens: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Windows from random places, as (inputs, next tokens), each (BATCH, CONTEXT); without end."""
    rng = np.random.default_rng(seed)
    while True:
        starts = rng.integers(0, len(tokens) - CONTEXT - 1, BATCH)
        window = tokens[starts[:, None] + np.arange(CONTEXT + 1)].astype("int32")
        yield window[:, :-1], window[:, 1:]


def bits_per_byte(model: Any, tokens: np.ndarray, size: int) -> float:
    """Mean surprise over held-out text of ``size`` bytes, each token seen with 128 to 255 before it."""
    import keras

    half, nats = CONTEXT // 2, 0.0
    starts = np.arange(0, len(tokens) - CONTEXT - 1, half)
    for group in np.split(starts, range(8, len(starts), 8)):
        window = tokens[group[:, None] + np.arange(CONTEXT + 1)].astype("int32")
        logits = keras.ops.cast(model(window[:, :-1], training=False)[:, half:], "float32")
        loss = keras.ops.sparse_categorical_crossentropy(window[:, half + 1 :], logits, from_logits=True)
        nats += float(keras.ops.sum(loss))
    scored = half * len(starts)
    return nats / math.log(2) / (size * scored / len(tokens))


def device() -> str:
    """What it is trained on, as far as the backend of Keras says."""
    import keras

    try:
        return str(keras.distribution.list_devices()[0])
    except (AttributeError, NotImplementedError):  # PyTorch's has none
        return "unnamed device"


def compiled(steps: int) -> Any:
    """The network, and how it learns in so many steps."""
    import keras

    from dlcore.language.gpt2 import GPT2, GPT2Config

    model = GPT2(GPT2Config(VOCABULARY, CONTEXT, n_embd=256, n_layer=8, n_head=8, dropout=0.15))
    model.build()
    warm = max(1, steps // 20)
    rate = keras.optimizers.schedules.CosineDecay(
        1e-5, steps - warm, alpha=0.02, warmup_target=2e-3, warmup_steps=warm
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=0.1, beta_2=0.95, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


def main(folder: Path, data: Path, steps: int = 2400) -> None:
    """Train from nothing and write checkpoint, tokenizer and card into ``folder``."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    from dlcore.language.checkpoint import save

    card.begin(folder)
    learn, held = stories(data)
    books = [text for name in BOOKS for text in texts(data / "text" / name)]
    tokenizer = train_tokenizer(learn + books, folder)
    train = np.concatenate([*[encode(tokenizer, learn)] * TIMES, encode(tokenizer, books)])
    test, test_bytes = encode(tokenizer, held), sum(len(text.encode()) for text in held)
    print(f"{len(train):,} tokens to learn from, {len(test):,} held out", flush=True)

    model = compiled(steps)
    history: list[dict[str, float]] = []
    few = min(len(test), 132 * CONTEXT)
    started = time.perf_counter()

    def note(epoch: int, logs: dict[str, float]) -> None:
        bits = bits_per_byte(model, test[:few], round(test_bytes * few / len(test)))
        row = {"step": (epoch + 1) * (steps // ROUNDS), "loss": round(logs["loss"], 4)}
        seconds = round(time.perf_counter() - started)
        history.append(row | {"bits_per_byte": round(bits, 4), "seconds": seconds})
        print(history[-1], flush=True)

    model.fit(
        batches(train, seed=0),
        epochs=ROUNDS,
        steps_per_epoch=steps // ROUNDS,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=note)],
    )
    seconds = time.perf_counter() - started
    size = save(model, folder, half=True)
    on = f"{device()}, Keras {keras.version()} on {keras.config.backend()}"
    card.note(
        folder,
        task="generation",
        metrics={"bits_per_byte": round(bits_per_byte(model, test, test_bytes), 4)},
        history=history,
        parameters=model.count_params(),
        bytes=size,
        trained=card.trained("storyteller-gpt", on, seconds, steps=steps),
    )
