"""Train sentiment-small: a DistilBERT of 1.5 million weights, from film reviews to any short sentence.

``python -m dlcore.zoo.train sentiment-small --data FOLDER``, where FOLDER/sentiment holds
``sst2/train.tsv``, ``sst2/dev.tsv`` and ``imdb/imdb_reviews.csv.xz``.

Three teachers. Reviews with their stars (Maas et al. 2011) are many, but a sentence of a good review need
not be good. Labelled sentences (Socher et al. 2013) are right, but few. And a grammar makes sentences in
which "not", "never", "hardly" and "but" turn words round, which counting words gets wrong.
"""

from __future__ import annotations

import csv
import lzma
import os
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.zoo import card
from dlcore.zoo.sentiment_grammar import Grammar

VOCABULARY, CONTEXT, TOKENS = 8000, 128, 4096
"""Pieces of words known, longest text, and tokens in a batch."""
PAIRS = Path(__file__).parents[2] / "tests" / "fixtures" / "negation_pairs.tsv"
"""Sentences written by hand that differ in a negation; only ever used to test."""
HELD = 500
"""Labelled sentences kept out of training, to watch it by."""
Example = tuple[str, float]
"""A text, and how sure it is positive, 0 to 1."""


def sst2(data: Path, part: str) -> list[Example]:
    """Sentences of the Stanford Sentiment Treebank, without the traces of its brackets."""
    lines = (data / "sentiment" / "sst2" / f"{part}.tsv").read_text().splitlines()
    rows = [line.rsplit("\t", 1) for line in lines]
    return [(re.sub(r"\b[lr]rb\b ?", "", text), float(label)) for text, label in rows]


def reviews(data: Path) -> Iterator[tuple[str, float, list[str]]]:
    """Of each review of IMDB its part, its label and its sentences."""
    path = data / "sentiment" / "imdb" / "imdb_reviews.csv.xz"
    with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cut = re.split(r"(?:<br />)+|\n+|(?<=[.!?])[\"')]*\s+", row["text"])
            sentences = [part.strip() for part in cut if len(part.strip()) > 3]
            yield row["split"], float(row["label"]), sentences


def passages(data: Path, rng: random.Random) -> Iterator[Example]:
    """All reviews, cut into one to three sentences, each with its review's label."""
    for _, label, sentences in reviews(data):
        while sentences:
            count = rng.choice((1, 1, 1, 2, 3))
            yield " ".join(sentences[:count]), label
            sentences = sentences[count:]


def plain(text: str) -> str:
    """For comparing sentences whatever their contractions and punctuation."""
    text = text.lower().replace("can't", "can not").replace("won't", "will not").replace("n't", " not")
    return re.sub(r"\W+", " ", text).strip()


def made_up(count: int, seed: int, never: set[str]) -> list[Example]:
    """Sentences of the grammar, none of them one of ``never``."""
    grammar = Grammar(seed)
    sentences = (grammar.sentence() for _ in range(count))
    return [(text, float(good)) for text, good in sentences if plain(text) not in never]


def soften(examples: list[Example], doubt: float) -> list[Example]:
    """The same with labels that leave a ``doubt`` (label smoothing, Szegedy et al. 2016)."""
    return [(text, doubt + (1 - 2 * doubt) * label) for text, label in examples]


def negation_pairs() -> list[Example]:
    """Both sides of every pair, the positive one first."""
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    return [(text, 1.0 - side) for line in lines for side, text in enumerate(line.split("\t"))]


def normalizer() -> Any:
    """Small letters, and "not" for "n't", so that "don't", "dont" and the treebank's "do n't" are one."""
    from tokenizers import Regex
    from tokenizers.normalizers import BertNormalizer, Replace, Sequence

    before = "do|does|did|is|are|was|were|have|has|had|would|could|should"
    return Sequence(
        [
            BertNormalizer(lowercase=True),
            Replace("’", "'"),
            Replace(Regex(r"\bca ?n'?t\b|\bcannot\b"), "can not"),
            Replace(Regex(r"\bwo ?n't\b|\bwont\b"), "will not"),
            Replace(Regex(r" ?n't\b"), " not"),
            Replace(Regex(rf"(?<=\b(?:{before}))nt\b"), " not"),
        ]
    )


def train_tokenizer(texts: list[str], folder: Path) -> Any:
    """WordPiece (Wu et al. 2016) in lower case."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        texts,
        trainers.WordPieceTrainer(
            vocab_size=VOCABULARY, special_tokens=special, min_frequency=5, show_progress=False
        ),
    )
    tokenizer.post_processor = TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", [("[CLS]", 2), ("[SEP]", 3)]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=CONTEXT,
        **{f"{name[1:-1].lower()}_token": name for name in special},
    )
    wrapped.save_pretrained(folder)
    return wrapped


def encode(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    """The tokens of every text, [CLS] first and [SEP] last."""
    rows: list[list[int]] = tokenizer(texts, truncation=True)["input_ids"]
    return rows


def mask_some(text: str, rng: random.Random) -> str:
    """The text with every tenth word gone, so that no single word is all that is learned of it.

    Words that turn others round stay, or the label would be wrong.
    """
    kept = {"not", "n't", "no", "never", "nothing", "without", "but", "too"}
    words = text.split()
    return " ".join("[MASK]" if rng.random() < 0.1 and w not in kept else w for w in words)


def pad(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and their mask, each int32 (rows, longest)."""
    tokens = np.zeros((len(rows), max(map(len, rows))), "int32")
    for place, row in zip(tokens, rows, strict=True):
        place[: len(row)] = row
    return tokens, (tokens != 0).astype("int32")


def batches(rows: list[list[int]], labels: np.ndarray, size: int, rng: np.random.Generator) -> Iterator[Any]:
    """Every row once, those of one length together, about ``size`` tokens in a batch, in random order."""
    length = np.array([len(row) for row in rows])
    order = np.argsort(length + rng.random(len(rows)))
    ends, begin = [0], 0
    for i, row in enumerate(order):
        if (i + 1 - begin) * length[row] > size:
            ends.append(i)
            begin = i
    groups = [order[a:b] for a, b in zip(ends, [*ends[1:], len(order)], strict=True)]
    for g in rng.permutation(len(groups)):
        chosen = groups[g]
        positive = labels[chosen].astype("float32")
        yield pad([rows[i] for i in chosen]), np.stack([1 - positive, positive], axis=1)


def score(model: Any, tokenizer: Any, texts: list[str]) -> np.ndarray:
    """How much more positive than negative: the difference of the logits, float32 (texts,)."""
    rows = encode(tokenizer, texts)
    order = np.argsort([len(row) for row in rows])
    scores = np.zeros(len(rows), "float32")
    for group in np.array_split(order, max(1, len(rows) // 100)):
        logits = np.asarray(model(pad([rows[i] for i in group])), "float32")
        scores[group] = logits[:, 1] - logits[:, 0]
    return scores


def right(model: Any, tokenizer: Any, examples: list[Example]) -> np.ndarray:
    """Which examples it gets right, bool (examples,)."""
    texts, labels = zip(*examples, strict=True)
    correct: np.ndarray = (score(model, tokenizer, list(texts)) > 0) == (np.array(labels) > 0.5)
    return correct


def second_opinion(rows: list[list[int]], labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """How positive each text is, 0 to 1, by a logistic regression on its words and pairs of words.

    It knows a sentence such as "They live in Boston" from every kind of review, so it leaves open what the
    review's label would have claimed. Features are scaled as in Wang and Manning 2012 ("NB-SVM").
    """
    from scipy.sparse import diags
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    texts = (" ".join(map(str, row)) for row in rows)
    counter = CountVectorizer(
        binary=True, ngram_range=(1, 2), min_df=4, token_pattern=r"\S+", dtype=np.float32
    )
    counts = counter.fit_transform(texts)
    good, bad = counts.T @ (labels * weights) + 1, counts.T @ ((1 - labels) * weights) + 1
    ratio = np.log(good / good.sum()) - np.log(bad / bad.sum())
    scaled = counts @ diags(ratio.astype("float32"))
    model = LogisticRegression(C=0.1, max_iter=40).fit(scaled, labels, sample_weight=weights)
    probability: np.ndarray = model.predict_proba(scaled)[:, 1]
    return probability


def encoded(tokenizer: Any, examples: list[Example]) -> tuple[list[list[int]], np.ndarray]:
    texts, labels = zip(*examples, strict=True)
    return encode(tokenizer, list(texts)), np.array(labels, "float32")


def doubted(tokenizer: Any, weak: list[Example], sentences: list[Example]) -> list[Example]:
    """Passages with labels between their review's and what the second opinion says, which trusts ``sentences`` more."""
    rows, labels = encoded(tokenizer, weak + sentences)
    weights = np.repeat([1.0, 5.0], [len(weak), len(sentences)])
    sure = second_opinion(rows, labels, weights)[: len(weak)]
    return [
        (text, 0.7 * float(p) + 0.3 * (0.25 + 0.5 * label))
        for (text, label), p in zip(weak, sure, strict=True)
    ]


def taught(model: Any, every: list[Any], rate: float) -> float:
    """One lesson: all batches once; the loss."""
    import keras
    import tensorflow as tf

    steps = len(every)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 50, steps - steps // 20, alpha=0.05, warmup_target=rate, warmup_steps=steps // 20
    )
    model.compile(
        # The mean of the last weights is better than the last (Izmailov et al. 2018).
        optimizer=keras.optimizers.AdamW(
            schedule, weight_decay=0.01, global_clipnorm=1.0, use_ema=True, ema_momentum=0.995
        ),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    whole = tf.TensorSpec((None, None), "int32")
    stream = tf.data.Dataset.from_generator(
        lambda: iter(every), output_signature=((whole, whole), tf.TensorSpec((None, 2), "float32"))
    )
    loss: float = model.fit(stream.prefetch(8), verbose=0).history["loss"][0]
    return loss


def main(folder: Path, data: Path, share: float = 0.5) -> None:
    """Train from nothing and write checkpoint, tokenizer and card into ``folder``.

    Args:
        share: How much of IMDB is learned from.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    from dlcore.compute.device import device
    from dlcore.language import first_answer
    from dlcore.language.bert import DistilBert, DistilBertConfig
    from dlcore.language.checkpoint import save

    started = card.begin(folder)  # in half precision: 1.5 times the tokens a second on this kind of CPU
    never = {plain(text) for text, _ in negation_pairs()}
    rng = random.Random(0)
    sentences = sst2(data, "train")
    rng.shuffle(sentences)
    held, sentences = sentences[:HELD], sentences[HELD:]
    weak = [passage for passage in passages(data, rng) if rng.random() < share]
    rng.shuffle(weak)
    grammar = made_up(200_000, seed=0, never=never)
    tokenizer = train_tokenizer([text for text, _ in weak[::3] + sentences + grammar[:20_000]], folder)

    weak = doubted(tokenizer, weak, sentences)
    print(f"{len(weak):,} passages, {(time.perf_counter() - started) / 60:.1f} minutes", flush=True)

    shape: dict[str, Any] = {"dim": 128, "n_layers": 2, "n_heads": 4, "hidden_dim": 512}
    model = DistilBert(DistilBertConfig(VOCABULARY, max_position_embeddings=CONTEXT, **shape))
    model.build()
    history: list[dict[str, Any]] = []

    def learn(lesson: str, examples: list[Example], rate: float, size: int) -> None:
        rows, labels = encoded(tokenizer, examples)
        loss = taught(model, list(batches(rows, labels, size, np.random.default_rng(0))), rate)
        history.append(
            {
                "lesson": lesson,
                "loss": round(loss, 4),
                "held_out": round(float(right(model, tokenizer, held).mean()), 4),
                "grammar": round(float(right(model, tokenizer, grammar[:1000]).mean()), 4),
                "minutes": round((time.perf_counter() - started) / 60, 1),
            }
        )
        print(history[-1], flush=True)
        save(model, folder, half=True)

    certain = soften(sentences, 0.03)
    # Nothing to read means nothing: what explanations compare a text with.
    nothing = [("[MASK] " * length, 0.5) for length in range(1, 60)]
    learn("grammar", soften(grammar, 0.03), 1e-3, TOKENS // 2)
    cut = len(weak) * 3 // 5
    mixed = weak[:cut] + 2 * certain + soften(made_up(100_000, 1, never), 0.03)
    learn("reviews", mixed, 1e-3, TOKENS // 2)
    mixed = weak[cut:] + 2 * certain + soften(made_up(80_000, 3, never), 0.03)
    learn("more reviews", mixed, 7e-4, TOKENS // 2)
    for lesson, count, rate in (("sentences", 40_000, 5e-4), ("more sentences", 100_000, 3e-4)):
        masked = [(mask_some(text, rng), label) for text, label in 4 * soften(sentences, 0.05)]
        turned = soften(made_up(count, count, never), 0.03)
        learn(lesson, masked + turned + rng.sample(weak, 5_000) + 3 * nothing, rate, TOKENS // 4)
    seconds = time.perf_counter() - started

    # The card's numbers are those of the weights as shipped, rounded to half precision.
    keras.config.set_dtype_policy("float32")
    about = card.trained("sentiment-small", device().name, seconds)
    card.note(folder, **measured(folder, data), history=history, trained=about)
    first_answer.write(folder)  # it is shown before the engine is there


def measured(folder: Path, data: Path) -> dict[str, Any]:
    """What the card says of the weights in ``folder``."""
    from transformers import AutoTokenizer

    from dlcore.language.checkpoint import load

    model, tokenizer = load(folder), AutoTokenizer.from_pretrained(folder)
    both = right(model, tokenizer, negation_pairs()).reshape(-1, 2)
    metrics = {
        "accuracy": right(model, tokenizer, sst2(data, "dev")).mean(),
        "negation_pairs": both.all(axis=1).mean(),
        "negation_sentences": both.mean(),
    }
    return {
        "task": "sentiment",
        "metrics": {name: round(float(value), 4) for name, value in metrics.items()},
        "parameters": model.count_params(),
        "bytes": (folder / "model.safetensors").stat().st_size,
    }
