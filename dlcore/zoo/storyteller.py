"""Train storyteller-gpt: a small GPT-2 with its own tokens, on public-domain stories.

``python -m dlcore.zoo.train storyteller-gpt --data FOLDER``, where FOLDER/text holds plain text files
with one paragraph a line and ``<|endoftext|>`` between books.
"""

from __future__ import annotations

import json
import math
import os
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

BOOKS = ("fairy_tales.txt", "childrens_novels.txt")
END = "<|endoftext|>"
VOCABULARY, CONTEXT, BATCH = 4096, 256, 8
HELD_OUT = 0.02
"""Share of every book, its end, that is never trained on."""


def books(data: Path) -> tuple[list[str], list[str]]:
    """The texts to learn from and the held-out ends of the same books."""
    learn, held = [], []
    for name in BOOKS:
        for book in (data / "text" / name).read_text(encoding="utf-8").split(END):
            if book.strip():
                cut = book.find("\n", int(len(book) * (1 - HELD_OUT)))
                learn.append(book[:cut].strip())
                held.append(book[cut:].strip())
    return learn, held


def train_tokenizer(texts: list[str], folder: Path) -> Any:
    """Byte-pair encoding on bytes, as GPT-2's (Sennrich et al. 2016), with 4,096 tokens of its own."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    learner = ByteLevelBPETokenizer()
    learner.train_from_iterator(texts, VOCABULARY, special_tokens=[END], show_progress=False)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=learner._tokenizer, bos_token=END, eos_token=END, model_max_length=CONTEXT
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def encode(tokenizer: Any, texts: list[str]) -> np.ndarray:
    """All texts in one row of tokens, each after the token that parts them."""
    rows = [[tokenizer.eos_token_id, *tokenizer(text)["input_ids"]] for text in texts]
    return np.concatenate(rows).astype("uint16")


def batches(tokens: np.ndarray, steps: int, seed: int) -> Any:
    """Windows from random places, as (inputs, next tokens), each (BATCH, CONTEXT)."""
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        starts = rng.integers(0, len(tokens) - CONTEXT - 1, BATCH)
        window = np.stack([tokens[s : s + CONTEXT + 1] for s in starts]).astype("int32")
        yield window[:, :-1], window[:, 1:]


def bits_per_byte(model: Any, tokens: np.ndarray, characters: int) -> float:
    """Mean surprise over held-out text, each token seen with 128 to 255 before it; in bits a byte."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    half = CONTEXT // 2
    total = 0.0
    starts = range(0, len(tokens) - CONTEXT - 1, half)
    for group in [list(starts)[i : i + 32] for i in range(0, len(starts), 32)]:
        window = np.stack([tokens[s : s + CONTEXT + 1] for s in group]).astype("int32")
        nats = np.asarray(loss(window[:, 1:], model(window[:, :-1])))
        total += float(nats[:, half:].sum())
    scored = half * len(starts)
    return total / math.log(2) / (characters * scored / len(tokens))


def main(folder: Path, data: Path, steps: int = 8000) -> None:
    """Train from nothing and write checkpoint, tokenizer and card into ``folder``."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    from dlcore.compute.device import device
    from dlcore.language.checkpoint import save
    from dlcore.language.gpt2 import GPT2, GPT2Config

    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("mixed_bfloat16")  # 1.5 times the tokens a second on this kind of CPU
    folder.mkdir(parents=True, exist_ok=True)
    learn, held = books(data)
    tokenizer = train_tokenizer(learn, folder)
    train, test = encode(tokenizer, learn), encode(tokenizer, held)
    test_bytes = sum(len(text.encode()) for text in held)
    print(f"{len(train):,} tokens to learn from, {len(test):,} held out", flush=True)

    config = GPT2Config(vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=192, n_layer=6, n_head=6)
    model = GPT2(config)
    model.build()
    warm = steps // 20
    rate = keras.optimizers.schedules.CosineDecay(
        1e-5, steps - warm, alpha=0.05, warmup_target=1.5e-3, warmup_steps=warm
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=0.1, beta_2=0.95, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    history: list[dict[str, float]] = []
    started = time.perf_counter()
    rounds = 20

    def note(epoch: int, logs: dict[str, float]) -> None:
        bits = bits_per_byte(model, test[: 64 * CONTEXT], round(test_bytes * 64 * CONTEXT / len(test)))
        history.append(
            {
                "step": (epoch + 1) * (steps // rounds),
                "loss": round(logs["loss"], 4),
                "bits_per_byte": round(bits, 4),
                "minutes": round((time.perf_counter() - started) / 60, 1),
            }
        )
        print(history[-1], flush=True)
        save(model, folder, half=True)

    model.fit(
        batches(train, steps, seed=0),
        epochs=rounds,
        steps_per_epoch=steps // rounds,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=note)],
    )
    seconds = time.perf_counter() - started
    size = save(model, folder, half=True)
    card_path = folder / "card.json"
    card = json.loads(card_path.read_text()) if card_path.exists() else {}
    card |= {
        "task": "generation",
        "metrics": {"bits_per_byte": round(bits_per_byte(model, test, test_bytes), 4)},
        "history": history,
        "parameters": model.count_params(),
        "bytes": size,
        "trained": {
            "on": device().name,
            "minutes": round(seconds / 60, 1),
            "steps": steps,
            "date": date.today().isoformat(),
            "command": "python -m dlcore.zoo.train storyteller-gpt --data FOLDER",
        },
    }
    card_path.write_text(json.dumps(card, indent=2) + "\n")
    print(card["metrics"])
