"""Text networks small enough for tests, as checkpoint folders."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

SENTENCES = [
    "Once upon a time there was a king who had three sons.",
    "The fox said to the crow: sing, and I shall give you cheese!",
    "It rained, and the little house by the sea was warm and dry.",
]


def decoder(folder: Path, *, context: int = 32, seed: int = 0) -> Path:
    """A GPT-2 of two small blocks with a byte-level tokenizer of its own; its weights are random."""
    from dlcore.language.gpt2 import GPT2, GPT2Config

    end = "<|endoftext|>"
    tokens = _tokenizer(folder, [end], bos_token=end, eos_token=end)
    return _random(
        GPT2(GPT2Config(tokens, n_positions=context, n_embd=16, n_layer=2, n_head=2)), folder, seed
    )


def _tokenizer(folder: Path, marks: list[str], template: str | None = None, **named: str) -> int:
    """Keep a byte-level tokenizer that has seen the sentences; the number of its tokens."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    learner = ByteLevelBPETokenizer()
    learner.train_from_iterator(SENTENCES, 300, special_tokens=marks, show_progress=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=learner._tokenizer, **named)
    tokenizer.chat_template = template
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    return len(tokenizer)


def _random(model: keras.Model, folder: Path, seed: int = 0) -> Path:
    """Keep it with weights that are larger than a training starts with, so that choices differ."""
    from dlcore.language.checkpoint import save

    model.build()
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(weight + rng.normal(0, 0.3, weight.shape))
    save(model, folder)
    return folder


def same(model: keras.Model, other: keras.Model) -> bool:
    """Whether two networks have the same weights."""
    return all(np.array_equal(a, b) for a, b in zip(model.weights, other.weights, strict=True))


CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML, as SmolLM2's instruction-tuned networks have it."""


def chatter(folder: Path, *, context: int = 512, template: str = CHAT_TEMPLATE) -> Path:
    """A Llama of two small blocks with a chat template; its weights are random."""
    from dlcore.language.llama import Llama, LlamaConfig

    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    config = LlamaConfig(
        vocab_size=_tokenizer(folder, marks, template or None, bos_token=marks[1], eos_token=marks[2]),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=context,
        tie_word_embeddings=True,
    )
    (folder / "README.md").write_text("A tiny network that chats.")  # a page of the Hub has one
    return _random(Llama(config), folder)
