"""Tables, texts, recipe files and checkpoints: what is right for each case.

What the command line does is asked of it as a user would: exit status, JSON on standard output, and one line
on standard error where something is wrong.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cases import Check
from dlcore.__main__ import main
from dlcore.language import checkpoint
from dlcore.uploads.text_table import Table, read_table, text_lines

PAIRS = [
    ["5", "A lovely, warm film"],
    ["1", "Two hours of nothing; I left"],
    ["3", "Some scenes work"],
    ["2", "Nice pictures, no story"],
]


def dlcore(*arguments: str | Path) -> tuple[int, list[Any], str]:
    """Exit status, JSON documents and messages of a command."""
    out, messages = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(messages):
        status = main([*map(str, arguments), "--json"])
    return status, [json.loads(line) for line in out.getvalue().splitlines()], messages.getvalue()


def refusal(*arguments: str | Path) -> str:
    """The one line a command is refused with."""
    status, answers, message = dlcore(*arguments)
    assert (status, answers) == (2, [])
    assert message.startswith("dlcore: ") and message.count("\n") == 1 and len(message) < 300, message
    return message


def sentiment(folder: Path, text: str = "good film") -> dict[str, Any]:
    status, answers, _ = dlcore("sentiment", "--model", folder, text)
    assert status == 0
    (answer,) = answers
    return dict(answer)


def written(folder: Path, prompt: str = "Once") -> str:
    status, answers, _ = dlcore("generate", "--model", folder, "--tokens", "8", "--seed", "3", prompt)
    assert status == 0
    return str(answers[0]["text"])


def each(folder: Path, *names: str) -> Iterator[Path]:
    """Those of a case's folders that are there: a copy may lack some."""
    assert any(folder.iterdir())
    yield from (folder / name for name in names if (folder / name).is_dir())


def tables(folder: Path) -> dict[str, Table]:
    return {path.name: read_table(path.read_bytes()) for path in sorted(folder.glob("*.csv"))}


def carriage_returns(folder: Path) -> None:
    found = tables(folder)
    assert len(found) == 2
    for table in found.values():
        assert (table.columns, table.rows, table.notes) == (["stars", "review"], PAIRS, [])
    assert text_lines((folder / "cr.txt").read_bytes()) == (["A good film", "A bad film", "A third"], "")


def csv_sep_line(folder: Path) -> None:
    (table,) = tables(folder).values()
    assert (table.columns, table.rows, table.notes) == (["stars", "review"], PAIRS, [])
    assert "semicolons" in table.assumed


def csv_decimal_comma(folder: Path) -> None:
    found = tables(folder)
    comma, quoted = found["decimal-comma.csv"], found["quote-in-header.csv"]
    assert comma.rows == [["1,5", "good film"], ["2,75", "bad film"], ["3,0", "fine film"]]
    assert quoted.columns == ["stars", "review, long"]
    assert quoted.rows == [["5", "good, film"], ["1", "bad, film"]]
    assert all("semicolons" in table.assumed for table in found.values())


def recipe_from_powershell(folder: Path) -> None:
    for name in ("bom.json", "utf16.json"):
        status, (described,), _ = dlcore("describe", folder / name)
        assert status == 0 and described["input_shape"] == [8, 8, 1]


def gpt2_only_lm_head(folder: Path) -> None:
    plain, tied = folder / "g00-plain", folder / "g02-only-lm-head"
    assert written(tied) == written(plain)
    one, other = (np.asarray(checkpoint.load(path).wte.embeddings) for path in (plain, tied))
    np.testing.assert_array_equal(one, other)


def token_beyond_embedding(folder: Path) -> None:
    for path in each(folder, "g09-token-beyond-embedding"):
        assert written(path)
        line = refusal("generate", "--model", path, "a <|startofstory|> b")
        assert "more tokens (347) than the network (346)" in line and "<|startofstory|>" in line
    for path in each(folder, "s10-token-beyond-embedding"):
        assert sentiment(path)["probabilities"]
        line = refusal("sentiment", "--model", path, "a zebra")
        assert "more tokens (121) than the network (119)" in line and "zebra" in line


def odd_labels(folder: Path) -> None:
    labels = {
        "s01-int-labels": {"0", "1"},
        "s05-same-names": {"Neutral", "neutral", "positive"},
        "s19-null-label-names": {"LABEL_0", "LABEL_1"},
    }
    for path in each(folder, *labels):
        probabilities = sentiment(path)["probabilities"]
        assert set(probabilities) == labels[path.name]
        assert sum(probabilities.values()) == pytest.approx(1)


def one_label(folder: Path) -> None:
    (path,) = each(folder, "s02-one-label")
    good, bad = sentiment(path), sentiment(path, "zebra")
    assert "regression head" in good["note"] and f"{good['value']:.4g}" in good["note"]
    assert good["score"] is None and not good["probabilities"] and good["value"] != bad["value"]


def lfs_pointer(folder: Path) -> None:
    pointers = {"g18-lfs-pointer": "model.safetensors", "g19-tokenizer-lfs-pointer": "tokenizer.json"}
    for path in each(folder, *pointers):
        line = refusal("generate", "--model", path, "Once")
        assert f"{pointers[path.name]} is a Git LFS pointer, not the file itself; fetch the file" in line


def stale_index(folder: Path) -> None:
    for path in each(folder, "g06-sharded-missing"):
        assert "model-00002-of-00002.safetensors is missing" in refusal("generate", "--model", path, "Once")
    whole = folder / "g07-single-and-stale-index"
    if whole.is_dir():
        assert written(whole).startswith("Once")


CHECKS: dict[str, Check] = {
    "14-carriage-returns": carriage_returns,
    "15-csv-sep-line": csv_sep_line,
    "17-csv-decimal-comma": csv_decimal_comma,
    "18-recipe-from-powershell": recipe_from_powershell,
    "19-gpt2-only-lm-head": gpt2_only_lm_head,
    "20-token-beyond-embedding": token_beyond_embedding,
    "22-odd-labels": odd_labels,
    "23-one-label": one_label,
    "25-lfs-pointer": lfs_pointer,
    "26-stale-index": stale_index,
}
