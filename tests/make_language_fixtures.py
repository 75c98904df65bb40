"""Makes tests/fixtures/language/: tiny checkpoints, and what PyTorch's transformers computes with them.

    pip install torch && python tests/make_language_fixtures.py

Nothing of it is needed to run the tests. The weights are random, larger than a training starts with, so that
attention is uneven and continuations vary; where a choice is stored, the script has made sure that
it was not a close one.

Every folder is a checkpoint as ``save_pretrained`` writes it, with the numbers beside it:

    gpt2/            float32, in one file, with a tokenizer whose tokens are the words w0 … w95
    llama/           bfloat16, grouped queries, a head_dim of its own, its own output matrix
    llama-sharded/   float32, in several files with an index, biases, tied output matrix
    bert/ distilbert/  classifiers with three and two labels

    numbers.npz, of a decoder:
        tokens (2, 24); logits (2, 24, vocabulary); attention (layers, heads, 24, 24) of the first row;
        prompts (3, 8); greedy (3, 58), the prompts with 50 tokens each
    numbers.npz, of an encoder:
        tokens (4, 20); mask (4, 20), 1 a token and 0 filling; logits (4, labels);
        attention (layers, heads, 20, 20) of the first row, which is not filled up
    gpt2/sampling.npz: seen (8,), a prompt; logits (vocabulary,) of the token after it; chances
        (settings, vocabulary), the probabilities ``generate`` draws that token with
    gpt2/sampling.json: the settings in that order, each with temperature, top_k (0: off), top_p and
        repetition_penalty
    gpt2/beams.json: searches, each with prompt, beams, tokens (most to write), eos (or null), and what
        ``generate(num_beams=beams, num_return_sequences=beams, length_penalty=1, early_stopping=False)``
        returns: sequences (prompt included; an eos is their last token) and scores (sum of the log
        probabilities of what was written, divided by its length), the best first
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

HERE = Path(__file__).parent / "fixtures" / "language"
VOCABULARY = 96
CLOSE = 1e-3
"""A choice between logits nearer than this is not stored: rounding could turn it."""
SETTINGS = [
    {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0},
    {"temperature": 0.5, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0},
    {"temperature": 1.7, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0},
    {"temperature": 1.0, "top_k": 5, "top_p": 1.0, "repetition_penalty": 1.0},
    {"temperature": 1.0, "top_k": 1, "top_p": 1.0, "repetition_penalty": 1.0},
    {"temperature": 1.0, "top_k": 0, "top_p": 0.9, "repetition_penalty": 1.0},
    {"temperature": 1.0, "top_k": 0, "top_p": 0.05, "repetition_penalty": 1.0},
    {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.5},
    {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "repetition_penalty": 1.2},
    {"temperature": 1.4, "top_k": 10, "top_p": 0.5, "repetition_penalty": 2.0},
]
SEARCHES = [(3, 12, False), (4, 12, False), (3, 16, True), (4, 16, True)]
"""Beams, tokens, and whether there is a token that ends a text."""


def randomise(model: Any) -> Any:
    """Uneven norms and biases too: as they start, a network that ignores them would pass."""
    for parameter in model.parameters():
        if parameter.ndim == 1:
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model.eval()


def save(model: Any, name: str, **options: Any) -> Path:
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, **options)
    (folder / "generation_config.json").unlink(missing_ok=True)
    for file in folder.iterdir():
        file.chmod(0o644)
    return folder


def decoder(name: str, model: Any, **options: Any) -> Path:
    """Save a decoder with its logits, attention and greedy continuations."""
    model = randomise(model)
    folder = save(model, name, **options)
    # Computed in single precision from the stored weights, as they are here.
    model = type(model).from_pretrained(folder, dtype="float32", attn_implementation="eager")
    model.generation_config.eos_token_id = None
    tokens = torch.randint(0, VOCABULARY, (2, 24))
    out = model(tokens, output_attentions=True)
    prompts = torch.randint(0, VOCABULARY, (3, 8))
    greedy = model.generate(
        prompts, attention_mask=torch.ones_like(prompts), do_sample=False, max_new_tokens=50
    )
    best = model(greedy).logits[:, 7:-1].topk(2).values
    assert (best[..., 0] - best[..., 1]).min() > CLOSE, f"{name}: a close choice; take another seed"
    assert min(len(set(row[8:].tolist())) for row in greedy) > 5, f"{name}: it only repeats itself"
    np.savez_compressed(
        folder / "numbers.npz",
        tokens=tokens.int(),
        logits=out.logits,
        attention=torch.stack([block[0] for block in out.attentions]),
        prompts=prompts.int(),
        greedy=greedy.int(),
    )
    return folder


def encoder(name: str, model: Any) -> None:
    """Save an encoder with its logits for texts of several lengths, and its attention."""
    model = randomise(model)
    folder = save(model, name)
    model = type(model).from_pretrained(folder, attn_implementation="eager")
    tokens = torch.randint(0, VOCABULARY, (4, 20))
    mask = (torch.arange(20) < torch.tensor([20, 13, 5, 1])[:, None]).int()
    out = model(input_ids=tokens, attention_mask=mask, output_attentions=True)
    np.savez_compressed(
        folder / "numbers.npz",
        tokens=tokens.int(),
        mask=mask,
        logits=out.logits,
        attention=torch.stack([block[0] for block in out.attentions]),
    )


def sampling(folder: Path, model: Any, prompt: torch.Tensor) -> None:
    """The probabilities ``generate`` draws the next token with."""
    chances = []
    for setting in SETTINGS:
        out = model.generate(
            prompt[None],
            attention_mask=torch.ones_like(prompt)[None],
            do_sample=True,
            max_new_tokens=1,
            return_dict_in_generate=True,
            output_scores=True,
            **setting,
        )
        chances.append(out.scores[0][0].double().softmax(-1).numpy())
    np.savez_compressed(
        folder / "sampling.npz",
        seen=prompt.int(),
        logits=model(prompt[None]).logits[0, -1],
        chances=np.stack(chances),
    )
    (folder / "sampling.json").write_text(json.dumps(SETTINGS, indent=1) + "\n")


def beams(folder: Path, model: Any, prompts: torch.Tensor) -> None:
    """What beam search finds."""
    results = []
    for prompt in prompts:
        for count, tokens, ends in SEARCHES:
            # A token that the search without an end wrote early on, so that it ends some texts.
            eos = results[-2]["sequences"][0][len(prompt) + 5] if ends else None
            out = model.generate(
                prompt[None],
                attention_mask=torch.ones_like(prompt)[None],
                do_sample=False,
                num_beams=count,
                num_return_sequences=count,
                max_new_tokens=tokens,
                eos_token_id=eos,
                pad_token_id=eos,
                length_penalty=1.0,
                early_stopping=False,
                return_dict_in_generate=True,
                output_scores=True,
            )
            rows = []
            for row in out.sequences.tolist():
                written = row[len(prompt) :]
                end = written.index(eos) + 1 if ends and eos in written else len(written)
                rows.append(row[: len(prompt) + end])
            scores = out.sequences_scores.tolist()
            assert min(-np.diff(scores)) > CLOSE / 10, "a close choice; take another seed"
            results.append(
                {
                    "prompt": prompt.tolist(),
                    "beams": count,
                    "tokens": tokens,
                    "eos": eos,
                    "sequences": rows,
                    "scores": scores,
                }
            )
    assert len({len(row) for search in results for row in search["sequences"]}) > 3
    (folder / "beams.json").write_text("[\n" + ",\n".join(json.dumps(search) for search in results) + "\n]\n")


def word_tokenizer(folder: Path) -> None:
    """A tokenizer whose token number 17 is the word w17."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    plain = Tokenizer(models.WordLevel({f"w{i}": i for i in range(VOCABULARY)}, unk_token="w0"))
    plain.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(tokenizer_object=plain).save_pretrained(folder)


def main() -> None:
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    ends = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
    config: Any = transformers.GPT2Config(
        vocab_size=VOCABULARY, n_positions=64, n_embd=16, n_layer=2, n_head=4, initializer_range=0.5, **ends
    )
    folder = decoder("gpt2", transformers.GPT2LMHeadModel(config))
    word_tokenizer(folder)
    model = transformers.GPT2LMHeadModel.from_pretrained(folder)
    prompts = torch.tensor(np.load(folder / "numbers.npz")["prompts"]).long()
    sampling(folder, model, prompts[0])
    beams(folder, model, prompts[:2])

    tiny: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "intermediate_size": 40,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "initializer_range": 0.4,
    }
    config = transformers.LlamaConfig(
        hidden_size=24,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=64,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0},
        **tiny,
        **ends,
    )
    decoder("llama", transformers.LlamaForCausalLM(config).to(torch.bfloat16))
    config = transformers.LlamaConfig(
        hidden_size=16,
        max_position_embeddings=64,
        tie_word_embeddings=True,
        attention_bias=True,
        mlp_bias=True,
        **tiny,
        **ends,
    )
    decoder("llama-sharded", transformers.LlamaForCausalLM(config), max_shard_size="16KB")

    labels = {0: "bad", 1: "middling", 2: "good"}
    config = transformers.BertConfig(
        hidden_size=16,
        max_position_embeddings=32,
        id2label=labels,
        label2id={name: key for key, name in labels.items()},
        **tiny,
    )
    encoder("bert", transformers.BertForSequenceClassification(config))
    config = transformers.DistilBertConfig(
        vocab_size=VOCABULARY,
        dim=16,
        n_layers=2,
        n_heads=4,
        hidden_dim=40,
        max_position_embeddings=32,
        initializer_range=0.4,
    )
    encoder("distilbert", transformers.DistilBertForSequenceClassification(config))
    size = sum(file.stat().st_size for file in HERE.rglob("*") if file.is_file())
    print(f"{HERE}: {size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
