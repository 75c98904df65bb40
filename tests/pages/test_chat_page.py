"""Chat on the Text page as Streamlit runs it; a tiny network answers in this process instead of the engine's."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tiny_text
from app_page import answer_here, open_page
from streamlit.testing.v1 import AppTest

from dlcore.language import jobs

ROOT = Path(__file__).parents[2]
NAME = "somebody/chatter"
OFFLINE = "The Hugging Face Hub cannot be reached. Check the network and try again."


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, dict[str, Any]]]:
    """What the page asks for; the Hub cannot be reached."""
    monkeypatch.setattr(jobs, "model_size", lambda model, task: {"error": OFFLINE})
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return answer_here(monkeypatch, partial(getattr, jobs))


@pytest.fixture
def chatter(tmp_path: Path) -> Path:
    """Downloaded before."""
    return tiny_text.chatter(tmp_path / "hub" / "models--somebody--chatter" / "snapshots" / "main")


def open_chat(**state: Any) -> AppTest:
    return open_page("pages/text.py", {"text.part": "Chat"} | state)


def conversation(app: AppTest) -> list[str]:
    return [message.name for message in app.chat_message]


def test_without_a_download_one_line_says_what_to_do(requests: list[Any]) -> None:
    app = open_chat()
    assert [warning.value for warning in app.warning] == [OFFLINE]
    assert any("Download one on the left" in caption.value for caption in app.caption)
    assert "<|im_start|>assistant" in app.code[0].value
    assert not app.error and not app.chat_input


def test_the_page_begins_with_an_answer_and_goes_on(requests: list[Any], chatter: Path) -> None:
    app = open_chat(**{"chat.length": 20})
    assert conversation(app) == ["user", "assistant"]
    assert any("makes things up" in caption.value for caption in app.caption)
    read = app.code[0].value
    assert "What is a neural network?" in read and read.endswith("<|im_start|>assistant")
    app.chat_input[0].set_value("And a fox?").run()
    assert conversation(app) == ["user", "assistant", "user", "assistant"]
    assert "And a fox?" in app.code[0].value and "What is a neural network?" in app.code[0].value


def test_another_answers_the_last_message_again_and_ask_begins_anew(
    requests: list[Any], chatter: Path
) -> None:
    app = open_chat(**{"chat.length": 20})
    app.button(key="chat.another").click().run()
    assert conversation(app) == ["user", "assistant"]
    assert [ask["seed"] for job, ask in requests if job == "write"][-1] == 2
    app.selectbox(key="chat.task").set_value("Translate").run()
    app.text_input(key="chat.Translate.Into").set_value("German").run()
    app.button(key="chat.ask").click().run()
    assert conversation(app) == ["user", "assistant"]
    read = app.code[0].value
    assert "Translate into German: The little house" in read
    assert "<|im_start|>system\nYou are a translator." in read
    assert "What is a neural network?" not in read


def test_a_system_text_of_ones_own_stands_first(requests: list[Any], chatter: Path) -> None:
    app = open_chat(**{"chat.length": 20})
    app.text_area(key="chat.system").set_value("You are a pirate.").run()
    app.button(key="chat.ask").click().run()
    assert app.code[0].value.startswith("<|im_start|>system\nYou are a pirate.<|im_end|>\n<|im_start|>user")


def test_a_message_that_is_too_long_and_an_empty_one(requests: list[Any], chatter: Path) -> None:
    app = open_chat(**{"chat.length": 20})
    app.text_area(key="chat.Chat.Message").set_value("fox " * 900).run()
    app.button(key="chat.ask").click().run()
    (error,) = app.error
    assert "shorten it" in error.value and not app.exception
    app.text_area(key="chat.Chat.Message").set_value(" ").run()
    assert any("Fill in every field" in caption.value for caption in app.caption)
    app.text_area(key="chat.Chat.Message").set_value("The fox").run()
    app.button(key="chat.ask").click().run()
    assert not app.error and conversation(app) == ["user", "assistant"]


def test_what_was_written_until_stop_stays(
    requests: list[Any], chatter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop comes while a slice is under way, from another run of the page: that slice is left out."""
    app = open_chat(**{"chat.length": 20})
    real, slices = jobs.write, threading.Semaphore(2)

    def write(**arguments: Any) -> Any:
        written = real(**arguments | {"tokens": 1})
        if not slices.acquire(blocking=False):
            from pages.parts.text.conversation import end

            end(app.session_state["chat"])  # as a click on Stop does
        return written

    monkeypatch.setattr(jobs, "write", write)
    app.button(key="chat.another").click().run()
    assert not app.exception
    app.run()
    assert conversation(app) == ["user", "assistant"]
    assert app.session_state["chat"]["speed"][0] == 2 and not app.session_state["chat"]["active"]
