"""Makes tests/fixtures/sentiment/: a tiny classifier with a tokenizer, and what PyTorch says of some texts.

    pip install torch && python tests/make_sentiment_fixtures.py

Nothing of it is needed to run the tests. The weights are random. Beside the checkpoint:

    answers.json   for each text what ``pipeline("sentiment-analysis", truncation=True, top_k=None)`` answers
    gradients.json for one text: its tokens, the log-odds of "positive" for it and for the same text of [PAD],
                   and what each token contributes by integrated gradients, summed over 4,000 midpoints
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

HERE = Path(__file__).parent / "fixtures" / "sentiment"
LEARNED = [
    "the film is a gorgeous , witty and seductive movie that never bores",
    "i did not like it at all : it is dull and far too long",
    "a wonderful story with great actors and a terrible ending !",
    "it's not bad , it is the best film of the year . don't miss it",
]
TEXTS = [
    "The film is wonderful!",
    "I did not like the movie at all; it's dull.",
    "   spaces\tand\nlines   ",
    "Über-naïve café, déjà vu",
    "😀 great 😀",
    "שלום, סרט נהדר",
    "电影很好",
    "<b>dull</b> & $great$",
    "the best film of the year and a terrible ending " * 20,
]
EXPLAINED = "It's a wonderful, witty film."
STEPS = 4000


def tokenizer(context: int) -> PreTrainedTokenizerFast:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(LEARNED, trainers.WordPieceTrainer(vocab_size=150, special_tokens=special))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {f"{name.strip('[]').lower()}_token": name for name in special}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=context, **names)


def gradients(model: DistilBertForSequenceClassification, tokens: list[int], nothing: int) -> dict:
    """Integrated gradients in double precision, the plain way."""
    model = model.double()
    words = model.get_input_embeddings()
    row = torch.tensor(tokens)
    empty = torch.tensor([tokens[0], *[nothing] * (len(tokens) - 2), tokens[-1]])
    start, change = words(empty).detach(), (words(row) - words(empty)).detach()

    def odds(vectors: torch.Tensor) -> torch.Tensor:
        logits = model(inputs_embeds=vectors).logits
        return logits[:, 1] - logits[:, 0]

    found = torch.zeros(len(tokens), dtype=torch.double)
    for points in torch.chunk((torch.arange(STEPS) + 0.5) / STEPS, 20):
        path = (start + points[:, None, None].double() * change).requires_grad_()
        (slopes,) = torch.autograd.grad(odds(path).sum(), path)
        found += (slopes * change).sum((0, 2)) / STEPS
    return {
        "text": EXPLAINED,
        "tokens": tokens,
        "output": odds((start + change)[None]).item(),
        "baseline": odds(start[None]).item(),
        "contributions": found.tolist(),
    }


def main() -> None:
    torch.manual_seed(3)
    cut = tokenizer(48)
    config = DistilBertConfig(
        vocab_size=len(cut),
        dim=16,
        n_layers=2,
        n_heads=2,
        hidden_dim=32,
        max_position_embeddings=48,
        id2label={0: "NEGATIVE", 1: "POSITIVE"},
        label2id={"NEGATIVE": 0, "POSITIVE": 1},
        initializer_range=0.25,
        pad_token_id=0,
    )
    model = DistilBertForSequenceClassification(config).eval()
    model.save_pretrained(HERE)
    cut.save_pretrained(HERE)
    judge = pipeline("sentiment-analysis", model=model, tokenizer=cut, truncation=True, top_k=None)
    answers = [
        {"text": text, "probabilities": {row["label"].lower(): row["score"] for row in judge([text])[0]}}
        for text in TEXTS
    ]
    (HERE / "answers.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n")
    tokens = cut(EXPLAINED)["input_ids"]
    numbers = gradients(model, tokens, cut.pad_token_id)
    (HERE / "gradients.json").write_text(json.dumps(numbers, indent=1) + "\n")


if __name__ == "__main__":
    main()
