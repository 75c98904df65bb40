"""Chat: a conversation becomes the text a network was trained on, and is answered in slices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_text
from hub_server import HubServer

from dlcore.language import catalog, jobs
from dlcore.language.chat import prompt
from dlcore.language.generation import Writer
from dlcore.language.sampling import Sampling
from dlcore.language.tokens import TokenizerError
from dlcore.models import UnknownModel

NAME = "somebody/chatter"
SYSTEM = {"role": "system", "content": "Be brief."}
HOW = Sampling(temperature=1, top_p=1).model_dump()


def said(*texts: str) -> list[dict[str, str]]:
    """Question, answer, question, …"""
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Writer:
    return Writer.load(tiny_text.chatter(tmp_path_factory.mktemp("chat") / "chatter"))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    tiny_text.chatter(tmp_path / "hub" / NAME)
    with HubServer(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        for name in ("HF_HOME", "HF_HUB_CACHE"):
            monkeypatch.delenv(name, raising=False)
        yield server


def download(model: str = NAME) -> dict:
    while "total" in (told := jobs.fetch(model, "chat")):
        jobs.downloads._under_way[model].join(30)
    return told


def test_a_conversation_is_written_with_the_marks_of_its_template(writer: Writer) -> None:
    read = prompt(writer, [SYSTEM, *said("The king?", "The fox.", "Three sons?")], 10)
    assert read.text == (
        "<|im_start|>system\nBe brief.<|im_end|>\n"
        "<|im_start|>user\nThe king?<|im_end|>\n"
        "<|im_start|>assistant\nThe fox.<|im_end|>\n"
        "<|im_start|>user\nThree sons?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert read.forgotten == 0
    marks = [token for token in read.tokens if token < 3]
    assert marks == [1, 2] * 4 + [1]  # each mark is one token
    assert writer.tokenizer.decode(read.tokens) == read.text


def test_what_does_not_fit_is_left_out_from_the_beginning_and_the_system_text_stays(writer: Writer) -> None:
    long = [SYSTEM, *said(*["The little house by the sea was warm. "] * 61)]
    read = prompt(writer, long, 30)
    assert read.forgotten > 0 and read.forgotten % 2 == 0
    assert len(read.tokens) <= writer.context - 30
    assert read.text.startswith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n")
    assert read.text.count("<|im_start|>user") == (61 - read.forgotten + 1) // 2


def test_a_message_that_is_too_long_is_refused_in_one_line(writer: Writer) -> None:
    with pytest.raises(TokenizerError, match=r"^chatter: the message has [\d,]+ tokens, .*; shorten it$"):
        prompt(writer, said("fox " * 500), 30)


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("", "^plain: it has no chat template, so it was not trained to chat; take an instruction-tuned"),
        ("{{ raise_exception('No system, please') }}", r"refuses this conversation \(No system, please\)$"),
        ("{% for %}", "refuses this conversation"),
        ("{{ ().__class__.__bases__[0].__subclasses__() }}", "refuses this conversation"),
    ],
)
def test_a_template_that_is_missing_refuses_or_is_hostile_is_one_line(
    tmp_path: Path, template: str, line: str
) -> None:
    tiny = Writer.load(tiny_text.chatter(tmp_path / "plain", template=template))
    with pytest.raises(TokenizerError, match=line) as caught:
        prompt(tiny, [SYSTEM, *said("Hello")], 10)
    assert "\n" not in str(caught.value)


def test_it_is_downloaded_with_its_template_and_answers_in_slices(hub: HubServer) -> None:
    with pytest.raises(UnknownModel, match="has not been downloaded yet"):
        jobs.chat_prompt(NAME, said("Hello"), 10)
    assert download() == {"model": NAME}
    assert hub.asked("chat_template.jinja")
    for task in ("chat", "generation"):
        assert NAME in [model.name for model in catalog.available(task)]
    read = jobs.chat_prompt(NAME, said("The fox said"), 10)
    begin = len(read["tokens"])

    def write(row: list[int], tokens: int) -> dict:
        return jobs.write(NAME, [row], HOW, 1, [0], tokens, 60.0, [], begin)

    whole = [step["token"] for step in write(read["tokens"], 8)["rows"][0]]
    slices: list[int] = []
    while len(slices) < len(whole):
        slices += [step["token"] for step in write([*read["tokens"], *slices], 1)["rows"][0]]
    assert slices == whole
    with pytest.raises(
        TokenizerError, match=rf"^{NAME}: the message has [\d,]+ tokens"
    ):  # and not its commit's
        jobs.chat_prompt(NAME, said("fox " * 1000), 10)


def test_without_a_network_one_line_says_what_to_do(hub: HubServer) -> None:
    hub.close()
    error = jobs.model_size(NAME, "chat")["error"]
    assert "cannot be reached" in error and "Check the network" in error and "\n" not in error
    assert download() == {"error": error}


def test_a_network_that_only_continues_texts_is_refused_for_chat(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_text.chatter(tmp_path / "hub" / "me" / "plain", template="")
    with pytest.raises(UnknownModel, match=r"me/plain is for generation; for chat there are .*SmolLM2"):
        download("me/plain")
    assert catalog.find("me/plain", "generation").at_hand
