"""Hugging Face checkpoints in and out of the networks here.

A checkpoint is a folder: ``config.json`` says which network it is, ``model.safetensors`` (or several files
and an index) holds its tensors, and the rest belongs to the tokenizer. Every tensor is used exactly once,
or the loading fails and names it.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from dlcore.language.bert import Bert, BertConfig, DistilBert, DistilBertConfig
from dlcore.language.files import WEIGHTS, CheckpointError, called, header, read_json, weight_files
from dlcore.language.gpt2 import GPT2, GPT2Config
from dlcore.language.llama import Llama, LlamaConfig

FAMILIES: dict[str, tuple[Any, Any]] = {
    "bert": (Bert, BertConfig),
    "distilbert": (DistilBert, DistilBertConfig),
    "gpt2": (GPT2, GPT2Config),
    "llama": (Llama, LlamaConfig),
}
"""Network and configuration by ``model_type``."""
PREFIX = {"gpt2": "transformer.", "distilbert": "distilbert.", "bert": "bert.", "llama": "model."}
"""What some checkpoints put before every name of the body, because a head was saved with it."""
HEADS = ("classifier.", "pre_classifier.", "lm_head.")
"""How the names begin that are of a head."""
BUFFERS = re.compile(
    r"(\.attn\.(masked_)?bias|position_ids|rotary_emb\.inv_freq)$"  # made anew, not learned
)
DTYPES = {"F16": "<f2", "BF16": ml_dtypes.bfloat16, "F32": "<f4", "F64": "<f8"}
"""How a file calls the kinds of numbers that are read."""
PIECE = 2**20
"""Numbers that are read at once; 4 MB."""
ALIGNED = 64
"""Bytes; where TensorFlow takes memory over, it begins at a multiple of this."""


class Stored(NamedTuple):
    """A tensor in a file."""

    file: Path
    name: str
    shape: tuple[int, ...]
    dtype: str
    begin: int
    """The byte of the file where its numbers begin."""


def load(folder: Path) -> Any:
    """The network of a checkpoint, with its weights in single precision.

    Everything is checked before anything is read. The variables start as reserved places without memory
    and are filled piece by piece: the peak is little more than the weights themselves.

    Raises:
        CheckpointError: if a file is missing or broken, the network is of no family here, or a tensor is
            missing, left over or of another shape.
    """
    import tensorflow as tf  # not needed by who only saves: another backend may have trained

    kind, config = read_config(folder)
    network = FAMILIES[kind][0]
    stored = _by_plain_name(folder, PREFIX[kind])
    embedding = getattr(network, "EMBEDDING", None)
    if embedding and "lm_head.weight" in stored and getattr(config, "tie_word_embeddings", True):
        stored.setdefault(embedding, stored["lm_head.weight"])  # one matrix under two names
        del stored["lm_head.weight"]
    if kind in ("bert", "distilbert") and "classifier.weight" not in stored:
        raise CheckpointError(
            f"{called(folder)}: it has no classifier; choose a checkpoint that was trained to classify texts"
        )
    blocks = len({match.group() for name in stored if (match := re.search(r"\d+", name))})
    if blocks != config.blocks:  # before a typing error builds a million of them
        raise CheckpointError(
            f"{called(folder)}: expected {config.blocks} blocks, as config.json says, received {blocks}"
        )
    if config.context < 4:
        raise CheckpointError(f"{called(folder)}: expected room for some tokens, received {config.context}")
    try:
        model = network(config, start=lambda scale=1.0: _no_memory)
        model.build()
    except (tf.errors.ResourceExhaustedError, tf.errors.InvalidArgumentError, ValueError) as error:
        raise CheckpointError(
            f"{called(folder)}: its network is larger than the memory of this machine"
        ) from error
    places = {name: (variable, turned) for name, variable, turned in model.tensors()}
    missing, extra = sorted(places.keys() - stored.keys()), sorted(stored.keys() - places.keys())
    if missing or extra:
        raise CheckpointError(
            f"{called(folder)}: its tensors do not fit a {network.__name__} of its configuration; "
            f"missing: {_some(missing)}; left over: {_some(extra)}"
        )
    for name, (variable, turned) in places.items():
        expected, item = tuple(variable.shape), stored[name]
        expected = expected[::-1] if turned else expected
        if item.shape != expected:
            raise CheckpointError(
                f"{called(folder)}: expected {item.name} of shape {expected}, received {item.shape}"
            )
        if item.dtype not in DTYPES:
            raise CheckpointError(
                f"{called(folder)}: expected {item.name} as one of {', '.join(DTYPES)}, received {item.dtype}"
            )
    for name, (variable, turned) in places.items():
        array = _read(stored[name], turned)
        # Handed over and not copied, as an array given to assign itself would be, twice.
        variable.assign(tf.experimental.dlpack.from_dlpack(array.__dlpack__()))
    return model


def read_config(folder: Path) -> tuple[str, Any]:
    """The family and the configuration of a checkpoint's ``config.json``.

    Raises:
        CheckpointError: if there is none, or it describes a network that is not one of those here.
    """
    raw = read_json(folder / "config.json")
    kind = raw.get("model_type")
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise CheckpointError(
            f"{called(folder)}: expected a model_type of {', '.join(FAMILIES)}, received {repr(kind)[:60]}"
        )
    try:
        return kind, FAMILIES[kind][1].from_json(raw)
    except ValueError as error:
        raise CheckpointError(f"{called(folder)}: config.json: {error}") from error


def save(model: Any, folder: Path, *, half: bool = False) -> int:
    """Write ``config.json`` and ``model.safetensors``, as PyTorch's transformers reads them too.

    Returns the bytes of the latter.
    """
    kind = next(name for name, (network, _) in FAMILIES.items() if isinstance(model, network))
    dtype = "float16" if half else "float32"
    config = {"model_type": kind, "dtype": dtype} | dataclasses.asdict(model.config)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    arrays = {}
    for name, variable, turned in model.tensors():
        array = np.asarray(variable, dtype)
        full = name if name.startswith(HEADS) else PREFIX[kind] + name
        arrays[full] = np.ascontiguousarray(array.T if turned else array)
    save_file(arrays, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / WEIGHTS).chmod(0o644)  # it comes readable for its owner alone
    return (folder / WEIGHTS).stat().st_size


def _by_plain_name(folder: Path, prefix: str) -> dict[str, Stored]:
    """Every learned tensor of a checkpoint, by its name here."""
    tensors: dict[str, Stored] = {}
    for file in weight_files(folder):
        for item in _tensors(file):
            plain = _plain(item.name, prefix)
            if BUFFERS.search(plain):
                continue
            if plain in tensors:
                raise CheckpointError(
                    f"{called(folder)}: {item.name} and {tensors[plain].name} are the same tensor twice"
                )
            tensors[plain] = item
    return tensors


def _tensors(file: Path) -> list[Stored]:
    """What a file holds, from its header. A file that was cut off is noticed here."""
    tensors, begin = header(file)
    try:
        with safe_open(file, framework="numpy"):
            pass  # it checks that the tensors lie side by side, each as large as its shape says
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{called(file.parent)}: {file.name} is broken or incomplete ({error}); fetch it again"
        ) from error
    return [
        Stored(file, name, tuple(about["shape"]), about["dtype"], begin + about["data_offsets"][0])
        for name, about in tensors.items()
    ]


def _no_memory(shape: Any, dtype: Any = None) -> Any:
    """An initialiser that reserves the place and touches nothing of it."""
    import tensorflow as tf

    return tf.raw_ops.Empty(shape=shape, dtype=dtype or "float32")


def _read(stored: Stored, turned: bool) -> np.ndarray:
    """A tensor in single precision, piece by piece into memory that TensorFlow can keep as it is.

    Raises:
        CheckpointError: if one of its values is no finite number.
    """
    shape, dtype = stored.shape, np.dtype(DTYPES[stored.dtype])
    size, width = math.prod(shape), math.prod(shape[1:])
    memory = np.empty(4 * size + ALIGNED, "uint8")
    begin = -memory.ctypes.data % ALIGNED
    array = memory[begin : begin + 4 * size].view("float32")
    array = array.reshape(shape[::-1] if turned else shape)
    rows = max(1, PIECE // width)
    with stored.file.open("rb") as file:
        file.seek(stored.begin)
        for at in range(0, shape[0], rows):
            end = min(at + rows, shape[0])
            piece = np.frombuffer(file.read((end - at) * width * dtype.itemsize), dtype)
            if not np.isfinite(piece).all():
                raise CheckpointError(
                    f"{stored.file.parent.name}: {stored.name} holds values that are no numbers "
                    "(NaN or infinity); its training went wrong, or the file is damaged"
                )
            piece = piece.reshape(end - at, *shape[1:])
            if turned:
                array[:, at:end] = piece.T
            else:
                array[at:end] = piece
    return array


def _plain(name: str, prefix: str) -> str:
    """A tensor's name without what a head put before it, and with today's words for an old one's."""
    name = name.removeprefix(prefix)
    return re.sub(r"gamma$", "weight", re.sub(r"beta$", "bias", name))


def _some(names: list[str]) -> str:
    if not names:
        return "none"
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
