"""The command line: JSON of the promised shapes, and one clear line for a user's mistake."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcore import models
from dlcore.__main__ import main
from dlcore.commands import machine
from dlcore.datasets import DATASETS
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RECIPE = {
    "dataset": {"name": "digits"},
    "architecture": {"kind": "mlp", "hidden": [{"units": 16}]},
    "training": {"epochs": 2, "batch_size": 64, "learning_rate": 0.01},
}


def dlcore(*arguments: str | Path, home: Path, stdin: str = "", **extra: str):
    """Run ``python -m dlcore`` as a user would, in a studio of the test's own."""
    return subprocess.run(
        [sys.executable, "-m", "dlcore", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"DLCORE_HOME": str(home)} | extra,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


def answers(done) -> list[dict]:
    """One JSON document a line on standard output, and nothing else there."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cli")


@pytest.fixture
def here(home, monkeypatch, capsys):
    """`dlcore` in this process: the same answers without the second that a new process takes to start."""

    def run(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess:
        monkeypatch.chdir(ROOT)
        monkeypatch.setenv("DLCORE_HOME", str(home))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = main([str(argument) for argument in arguments])
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def recipe_file(home) -> Path:
    path = home / "recipe.json"
    path.write_text(json.dumps(RECIPE))
    return path


@pytest.fixture(scope="module")
def trained(home, recipe_file) -> dict:
    """What `train --json` printed; the run is there for the other commands."""
    (answer,) = answers(dlcore("train", recipe_file, "--name", "my net", "--json", home=home))
    return answer


@pytest.mark.parametrize("name", [name for name, kind in DATASETS.items() if kind.source == "download"])
def test_without_a_network_training_on_a_download_says_one_line(
    here, name: str, tmp_path: Path, offline: None
):
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"dataset": name}))
    done = here("train", recipe)
    kind = DATASETS[name]
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"dlcore: {kind.title} could not be downloaded (Connection refused). "
        f"Try again, or choose {kind.instead[1]}, which is always at hand."
    ]
    assert re.fullmatch(r"run \w+: failed in [\d.]+ s\n", done.stdout)


def test_datasets(here):
    by_name = {row["name"]: row for row in answers(here("datasets", "--json"))}
    assert set(by_name) == set(DATASETS)
    assert by_name["digits"]["source"] == "embedded" and by_name["mnist"]["source"] == "download"
    assert by_name["digits"]["input_shape"] == [8, 8, 1] and len(by_name["digits"]["classes"]) == 10


def test_architectures(here):
    by_name = {row["kind"]: row for row in answers(here("architectures", "--json"))}
    assert {"mlp", "cnn", "custom"} <= set(by_name)
    rate = by_name["mlp"]["schema"]["properties"]["dropout"]
    assert (rate["minimum"], rate["maximum"]) == (0, 0.8)


def test_describe(here, recipe_file):
    (answer,) = answers(here("describe", recipe_file, "--json"))
    assert answer == Recipe.parse(RECIPE).network.describe()
    assert set(answer["layers"][0]) >= {"name", "type", "output_shape", "parameters"}
    assert answer["parameters"] == 64 * 16 + 16 + 16 * 10 + 10 and answer["flops"] > 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_recipe_as_windows_writes_it(tmp_path, capsys, monkeypatch, encoding):
    data = json.dumps(RECIPE).encode(encoding)
    path = tmp_path / "recipe.json"
    path.write_bytes(data)
    assert main(["describe", str(path)]) == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["describe", "-"]) == 0
    assert capsys.readouterr().out.count("1,210 parameters") == 2


def test_a_recipe_in_no_unicode_at_all_is_refused_in_one_line(tmp_path, capsys):
    path = tmp_path / "recipe.json"
    path.write_bytes(b'{"dataset": "\xc4pfel"}')
    assert main(["describe", str(path)]) == 2
    error = capsys.readouterr().err
    assert "expected JSON" in error and error.count("\n") == 1


def test_describe_from_standard_input_as_text(here):
    done = here("describe", "-", stdin=json.dumps(RECIPE))
    assert done.returncode == 0 and "1,210 parameters" in done.stdout


@pytest.mark.parametrize("kind", ["script", "notebook"])
def test_code(here, recipe_file, kind):
    (answer,) = answers(here("code", recipe_file, "--format", kind, "--json"))
    assert answer["format"] == kind
    plain = here("code", recipe_file, "--format", kind)
    assert plain.stdout == answer["code"] and plain.stderr == ""
    if kind == "script":
        compile(answer["code"], "script", "exec")
    else:
        assert json.loads(answer["code"])["nbformat"] == 4


def test_train(trained):
    assert set(trained) >= {"run", "name", "state", "metrics", "seconds"}
    assert (trained["state"], trained["name"]) == ("finished", "my net")
    assert set(trained["metrics"]) == {"accuracy", "loss", "precision", "recall", "f1"}
    assert trained["metrics"]["accuracy"] > 0.5 and trained["seconds"] > 0


def test_runs(here, trained):
    listed = {row["run"]: row for row in answers(here("runs", "--json"))}[trained["run"]]
    assert listed["state"] == "finished"
    assert listed["metrics"] == trained["metrics"]
    (answer,) = answers(here("runs", trained["run"], "--json"))
    assert [row["epoch"] for row in answer["epochs"]] == [1, 2]
    assert Recipe.parse(answer["recipe"]) == Recipe.parse(RECIPE)
    text = here("runs", trained["run"]).stdout
    assert trained["run"] in text and "my net" in text


def test_models(here, trained):
    by_name = {row["name"]: row for row in answers(here("models", "--json"))}
    assert by_name[trained["run"]]["source"] == "run"
    assert by_name["digits-cnn"]["source"] == "shipped"
    assert by_name[trained["run"]]["metrics"] == trained["metrics"]


def test_evaluate_by_name_gives_the_metrics_of_the_training(home, trained):
    (answer,) = answers(dlcore("evaluate", "my net", "--json", home=home))
    assert (answer["model"], answer["dataset"], answer["split"]) == (trained["run"], "digits", "test")
    assert answer["metrics"] == pytest.approx(trained["metrics"], rel=1e-6)


@pytest.fixture(scope="module")
def generators(home) -> dict[str, str]:
    """Runs of two generative networks, by what they make."""
    found = {}
    for name, dataset, kind in (("pictures", "digits", "vae"), ("points", "moons", "gan")):
        recipe = {"dataset": dataset, "architecture": {"kind": kind, "width": 4}, "training": {"epochs": 1}}
        (run,) = answers(dlcore("train", "-", "--json", home=home, stdin=json.dumps(recipe)))
        assert run["state"] == "finished" and run["metrics"]
        found[name] = run["run"]
    return found


def test_sample_writes_a_sheet_of_images(home, generators):
    out = home / "grid.png"
    asked = ("sample", generators["pictures"], "--count", "9", "--seed", "3", "--out", out)
    (answer,) = answers(dlcore(*asked, "--json", home=home))
    assert (answer["count"], answer["seed"], answer["out"]) == (9, 3, str(out))
    first = out.read_bytes()
    with Image.open(out) as sheet:
        assert sheet.width == sheet.height
    assert dlcore(*asked, home=home).returncode == 0
    assert out.read_bytes() == first


def test_samples_are_drawn_as_the_card_advises(tmp_path):
    advised = json.loads((models.ZOO / "gan-fashion" / "card.json").read_text())["sampling"]

    def drawn(*more: str) -> bytes:
        out = tmp_path / "grid.png"
        assert main(["sample", "gan-fashion", "--count", "2", "--out", str(out), *more]) == 0
        return out.read_bytes()

    same, other = (("--truncation", str(value)) for value in (advised["truncation"], 1.0))
    assert drawn() == drawn(*same) != drawn(*other)


@pytest.mark.parametrize("suffix", ["png", "csv"])
def test_sample_writes_points(home, generators, suffix):
    out = home / f"points.{suffix}"
    assert answers(dlcore("sample", generators["points"], "--out", out, "--json", home=home))
    if suffix == "csv":
        assert np.loadtxt(out, delimiter=",", skiprows=1).shape == (16, 2)
    else:
        Image.open(out).verify()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--count", "0"), "count: expected 1 to 1,000, received 0"),
        (("--label", "3"), "label: expected none"),
        (("--steps", "9"), "steps: expected only for diffusion"),
        (("--out", "grid.gif"), "--out: expected a file that ends in .png or .csv"),
        (("--out", "nowhere/grid.png"), "--out: there is no folder nowhere"),
        (("--out", "grid.csv"), "--out: expected a file that ends in .png"),
    ],
)
def test_sample_refuses_in_one_line(here, generators, arguments, message):
    done = here("sample", generators["pictures"], *arguments)
    assert done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1


def test_a_classifier_is_no_model_to_sample(home):
    done = dlcore("sample", "digits-cnn", home=home)
    assert done.returncode == 2 and "expected one of kind vae or gan or diffusion" in done.stderr


def test_describe_names_the_parts(here):
    recipe = json.dumps({"dataset": "digits", "architecture": {"kind": "vae"}})
    (answer,) = answers(here("describe", "-", "--json", stdin=recipe))
    assert set(answer["parts"]) == {"encoder", "decoder"}
    assert answer["parameters"] == sum(part["parameters"] for part in answer["parts"].values())


@pytest.fixture(scope="module")
def images(home) -> tuple[Path, Path]:
    """A handwritten seven of the test set, dark on light; and a file that is no image."""
    fixture = np.load(ROOT / "tests" / "fixtures" / "mnist_test.npz")
    seven = fixture["images"][fixture["labels"] == 7][0]
    good, broken = home / "seven.png", home / "broken.png"
    Image.fromarray(255 - np.kron(seven, np.ones((8, 8), "uint8"))).save(good)
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    return good, broken


def test_classify_answers_for_the_good_image_and_names_the_broken_one(home, images):
    good, broken = images
    done = dlcore("classify", good, broken, "--top", "3", "--json", home=home)
    (answer,) = (json.loads(line) for line in done.stdout.splitlines())
    assert (answer["image"], answer["model"]) == (str(good), "digits-cnn")
    assert len(answer["labels"]) == 3 and answer["labels"][0]["label"] == "7"
    shares = [row["probability"] for row in answer["labels"]]
    assert shares == sorted(shares, reverse=True) and 0.5 < sum(shares) <= 1.0001
    assert_mistake(done, "broken.png")


def test_classify_counts_what_folders_say(home, images):
    paths = []
    for folder in ("7", "1", "seven"):
        (home / folder).mkdir()
        paths.append(home / folder / "seven.png")
        paths[-1].write_bytes(images[0].read_bytes())
    done = dlcore("classify", *paths, "--labels", "folder", "--json", home=home)
    *_, counts = (json.loads(line) for line in done.stdout.splitlines())
    assert (counts["count"], counts["top1"]) == (2, 0.5) and counts["top5"] >= 0.5
    assert done.returncode == 0 and "no class called seven" in done.stderr


def test_doctor(home):
    (answer,) = answers(dlcore("doctor", "--json", home=home))
    assert set(answer) >= {"python", "packages", "device", "store", "engine", "memory_free_mb"}
    assert answer["packages"]["keras"] and answer["memory_free_mb"] > 0


def test_doctor_says_why_a_worker_cannot_start_and_does_not_wait_for_it(home, tmp_path, monkeypatch, capfd):
    broken = tmp_path / "tensorflow"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('no such driver')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    began = time.monotonic()
    assert main(["doctor"]) == 1
    assert time.monotonic() - began < machine.LONGEST / 2
    ours = [line for line in capfd.readouterr().err.splitlines() if line.startswith("dlcore: ")]
    assert ours == [
        "dlcore: waiting for the compute engine, whose worker loads TensorFlow …",
        "dlcore: The compute engine's worker cannot start: ImportError: no such driver. "
        "Install the app's packages again (pip install -r requirements.txt) and try again.",
    ]


def test_models_stand_in_columns(capsys):
    store = open_store()
    run = store.create(
        Recipe.parse({"dataset": "breast_cancer", "architecture": {"kind": "autoencoder"}}), "me"
    )
    store.end(run, State.STOPPED)
    store.artifacts.write(f"{run}/model/weights.safetensors", b"")
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (ours,) = [line for line in lines if line.startswith(run)]
    (other,) = [line for line in lines if line.startswith("digits-cnn")]
    assert ours.index(" breast_cancer ") == other.index(" mnist ")
    assert ours.index(" autoencoder ") == other.index(" cnn ")
    assert other[ours.rindex("breast_cancer autoencoder") :] == "digits-cnn"


# -- mistakes -------------------------------------------------------------------------------------


def assert_mistake(done, *words: str) -> None:
    assert done.returncode == 2, (done.returncode, done.stderr)
    (line,) = done.stderr.splitlines()
    assert line.startswith("dlcore: ") and "Traceback" not in line
    for word in words:
        assert word in line


RECIPE_MISTAKES = {
    "unknown field": ({"training": {"epoch": 3}}, ["training.epoch", "expected", "received 3"]),
    "out of range": ({"training": {"epochs": 0}}, ["training.epochs", "expected", "received 0"]),
    "wrong type": ({"dataset": ["spiral"]}, ["dataset", "expected", "received ['spiral']"]),
    "impossible layer": (
        {"dataset": "moons", "architecture": {"kind": "custom", "layers": [{"type": "Conv2D"}]}},
        ["architecture.layers.0", "Conv2D needs an image"],
    ),
    "a billion parameters": (
        {
            "dataset": "digits",
            "architecture": {
                "kind": "custom",
                "layers": [
                    *[{"type": "Conv2D", "filters": 1024, "kernel_size": 11, "padding": "same"}] * 10,
                    {"type": "Flatten"},
                ],
            },
        },
        ["architecture", "expected at most 20,000,000 parameters", "received 1,1"],
    ),
}


@pytest.mark.parametrize("command", ["describe", "train", "code"])
@pytest.mark.parametrize("case", RECIPE_MISTAKES)
def test_a_wrong_recipe_is_one_line(here, command, case):
    recipe, words = RECIPE_MISTAKES[case]
    done = here(command, "-", stdin=json.dumps(recipe))
    assert_mistake(done, *words)
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"dataset": ', ["expected JSON"]),
        ("", ["expected JSON"]),
        ("[1, 2]", ["expected a JSON object"]),
        ("[" * 100_000, ["expected"]),
    ],
    ids=["cut off", "empty", "a list", "nested without end"],
)
def test_what_is_no_recipe_is_one_line(here, text, words):
    assert_mistake(here("describe", "-", stdin=text), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["describe", "no-such-file.json"], ["no-such-file.json", "No such file"]),
        (["describe", "tests"], ["tests", "directory"]),
        (["describe", "tests/fixtures/mnist_test.npz"], ["mnist_test.npz", "expected JSON"]),
        (["trian"], ["trian"]),
        ([], ["COMMAND"]),
        (["describe"], ["recipe"]),
        (["code", "-", "--format", "pdf"], ["pdf", "script", "notebook"]),
        (["runs", "nosuchrun"], ["nosuchrun"]),
        (["classify", "no-such-picture.png"], ["no-such-picture.png", "No such file"]),
        (["classify", "app.py", "--top", "0"], ["--top", "expected at least 1", "received 0"]),
        (["engine", "--listen", "tcp://127.0.0.1:0", "--workers", "0"], ["--workers"]),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line(here, arguments, words):
    assert_mistake(here(*arguments), *words)


def test_an_unknown_model_is_one_line_that_says_what_there_is(home):
    done = dlcore("evaluate", "digitz", home=home)
    assert_mistake(done, "model: expected", "digits-cnn", "received 'digitz'")


def test_a_setting_that_makes_no_sense_is_one_line(home):
    done = dlcore("models", home=home, DLCORE_MAX_RUNS="many")
    assert_mistake(done, "DLCORE_MAX_RUNS", "expected a whole number", "received 'many'")


def test_help_is_no_mistake(home):
    done = dlcore("--help", home=home)
    assert done.returncode == 0 and "describe" in done.stdout and done.stderr == ""


@pytest.fixture(scope="module")
def tiny_writer(tmp_path_factory) -> Path:
    import tiny_text

    return tiny_text.decoder(tmp_path_factory.mktemp("tiny"))


def test_a_folder_of_images_becomes_a_data_set(here, tmp_path):
    for i in range(24):
        folder = tmp_path / "pets" / ("cat" if i % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("L", (20, 30), 10 * i).save(folder / f"{i}.png")
    (tmp_path / "pets" / "notes.txt").write_text("not a picture")
    done = here("datasets", "--pictures", tmp_path / "pets", "--side", "16", "--json")
    (answer,) = answers(done)
    assert answer["dataset"]["classes"] == ["cat", "dog"] and answer["dataset"]["examples"] == 24
    assert "notes.txt" in done.stderr
    described = here("describe", "-", "--json", stdin=json.dumps(answer))
    assert answers(described)[0]["parameters"] > 0


def test_folders_whose_names_are_no_unicode_are_classes_too(home, tmp_path):
    for folder in (b"\xc4pfel", b"Birnen"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + folder))
        path.mkdir()
        for i in range(10):
            Image.new("L", (4, 4), i).save(path / f"{i}.PNG", "PNG")
    (tmp_path / "stray.png").write_bytes((tmp_path / "Birnen" / "1.PNG").read_bytes())
    done = dlcore("datasets", "--pictures", tmp_path, home=home)
    assert json.loads(done.stdout)["dataset"]["classes"] == ["Birnen", "Äpfel"]
    assert done.stderr == "Left out: 1 image beside the folders: stray.png.\n"
    one_a_class = dlcore(
        "datasets", "--pictures", *sorted(tmp_path.glob("*n")), *tmp_path.glob("*l"), home=home
    )
    assert json.loads(one_a_class.stdout)["dataset"]["classes"] == ["Birnen", "Äpfel"]


def test_images_that_make_no_data_set_are_one_line(here, tmp_path):
    few = here("datasets", "--pictures", tmp_path)
    assert_mistake(few, "At least 20 pictures are needed")
    side = here("datasets", "--pictures", tmp_path, "--side", "17")
    assert_mistake(side, "--side: expected one of (16, 28, 32, 64, 96, 128, 224), received 17")
    assert_mistake(here("datasets", "--pictures", "nowhere"), "nowhere")


def test_generate_tells_the_text_and_how_many_tokens(home, tiny_writer):
    arguments = ("generate", "The king", "--model", tiny_writer, "--tokens", "60", "--seed", "3")
    (answer,) = answers(dlcore(*arguments, "--json", home=home))
    assert answer["prompt"] == "The king"
    assert answer["text"] == "The king" + answer["continuation"]
    assert answer["tokens"] == 60
    plain = dlcore(*arguments, home=home)
    assert plain.returncode == 0
    # Untrained, it writes bytes of which some make a character together, told in one piece.
    # A carriage return among them is given as \n by a pipe read as text.
    assert plain.stdout.splitlines() == answer["text"].splitlines()


def test_generate_draws_several_texts_or_searches(home, tiny_writer):
    base = ("generate", "The king", "--model", tiny_writer, "--tokens", "5", "--json")
    drawn = answers(dlcore(*base, "--samples", "3", home=home))
    assert len({row["text"] for row in drawn}) == 3
    searched = answers(dlcore(*base, "--beams", "3", "--samples", "2", home=home))
    assert len({row["text"] for row in searched}) == 2
    assert all(row["tokens"] <= 5 for row in searched)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--tokens", "0"), "--tokens"),
        (("--seed", "-1"), "--seed"),
        (("--beams", "2", "--samples", "3"), "--samples"),
        (("--temperature", "-1"), "--temperature"),
        (("--top-p", "7"), "--top-p"),
        (("--model", "sentiment-small"), "generation"),
        (("--model", "no such model!"), "no such model!"),
        (("--model", "/nowhere"), "/nowhere"),
    ],
)
def test_generate_names_the_mistake(here, arguments, named):
    done = here("generate", "x", *arguments)
    assert done.returncode == 2
    assert named in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_sentiment_of_words_and_of_a_file(home, tmp_path):
    (tmp_path / "texts.txt").write_text("I love it.\r\nI hate it.\n", encoding="utf-8-sig")
    answer = answers(dlcore("sentiment", "A joy.", "--file", tmp_path / "texts.txt", "--json", home=home))
    assert [row["text"] for row in answer] == ["A joy.", "I love it.", "I hate it."]
    assert [row["label"] for row in answer[1:]] == ["positive", "negative"]
    assert all(0.5 <= row["score"] <= 1 for row in answer)


def test_sentiment_without_a_text_says_so(here):
    done = here("sentiment")
    assert done.returncode == 2
    assert "--file" in done.stderr
