"""Downloading text models: from a server of our own that speaks the Hub's protocol."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hub_server import HubServer
from safetensors.numpy import load_file, save_file
from tokenizers import ByteLevelBPETokenizer

from dlcore.downloads import Download
from dlcore.language import catalog, checkpoint, hub, hub_cache
from dlcore.language.catalog import find
from dlcore.language.files import CheckpointError, weight_files
from dlcore.language.gpt2 import GPT2, GPT2Config
from dlcore.language.hub import HubError, download, size
from dlcore.language.tokens import TokenizerError, tokenizer
from dlcore.models import UnknownModel

NAME = "ada/tiny"
TEXTS = ["Once upon a time there was a king.", "The king had a garden, and the garden a gate."] * 20


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole repository with a tiny GPT-2, and files that must never be fetched."""
    folder = tmp_path_factory.mktemp("made")
    model = GPT2(GPT2Config(vocab_size=300, n_positions=16, n_embd=64, n_layer=2, n_head=2))
    model.build()
    checkpoint.save(model, folder)
    learner = ByteLevelBPETokenizer()
    learner.train_from_iterator(TEXTS, 300, special_tokens=["<|endoftext|>"], show_progress=False)
    learner.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>"})
    )
    (folder / "README.md").write_text("# A tiny network")
    (folder / "pytorch_model.bin").write_bytes(b"a pickle")
    (folder / "tf_model.h5").write_bytes(b"a pickle too")
    return folder


@pytest.fixture
def repositories(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "repositories" / NAME)
    return tmp_path / "repositories"


@pytest.fixture
def server(repositories: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    for name in ("HF_HOME", "HF_HUB_CACHE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with HubServer(repositories) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def said(call, *arguments) -> str:
    """The one line a HubError says."""
    with pytest.raises(HubError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert "\n" not in message and message.endswith((".", "?")) and len(message) < 400, message
    return message


# -- the way it should go -----------------------------------------------------------------------


def test_the_size_is_known_before_anything_is_downloaded(server, repositories):
    wanted = ("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors")
    expected = sum((repositories / NAME / name).stat().st_size for name in wanted)
    answer = size(NAME)
    assert answer.download == expected
    numbers = sum(array.size for array in load_file(repositories / NAME / wanted[-1]).values())
    assert answer.memory == 4 * numbers
    assert hub.downloaded(NAME) is None and not list(hub_cache.cache().glob("*"))


def test_the_hubs_own_count_of_parameters_is_taken_where_there_is_one(server):
    server.counts = True
    assert size(NAME).memory == 4000
    assert [path for _, path, _ in server.log] == [f"/api/models/{NAME}"]


def test_memory_counts_four_bytes_for_a_number_however_it_is_stored(made, tmp_path):
    half = {name: array.astype("float16") for name, array in load_file(made / "model.safetensors").items()}
    save_file(half, tmp_path / "model.safetensors")
    assert hub_cache.memory(tmp_path) == hub_cache.memory(made)


def test_a_downloaded_model_is_the_same_and_writes(server, repositories):
    folder = download(NAME)
    assert weights(folder) == weights(repositories / NAME)
    logits = np.asarray(checkpoint.load(folder)(np.array([[1, 2, 3]])))
    again = np.asarray(checkpoint.load(repositories / NAME)(np.array([[1, 2, 3]])))
    assert (logits == again).all()
    text = "the king had a gate"
    assert tokenizer(folder).decode(tokenizer(folder)(text)["input_ids"]) == text


def test_only_what_is_read_is_fetched(server):
    folder = download(NAME)
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert not [p for _, p, _ in server.log if p.endswith((".bin", ".h5", ".md"))]


def test_progress_grows_to_the_announced_size(server):
    reports: list[tuple[int, int]] = []
    announced = size(NAME).download
    download(NAME, lambda done, total: reports.append((done, total)))
    done = [entry[0] for entry in reports]
    assert {total for _, total in reports} == {announced}
    assert done == sorted(done) and done[0] < announced and done[-1] == announced


def test_what_is_here_needs_no_network(server):
    folder = download(NAME)
    asked = len(server.log)
    server.close()
    assert download(NAME) == folder and len(server.log) == asked
    assert size(NAME).download == 0 and size(NAME).memory == hub_cache.memory(folder)


def test_a_model_in_several_files(server, repositories):
    source = repositories / NAME
    arrays = load_file(source / "model.safetensors")
    names = sorted(arrays)
    files = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    where = {name: files[i % 2] for i, name in enumerate(names)}
    for file in files:
        save_file({name: arrays[name] for name in names if where[name] == file}, source / file)
    (source / "model.safetensors.index.json").write_text(json.dumps({"weight_map": where}))
    (source / "model.safetensors").unlink()
    server.counts = True
    folder = download(NAME)
    loaded = {name: array for file in files for name, array in load_file(folder / file).items()}
    assert loaded.keys() == arrays.keys()
    assert all((loaded[name] == arrays[name]).all() for name in names)
    checkpoint.load(folder)
    (folder / files[1]).unlink()
    assert hub.downloaded(NAME) is None
    download(NAME)
    asked = [len(server.asked(f"/storage/{NAME}/{file}")) for file in files]
    assert asked == [1, 2]


def test_an_old_name_leads_to_the_new_one(server, repositories):
    server.moved["tiny"] = NAME
    assert size("tiny") == size(NAME)
    assert weights(download("tiny")) == weights(repositories / NAME)


def test_a_mirror_that_lists_no_sizes(server, repositories):
    expected = size(NAME)
    server.sizes = False
    assert size(NAME) == expected
    assert weights(download(NAME)) == weights(repositories / NAME)


def test_the_hubs_own_library_and_ours_share_a_cache(server, repositories, monkeypatch, tmp_path):
    """What huggingface_hub downloads from the stand-in server is found here, and the other way round."""
    from huggingface_hub import hf_hub_download

    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))

    def theirs(file: str, **more) -> Path:
        cache = str(tmp_path / "home" / "hub")
        return Path(hf_hub_download(NAME, file, endpoint=server.url, cache_dir=cache, **more))

    for file in ("tokenizer.json", "config.json", "model.safetensors"):
        assert theirs(file).read_bytes() == (repositories / NAME / file).read_bytes()
    folder = hub.downloaded(NAME)
    assert folder == theirs("config.json").parent
    shutil.rmtree(tmp_path / "home")
    folder = download(NAME)
    server.close()
    assert theirs("model.safetensors", local_files_only=True) == folder / "model.safetensors"


# -- interruptions ------------------------------------------------------------------------------


def test_a_broken_connection_is_taken_up_where_it_broke(server, repositories):
    server.cuts = [1000, 5000]
    assert weights(download(NAME)) == weights(repositories / NAME)
    ranges = [part for method, path, part in server.asked("/storage/") if not part.endswith("-100000")]
    assert ranges == ["", "bytes=1000-", "bytes=6000-"]


def test_a_download_that_was_given_up_goes_on_next_time(server, repositories, monkeypatch):
    server.cuts, server.counts = [70_000], True
    server.before_large = server.http.server_close  # nobody is accepted any more
    message = said(download, NAME)
    assert "broke after 0.1 of" in message and "where it stopped" in message
    assert hub.downloaded(NAME) is None
    with HubServer(repositories) as later:
        monkeypatch.setenv("HF_ENDPOINT", later.url)
        whole = size(NAME).download
        assert whole < (repositories / NAME / "model.safetensors").stat().st_size - 69_000
        reports: list[int] = []
        folder = download(NAME, lambda done, total: reports.append(done))
        assert reports[0] >= 70_000
        assert later.asked("/storage/")[-1][2] == "bytes=70000-"
        assert weights(folder) == weights(repositories / NAME)
        assert not later.asked("tokenizer.json")


def test_whoever_watches_can_stop_a_download(server):
    class Stop(Exception):
        pass

    def watch(done: int, total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        download(NAME, watch)
    assert hub.downloaded(NAME) is None
    assert download(NAME) == hub.downloaded(NAME)


def test_a_process_that_was_killed_leaves_no_lock(server, repositories):
    held, go = threading.Event(), threading.Event()

    def before_large() -> None:
        held.set()
        go.wait(30)

    server.before_large, server.counts = before_large, True
    code = (
        "from dlcore.language import hub\n"
        "hub._check_family = lambda *_: None  # saves this process TensorFlow\n"
        f"hub.download({NAME!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    assert held.wait(60)
    process.kill()
    process.wait()
    server.before_large = lambda: None
    go.set()
    assert weights(download(NAME)) == weights(repositories / NAME)


def test_a_model_that_changed_meanwhile_leaves_nothing_behind(server, repositories):
    server.cuts, server.counts = [5000, 0], True
    said(download, NAME)
    changed = {
        name: 2 * array for name, array in load_file(repositories / NAME / "model.safetensors").items()
    }
    save_file(changed, repositories / NAME / "model.safetensors")
    folder = download(NAME)
    assert weights(folder) == weights(repositories / NAME)
    place = hub_cache.place_of(NAME)
    assert [path.name for path in (place / "snapshots").iterdir()] == [folder.name]
    assert not list(place.rglob("*.incomplete"))


def test_a_server_that_sends_all_again_does_no_harm(server, repositories):
    server.cuts, server.no_ranges, server.counts = [5000], True, True
    assert weights(download(NAME)) == weights(repositories / NAME)


def test_a_damaged_file_is_thrown_away(server, repositories):
    server.damage = True
    assert "model.safetensors of ada/tiny arrived damaged" in said(download, NAME)
    server.damage = False
    assert weights(download(NAME)) == weights(repositories / NAME)


def test_two_visitors_at_once_download_it_once(server, repositories):
    held, go = threading.Event(), threading.Event()
    waited = threading.Event()

    def before_large() -> None:
        held.set()
        go.wait(20)

    results: list[Path] = []
    first = threading.Thread(target=lambda: results.append(download(NAME)))
    server.before_large = lambda: None
    total = size(NAME).download
    server.before_large = before_large
    server.counts = True  # so that only the download itself touches the large file
    first.start()
    assert held.wait(20)
    progress: list[tuple[int, int]] = []

    def watch(done: int, expected: int) -> None:
        progress.append((done, expected))
        waited.set()

    second = threading.Thread(target=lambda: results.append(download(NAME, watch)))
    second.start()
    assert waited.wait(20)
    go.set()
    first.join(20)
    second.join(20)
    assert results == [hub.downloaded(NAME)] * 2
    assert progress[0][1] == total and 0 < progress[0][0] < total
    assert len([1 for method, path, part in server.asked("/storage/") if not part]) == 1


# -- what cannot be had -------------------------------------------------------------------------


def test_no_such_model(server):
    assert "has no model ada/none, or it is private" in said(size, "ada/none")
    assert "has no model ada/none, or it is private" in said(download, "ada/none")


def test_a_private_model_looks_like_none(server):
    server.private.add(NAME)
    assert "or it is private" in said(download, NAME)


def test_a_gated_model_wants_a_token(server):
    server.gated.add(NAME)
    assert f"{NAME} is gated" in said(download, NAME)


@pytest.mark.parametrize(
    ("without", "reason"),
    [
        ("model.safetensors", "has no model.safetensors; other formats can run code"),
        ("config.json", "has no config.json"),
        ("tokenizer.json", "has no tokenizer"),
    ],
)
def test_a_repository_that_lacks_something(server, repositories, without, reason):
    (repositories / NAME / without).unlink()
    assert reason in said(size, NAME)
    assert reason in said(download, NAME)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_type": "t5"}, "is a t5 network; those that run here are"),
        ({"model_type": None}, "is a None network"),
        ({"quantization_config": {"bits": 4}}, "has weights of fewer bits"),
        ({"architectures": ["GPT2ForSequenceClassification"]}, "was made for something else"),
    ],
)
def test_a_network_of_another_kind_is_refused_before_its_weights(server, repositories, change, reason):
    config = repositories / NAME / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | change))
    server.counts = True
    assert reason in said(download, NAME)
    assert not server.asked("model.safetensors") and not server.asked("/storage/")
    assert not list(hub_cache.cache().glob("models--*"))


def test_a_config_that_is_no_json(server, repositories):
    (repositories / NAME / "config.json").write_text("<html>")
    assert "has a config.json that cannot be used" in said(download, NAME)


def test_an_index_cannot_lead_to_another_folder(tmp_path):
    (tmp_path / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"wte.weight": "../../secret.safetensors"}})
    )
    with pytest.raises(CheckpointError, match=r"expected files of this folder, received '\.\./\.\./secret"):
        weight_files(tmp_path)


@pytest.mark.parametrize(
    "revision", ["../../../../x", "a/b", "..", ".", "/etc", "a\\b", "x" * 200, "main\n", "C:x", "-x"]
)
def test_a_revision_that_is_a_path_is_refused(server, monkeypatch, revision, studio_home):
    monkeypatch.setattr(server, "commit", lambda name: revision)
    before = sorted(studio_home.parent.rglob("*"))
    assert "does not answer as the Hugging Face Hub does" in said(download, NAME)
    grown = [path for path in studio_home.parent.rglob("*") if path not in before]
    assert all(path.is_relative_to(hub_cache.cache()) or path == studio_home for path in grown)
    assert not list(hub_cache.cache().glob("models--*/snapshots/*/*"))


@pytest.mark.parametrize("revision", ["main", "v1.0", "0123456789abcdef0123456789abcdef01234567"])
def test_a_revision_may_be_a_plain_name(server, monkeypatch, revision):
    monkeypatch.setattr(server, "commit", lambda name: revision)
    assert download(NAME).name == revision


def test_a_link_in_the_cache_does_not_lead_out_of_it(server, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    hub_cache.cache().mkdir(parents=True)
    hub_cache.place_of(NAME).symlink_to(outside)
    assert "leads out of the folder for downloads" in said(download, NAME)
    assert not list(outside.iterdir())


SECRET = "pass-word!"


@pytest.mark.parametrize(
    "address", [f"http://user:{SECRET}@127.0.0.1:1", f"http://{SECRET}@127.0.0.1:1/a", f"http://u:{SECRET}@["]
)
def test_a_password_in_the_endpoint_is_never_told(monkeypatch, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    for call in (size, download):
        message = said(call, NAME)
        assert SECRET not in message and "user" not in message


def test_a_password_of_a_server_that_answers_is_never_told(server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.url.replace("//", f"//user:{SECRET}@"))
    assert SECRET not in said(size, "ada/none")
    monkeypatch.setattr(server, "commit", lambda name: "../x")
    message = said(size, NAME)
    assert SECRET not in message and server.url in message


def test_a_model_above_the_limit(server, monkeypatch):
    monkeypatch.setenv("DLCORE_MAX_DOWNLOAD_MB", "0")
    assert "at most 0 MB are allowed" in said(download, NAME)
    assert not server.asked("/resolve/" + server.commit(NAME) + "/config.json")


def test_a_disk_without_room(server, monkeypatch):
    monkeypatch.setattr(hub_cache, "SPARE", 2**60)
    assert "The disk has no room" in said(download, NAME)


def test_a_disk_that_fills_meanwhile(server, monkeypatch):
    def full(*_) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Download, "_stream", full)
    assert "The disk was full" in said(download, NAME)


def test_the_folder_is_bounded_and_the_longest_unused_goes(server, repositories, monkeypatch):
    for name in ("ada/old", "ada/new"):
        shutil.copytree(repositories / NAME, repositories / name)
        download(name)
    download("ada/old")  # used again
    monkeypatch.setattr(hub_cache, "KEPT", 1)
    monkeypatch.setenv("DLCORE_MAX_DOWNLOAD_MB", "1")  # each has 0.5 MB
    download(NAME)
    assert list(hub_cache.all_downloaded()) == ["ada/old", NAME]


def test_another_programs_cache_is_never_tidied(server, repositories, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(hub_cache, "KEPT", 0)
    for name in ("ada/one", "ada/two"):
        shutil.copytree(repositories / NAME, repositories / name)
        download(name)
    assert list(hub_cache.all_downloaded()) == ["ada/one", "ada/two"]
    theirs = hub_cache.place_of(NAME) / "snapshots" / "old" / "pytorch_model.bin"
    theirs.parent.mkdir(parents=True)
    theirs.touch()
    (repositories / NAME / "config.json").write_text('{"model_type": "t5"}')
    assert "is a t5 network" in said(download, NAME)
    assert theirs.exists()


def test_without_a_network_the_answer_comes_at_once(server):
    server.close()
    message = said(size, NAME)
    assert "cannot be reached" in message and "Check the network" in message
    assert said(download, NAME) == message


def test_a_server_that_never_answers(server, monkeypatch):
    monkeypatch.setattr(hub, "ANSWER", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "cannot be reached" in said(size, NAME)


def test_a_name_server_that_never_answers(server, monkeypatch):
    monkeypatch.setattr(hub, "ANSWER", 0.1)
    forever = threading.Event()
    monkeypatch.setattr(hub, "_ask", lambda name: forever.wait(20))
    assert "no answer" in said(size, NAME)
    forever.set()


def test_an_endpoint_that_is_no_hub(server, monkeypatch):
    server.listing = lambda name, blobs: {"hello": "world"}
    assert "does not answer as the Hugging Face Hub does" in said(size, NAME)


def test_what_ships_is_named_instead(server, monkeypatch, made, tmp_path):
    monkeypatch.setattr(catalog, "ZOO", zoo(made, tmp_path))
    server.close()
    assert said(size, NAME).endswith("Always at hand: teller.")


# -- the catalogue ------------------------------------------------------------------------------


def zoo(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "zoo" / "teller")
    card = {"task": "generation", "title": "The teller", "data": "two sentences"}
    (tmp_path / "zoo" / "teller" / "card.json").write_text(json.dumps(card))
    return tmp_path / "zoo"


@pytest.fixture
def shelf(made: Path, tmp_path: Path, server, monkeypatch) -> None:
    monkeypatch.setattr(catalog, "ZOO", zoo(made, tmp_path))


def test_shipped_models_tell_what_they_are(shelf, made):
    (model,) = catalog.shipped()
    assert (model.name, model.title, model.task) == ("teller", "The teller", "generation")
    assert model.source == "shipped" and model.at_hand and model.card["data"] == "two sentences"
    assert model.memory_mb * 1e6 == hub_cache.memory(made) and model.size_mb > 0.4
    assert find("teller", "generation") == model


def test_the_list_is_shipped_then_suggested_then_downloaded(shelf):
    names = [model.name for model in catalog.available("generation")]
    assert names[:4] == ["teller", "distilgpt2", "gpt2", "HuggingFaceTB/SmolLM2-135M"]
    assert all(model.chats == (model.name in names[4:]) for model in catalog.available("generation"))
    assert [model.name for model in catalog.available("chat")] == names[4:]
    folder = download(NAME)
    last = catalog.available("generation")[-1]
    assert (last.name, last.folder, last.source) == (NAME, folder, "hub")
    assert [model.name for model in catalog.available("sentiment")] == [
        "distilbert-base-uncased-finetuned-sst-2-english"
    ]


def test_a_suggestion_is_at_hand_once_downloaded(shelf, repositories, made):
    assert not find("gpt2", "generation").at_hand
    shutil.copytree(made, repositories / "openai-community" / "gpt2")
    folder = download("openai-community/gpt2")
    model = find("gpt2", "generation")
    assert model.folder == folder and model.title == "GPT-2 (124M)"
    assert find("openai-community/gpt2", "generation") == model
    assert [m.name for m in catalog.available("generation")].count("gpt2") == 1
    assert len(catalog.available("generation")) == 6


def test_damaged_files_do_not_take_the_list_down(shelf, repositories):
    (download(NAME) / "model.safetensors").write_bytes(b"\xff" * 100)
    assert NAME not in [model.name for model in catalog.available("generation")]
    assert find(NAME, "generation").folder is None


def test_any_name_of_the_hub_can_be_asked_for(shelf):
    model = find("roneneldan/TinyStories-1M", "generation")
    assert (model.source, model.folder, model.size_mb) == ("hub", None, 0)


def test_a_model_for_another_task_says_so(shelf):
    with pytest.raises(UnknownModel, match="gpt2 is for generation; for sentiment there are distil"):
        find("gpt2", "sentiment")
    with pytest.raises(UnknownModel, match="teller is for generation"):
        find("teller", "sentiment")


PATHS = [
    "",
    ".",
    "..",
    "/",
    "~",
    "/etc",
    "../x",
    "a/..",
    "a/../b",
    "./a",
    "a/./b",
    "a/b/c",
    "~/x",
    "~root",
    "a\\b",
    "C:\\x",
    "..\\x",
    "http://x/y",
    "https://huggingface.co/gpt2",
    "file:///etc",
    "a//b",
    "/a",
    "a/",
    "-a",
    ".a",
    "a.",
    "a/.b",
    "a--b",
    "a..b",
    "a.git",
    "a b",
    "a\nb",
    "gpt2\n",
    "a\0b",
    "é",
    "a%2fb",
    "a?b",
    "a#b",
    "models--x",
    "x" * 97,
    "x" * 200_000,
]


@pytest.mark.parametrize("name", PATHS, ids=lambda name: repr(name[:20]))
def test_a_visitor_cannot_name_a_path(shelf, server, name):
    with pytest.raises(UnknownModel) as caught:
        find(name, "generation")
    message = str(caught.value)
    assert "teller" in message and "\n" not in message and len(message) < 500
    for call in (size, download, hub.downloaded):
        with pytest.raises(HubError):
            call(name)
    assert server.log == []


def test_a_folder_only_where_folders_are_allowed(shelf, made, monkeypatch):
    model = find(str(made), "generation", allow_folders=True)
    assert (model.source, model.folder) == ("folder", made)
    monkeypatch.chdir(made.parent)
    assert find(made.name, "generation", allow_folders=True).folder.resolve() == made
    assert find(made.name, "generation").source == "hub"  # a visitor gets the Hub's, if there is one
    with pytest.raises(UnknownModel, match="a folder with a checkpoint"):
        find("./nothing here", "generation", allow_folders=True)
    with pytest.raises(UnknownModel, match="is for generation"):
        find(str(made), "sentiment", allow_folders=True)


def test_a_folder_that_is_not_whole(made, tmp_path):
    folder = tmp_path / "half"
    shutil.copytree(made, folder)
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        (folder / name).unlink()
        wanted = CheckpointError if name != "config.json" else UnknownModel
        with pytest.raises(wanted, match=name if wanted is CheckpointError else "a folder with a checkpoint"):
            find(str(folder), "generation", allow_folders=True)


def test_a_folder_without_one_of_its_parts_names_it(made, tmp_path):
    folder = tmp_path / "parts"
    shutil.copytree(made, folder)
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    parts = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": parts}))
    with pytest.raises(CheckpointError, match=r"parts: model-00002-of-00002.safetensors is missing"):
        find(str(folder), "generation", allow_folders=True)


def test_a_damaged_card_does_not_take_the_list_down(shelf):
    for card in ("<html>", "[]", "{}", "\xff"):
        (catalog.ZOO / "teller" / "card.json").write_text(card)
        assert "teller" not in [model.name for model in catalog.available("generation")]


def test_a_model_of_the_zoo_that_is_being_trained_is_not_listed(shelf):
    (catalog.ZOO / "teller" / "card.json").unlink()
    assert catalog.shipped() == []


def test_every_family_of_the_networks_has_a_task():
    assert checkpoint.FAMILIES.keys() <= catalog.TASKS.keys()


def test_the_catalogue_imports_nothing_heavy():
    heavy = ("keras", "tensorflow", "transformers", "huggingface_hub", "httpx2")
    code = (
        "import sys\nfrom dlcore.language import catalog, hub, tokens\n"
        "catalog.available('generation')\n"
        f"assert not [name for name in {heavy!r} if name in sys.modules]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# -- tokenizers ---------------------------------------------------------------------------------


def test_tokenizers_are_read_once(made, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(made, folder)
    first = tokenizer(folder)
    assert tokenizer(folder) is first and first.is_fast and first.eos_token == "<|endoftext|>"
    text = (folder / "tokenizer_config.json").read_text()
    (folder / "tokenizer_config.json").write_text(text)
    assert tokenizer(folder) is not first


def test_the_older_files_of_gpt2(made, tmp_path):
    learner = ByteLevelBPETokenizer()
    learner.train_from_iterator(TEXTS, 300, special_tokens=["<|endoftext|>"], show_progress=False)
    learner.save_model(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    text = "The king had a garden"
    assert tokenizer(tmp_path)(text)["input_ids"] == tokenizer(made)(text)["input_ids"]


def test_the_older_file_of_bert(tmp_path):
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "##ness", "un", "##true"]
    (tmp_path / "vocab.txt").write_text("\n".join(words) + "\n")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "distilbert"}))
    assert tokenizer(tmp_path)("Goodness untrue")["input_ids"] == [2, 5, 6, 7, 8, 3]


def test_no_tokenizer_and_a_damaged_one(tmp_path):
    with pytest.raises(TokenizerError, match="expected a tokenizer"):
        tokenizer(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(TokenizerError, match="cannot be read") as caught:
        tokenizer(tmp_path)
    assert "\n" not in str(caught.value)


def test_code_of_a_model_is_never_run(made, tmp_path):
    folder = tmp_path / "code"
    shutil.copytree(made, folder)
    config = {"auto_map": {"AutoTokenizer": ["evil.Evil", "evil.Evil"]}, "tokenizer_class": "Evil"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert tokenizer(folder)("the king")["input_ids"] == tokenizer(made)("the king")["input_ids"]
    assert not (tmp_path / "ran").exists() and "evil" not in sys.modules


def test_loading_a_tokenizer_says_nothing(made):
    code = (
        "from pathlib import Path\nfrom dlcore.language.tokens import tokenizer\n"
        f"t = tokenizer(Path({str(made)!r}))\nassert t('the ' * 3000)['input_ids']\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
