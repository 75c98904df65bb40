"""Hugging Face checkpoints: every layout there is, and one clear line for what is none."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dlcore.language import checkpoint, hub_cache
from dlcore.language.files import INDEX, WEIGHTS, CheckpointError, header, read_json
from dlcore.language.gpt2 import GPT2Config

FIXTURES = Path(__file__).parents[1] / "fixtures" / "language"
ALL = ["gpt2", "llama", "llama-sharded", "bert", "distilbert"]
Tensors = dict[str, np.ndarray]
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 548105171\n"


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str], Path]:
    def fresh(name: str) -> Path:
        return Path(shutil.copytree(FIXTURES / name, tmp_path / name))

    return fresh


def change(folder: Path, change: Callable[[Tensors], Any]) -> None:
    """Rewrite a checkpoint's tensors."""
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS)


def configure(folder: Path, **values: Any) -> None:
    """Rewrite values of a checkpoint's configuration."""
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def weights(folder: Path) -> Tensors:
    return {name: np.asarray(variable) for name, variable, _ in checkpoint.load(folder).tensors()}


def assert_same(one: Tensors, other: Tensors) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)


def refusal(folder: Path) -> str:
    """What loading a folder is refused with."""
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(folder)
    message = str(caught.value)
    assert "\n" not in message and str(folder.parent) not in message
    return message


# -- layouts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gpt2", "llama", "bert", "distilbert"])
def test_names_count_with_and_without_what_a_head_put_before_them(name: str, copy: Any):
    folder, prefix = copy(name), checkpoint.PREFIX[name]
    assert any(key.startswith(prefix) for key in load_file(folder / WEIGHTS))

    def bare(tensors: Tensors) -> None:
        for key in list(tensors):
            tensors[key.removeprefix(prefix)] = tensors.pop(key)

    change(folder, bare)
    assert_same(weights(folder), weights(FIXTURES / name))


def test_buffers_and_the_tied_matrix_are_passed_over(copy: Any):
    folder = copy("gpt2")

    def old(tensors: Tensors) -> None:
        tensors["lm_head.weight"] = tensors["transformer.wte.weight"].copy()
        for i in range(2):
            tensors[f"transformer.h.{i}.attn.bias"] = np.tri(64, dtype="float32")[None, None]
            tensors[f"transformer.h.{i}.attn.masked_bias"] = np.array(-1e4, "float32")

    change(folder, old)
    assert_same(weights(folder), weights(FIXTURES / "gpt2"))

    folder = copy("bert")
    positions = {"bert.embeddings.position_ids": np.arange(32)[None]}
    change(folder, lambda tensors: tensors.update(positions))
    assert_same(weights(folder), weights(FIXTURES / "bert"))

    folder = copy("llama")
    rates = {"model.layers.0.self_attn.rotary_emb.inv_freq": np.ones(4, "float32")}
    change(folder, lambda tensors: tensors.update(rates))
    assert_same(weights(folder), weights(FIXTURES / "llama"))


@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_a_tied_matrix_that_is_stored_under_its_other_name_alone(name: str, copy: Any):
    folder, embedding = copy(name), checkpoint.PREFIX[name] + checkpoint.FAMILIES[name][0].EMBEDDING
    if name == "llama":
        configure(folder, tie_word_embeddings=True)
        change(folder, lambda tensors: tensors.pop("lm_head.weight", None))
    whole = weights(folder)
    change(folder, lambda tensors: tensors.update({"lm_head.weight": tensors.pop(embedding)}))
    assert_same(weights(folder), whole)


def test_a_stale_index_beside_the_whole_file_does_no_harm(copy: Any):
    folder = copy("gpt2")
    shutil.copy(FIXTURES / "llama-sharded" / INDEX, folder / INDEX)
    assert_same(weights(folder), weights(FIXTURES / "gpt2"))
    assert hub_cache.whole(folder)
    assert hub_cache.memory(folder) == hub_cache.memory(FIXTURES / "gpt2")


def test_old_names_of_the_norms_are_understood(copy: Any):
    folder = copy("bert")

    def old(tensors: Tensors) -> None:
        for key in [key for key in tensors if "LayerNorm" in key]:
            new = key.replace("weight", "gamma").replace("bias", "beta")
            tensors[new] = tensors.pop(key)

    change(folder, old)
    assert_same(weights(folder), weights(FIXTURES / "bert"))


def test_several_files_hold_the_same_as_one(copy: Any):
    folder = copy("llama-sharded")
    shards = sorted(folder.glob("model-*.safetensors"))
    assert len(shards) > 1
    save_file({k: v for file in shards for k, v in load_file(file).items()}, folder / WEIGHTS)
    for file in shards:
        file.unlink()
    (folder / INDEX).unlink()
    assert_same(weights(folder), weights(FIXTURES / "llama-sharded"))


def test_brain_and_half_floats_are_read_exactly(copy: Any):
    stored = load_file(FIXTURES / "llama" / WEIGHTS)
    assert {value.dtype for value in stored.values()} == {np.dtype(ml_dtypes.bfloat16)}
    np.testing.assert_array_equal(
        weights(FIXTURES / "llama")["norm.weight"], stored["model.norm.weight"].astype("float32")
    )
    folder = copy("gpt2")
    half = {k: v.astype("float16") for k, v in load_file(folder / WEIGHTS).items()}
    save_file(half, folder / WEIGHTS)
    assert_same(
        weights(folder), {k.removeprefix("transformer."): v.astype("float32") for k, v in half.items()}
    )


def test_rotary_settings_are_found_where_older_and_newer_files_keep_them(copy: Any):
    folder = copy("llama")
    theta = checkpoint.read_config(folder)[1].rope_theta
    assert theta == 500
    configure(folder, rope_parameters=None, rope_theta=theta, rope_scaling=None)
    assert_same(weights(folder), weights(FIXTURES / "llama"))
    assert checkpoint.read_config(folder)[1].rope_theta == theta
    configure(folder, rope_scaling={"type": "default", "rope_theta": 7.0})
    assert checkpoint.read_config(folder)[1].rope_theta == 7


def test_a_file_that_names_no_labels_has_numbered_ones(copy: Any):
    names = {name: checkpoint.read_config(FIXTURES / name)[1].id2label for name in ALL[3:]}
    assert names["bert"] == {"0": "bad", "1": "middling", "2": "good"}
    assert names["distilbert"] == {"0": "LABEL_0", "1": "LABEL_1"}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"0": 0, "1": 1}, ["0", "1"]),
        ({"0": None, "1": ""}, ["LABEL_0", "LABEL_1"]),
        ({"1": True, "0": "x" * 500}, ["x" * 100, "True"]),
    ],
)
def test_names_of_labels_are_text(given: Any, names: list[str], copy: Any):
    folder = copy("distilbert")
    configure(folder, id2label=given)
    labels = checkpoint.read_config(folder)[1].id2label
    assert [labels[key] for key in sorted(labels)] == names


def test_one_label_may_call_itself_a_regression(copy: Any):
    folder = copy("distilbert")
    configure(folder, id2label={"0": "stars"}, problem_type="regression")
    assert checkpoint.read_config(folder)[1].id2label == {"0": "stars"}


# -- saving ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_what_is_saved_loads_again_and_has_the_names_transformers_gives(name: str, tmp_path: Path):
    model = checkpoint.load(FIXTURES / name)
    size = checkpoint.save(model, tmp_path)
    assert size == (tmp_path / WEIGHTS).stat().st_size
    assert_same(weights(tmp_path), weights(FIXTURES / name))
    assert checkpoint.read_config(tmp_path) == checkpoint.read_config(FIXTURES / name)
    names = {k for file in (FIXTURES / name).glob("*.safetensors") for k in load_file(file)}
    assert load_file(tmp_path / WEIGHTS).keys() == names
    assert checkpoint.save(model, tmp_path, half=True) < 0.6 * size
    whole = weights(FIXTURES / name)
    for key, value in weights(tmp_path).items():
        np.testing.assert_allclose(value, whole[key], rtol=1e-3, atol=1e-6)


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        (
            "gpt2",
            {"model_type": "t5"},
            "expected a model_type of bert, distilbert, gpt2, llama, received 't5'",
        ),
        ("gpt2", {"activation_function": "relu"}, 'activation_function: expected "gelu_new" or'),
        ("gpt2", {"scale_attn_by_inverse_layer_idx": True}, "expected false, received true"),
        ("gpt2", {"scale_attn_weights": False}, "scale_attn_weights: expected true, received false"),
        ("gpt2", {"tie_word_embeddings": False}, "tie_word_embeddings: expected true"),
        (
            "gpt2",
            {"quantization_config": {"bits": 4}},
            'quantization_config: expected null, received {"bits": 4}',
        ),
        ("gpt2", {"n_head": 5}, "n_head: expected a divisor of n_embd (16), received 5"),
        ("gpt2", {"n_layer": "two"}, "n_layer: expected a whole number above 0, received 'two'"),
        ("gpt2", {"n_layer": 0}, "n_layer: expected a whole number above 0, received 0"),
        ("gpt2", {"n_layer": 10**9}, "expected 1000000000 blocks, as config.json says, received 2"),
        ("gpt2", {"n_embd": 10**12}, "larger than the memory"),
        ("gpt2", {"layer_norm_epsilon": "1e-5"}, "layer_norm_epsilon: expected a number"),
        ("gpt2", {"vocab_size": 95}, "expected transformer.wte.weight of shape (95, 16), received (96, 16)"),
        ("bert", {"hidden_act": "relu"}, 'hidden_act: expected "gelu"'),
        (
            "bert",
            {"position_embedding_type": "relative_key"},
            'position_embedding_type: expected "absolute", received "relative_key"',
        ),
        ("bert", {"is_decoder": True}, "is_decoder: expected false"),
        ("bert", {"problem_type": "regression"}, "problem_type: expected null"),
        (
            "bert",
            {"id2label": {"0": "bad", "1": "good"}},
            "expected classifier.weight of shape (2, 16), received (3, 16)",
        ),
        ("bert", {"id2label": {"a": "bad"}}, "id2label: expected the keys 0, 1"),
        ("bert", {"id2label": ["bad", "good"]}, "id2label: expected an object, received ['bad', 'good']"),
        ("bert", {"id2label": None, "num_labels": "two"}, "num_labels: expected 1 to 10000, received 'two'"),
        ("bert", {"id2label": None, "num_labels": 10**9}, "num_labels: expected 1 to 10000"),
        ("bert", {"max_position_embeddings": 2}, "expected room for some tokens, received 2"),
        ("gpt2", {"model_type": ["gpt2"]}, "expected a model_type of bert"),
        ("gpt2", {"n_embd": float("inf")}, "n_embd: expected a whole number above 0, received inf"),
        ("gpt2", {"layer_norm_epsilon": float("nan")}, "layer_norm_epsilon: expected a number, received nan"),
        ("gpt2", {"n_inner": 10**30}, "larger than the memory"),
        ("llama", {"head_dim": 3}, "head_dim: expected an even number, for rotary positions, received 3"),
        ("distilbert", {"activation": "relu"}, 'activation: expected "gelu"'),
        ("llama", {"hidden_act": "gelu"}, 'hidden_act: expected "silu"'),
        (
            "llama",
            {"rope_scaling": {"type": "yarn", "factor": 2}},
            "rope_type in rope_scaling: expected 'default', received 'yarn'",
        ),
        (
            "llama",
            {"rope_parameters": {"rope_type": "llama3"}},
            "rope_type in rope_parameters: expected 'default', received 'llama3'",
        ),
        (
            "llama",
            {"num_key_value_heads": 3},
            "num_key_value_heads: expected a divisor of num_attention_heads (4)",
        ),
        ("llama", {"tie_word_embeddings": "no"}, "tie_word_embeddings: expected true or false"),
    ],
)
def test_a_configuration_the_network_does_not_do_is_refused_by_name(
    name: str, values: dict[str, Any], said: str, copy: Any
):
    folder = copy(name)
    configure(folder, **values)
    assert said in refusal(folder)


def test_a_configuration_that_is_none_is_refused(copy: Any):
    folder = copy("gpt2")
    (folder / "config.json").write_text("{")
    assert "gpt2: config.json: not JSON" in refusal(folder)
    (folder / "config.json").write_text("[" * 100_000)
    assert refusal(folder) == "gpt2: config.json: nested too deeply"
    (folder / "config.json").write_bytes(b"\xff\xfe\x00")
    assert "gpt2: config.json: not JSON" in refusal(folder)
    (folder / "config.json").write_text(POINTER)
    assert "gpt2: config.json is a Git LFS pointer" in refusal(folder)
    (folder / "config.json").write_text("[]")
    assert refusal(folder) == "gpt2: config.json: expected an object"
    (folder / "config.json").unlink()
    assert refusal(folder) == "gpt2: expected a config.json"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda t: t.pop("transformer.ln_f.bias"), "missing: ln_f.bias; left over: none"),
        (lambda t: t.update({"score.weight": np.ones(3)}), "missing: none; left over: score.weight"),
        (
            lambda t: t.update({"transformer.wpe.weight": np.ones((8, 16), "float32")}),
            "expected transformer.wpe.weight of shape (64, 16), received (8, 16)",
        ),
        (
            lambda t: t.update({"transformer.ln_f.bias": np.ones(16, "int8")}),
            "transformer.ln_f.bias as one of F16, BF16, F32, F64, received I8",
        ),
        (lambda t: t.update({"ln_f.bias": t["transformer.ln_f.bias"].copy()}), "are the same tensor twice"),
        (
            lambda t: [t.pop(k) for k in list(t) if ".h.1." in k],
            "expected 2 blocks, as config.json says, received 1",
        ),
    ],
)
def test_every_tensor_is_used_exactly_once_or_named(changed: Any, said: str, copy: Any):
    folder = copy("gpt2")
    change(folder, changed)
    assert said in refusal(folder)


@pytest.mark.parametrize("name", ["bert", "distilbert"])
def test_an_encoder_without_a_classifier_says_so(name: str, copy: Any):
    folder = copy(name)

    def as_it_was_pretrained(tensors: Tensors) -> None:
        for key in [key for key in tensors if "classifier" in key]:
            del tensors[key]
        tensors["cls.predictions.bias"] = np.zeros(96, "float32")

    change(folder, as_it_was_pretrained)
    assert f"{name}: it has no classifier" in refusal(folder)


def test_a_broken_file_is_named(copy: Any):
    folder = copy("gpt2")
    whole = (folder / WEIGHTS).read_bytes()
    for part in (whole[:-1], whole[:100], b"", whole + b"x", b"\xff" * 100):
        (folder / WEIGHTS).write_bytes(part)
        assert "gpt2: model.safetensors is broken or incomplete" in refusal(folder)
    (folder / WEIGHTS).write_text(POINTER)
    assert "gpt2: model.safetensors is a Git LFS pointer, not the file itself; fetch" in refusal(folder)
    (folder / WEIGHTS).rename(folder / "pytorch_model.bin")
    assert "expected model.safetensors; other formats can run code" in refusal(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float16", ml_dtypes.bfloat16])
def test_weights_that_are_no_numbers_are_named(value: float, dtype: Any, copy: Any):
    folder = copy("gpt2")

    def spoil(tensors: Tensors) -> None:
        for name in tensors:
            tensors[name] = tensors[name].astype(dtype)
        tensors["transformer.h.1.mlp.c_fc.weight"][3, 5] = value

    change(folder, spoil)
    assert "gpt2: transformer.h.1.mlp.c_fc.weight holds values that are no numbers" in refusal(folder)


@pytest.mark.parametrize(
    "tensors",
    ["[]", '{"a": 1}', '{"a": {}}', '{"a": {"shape": ["x"], "data_offsets": [0, 0]}}', "[" * 100_000],
)
def test_a_header_that_is_none_is_refused(tensors: str, tmp_path: Path):
    packed = tensors.encode()
    (tmp_path / WEIGHTS).write_bytes(len(packed).to_bytes(8, "little") + packed)
    with pytest.raises(CheckpointError, match=r"model.safetensors is broken or incomplete"):
        header(tmp_path / WEIGHTS)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_may_begin_with_a_byte_order_mark(encoding: str, tmp_path: Path):
    (tmp_path / "config.json").write_bytes('{"a": "ä"}'.encode(encoding))
    assert read_json(tmp_path / "config.json") == {"a": "ä"}


def test_a_broken_index_is_named(copy: Any):
    folder = copy("llama-sharded")
    index = json.loads((folder / INDEX).read_text())
    name = next(iter(index["weight_map"]))
    for outside in ("../secret.safetensors", "/etc/passwd", "a/b.safetensors", "..", "a\\b.safetensors"):
        index["weight_map"][name] = outside
        (folder / INDEX).write_text(json.dumps(index))
        assert "expected files of this folder, received" in refusal(folder)
    index["weight_map"][name] = "model-00009-of-00002.safetensors"
    (folder / INDEX).write_text(json.dumps(index))
    assert "model-00009-of-00002.safetensors is missing" in refusal(folder)
    (folder / INDEX).write_text("{}")
    assert "expected a weight_map" in refusal(folder)


def test_a_missing_shard_is_named(copy: Any):
    folder = copy("llama-sharded")
    last = sorted(folder.glob("model-*.safetensors"))[-1]
    last.unlink()
    assert f"{last.name} is missing" in refusal(folder)


# -- memory -------------------------------------------------------------------------------------

PEAK = """
import sys
from pathlib import Path
from dlcore.language import checkpoint

def memory(what):  # bytes now (VmRSS), and the most there ever were (VmHWM)
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))

checkpoint.load(Path(sys.argv[1]))  # what TensorFlow sets up once is none of the weights'
before = memory("VmRSS")
model = checkpoint.load(Path(sys.argv[2]))
print(memory("VmHWM") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a peak this way")
def test_loading_peaks_little_above_the_size_of_the_weights(tmp_path: Path):
    config = GPT2Config(vocab_size=30_000, n_positions=256, n_embd=512, n_layer=2, n_head=8)
    model = checkpoint.GPT2(config)
    model.build()
    size = checkpoint.save(model, tmp_path)
    assert 80e6 < size < 100e6
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(FIXTURES / "gpt2"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) <= 1.3 * size
