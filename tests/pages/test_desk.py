"""A session keeps answers, within bounds, and never an error."""

from __future__ import annotations

from typing import Any

import pytest

from pages.parts import desk as module
from pages.parts.desk import UNDER_WAY, Desk, failed, question


class Engine:
    """Answers at once, with what a test has set."""

    ready = True

    def __init__(self, *answers: Any):
        self.answers, self.requests = list(answers), 0

    def request(self, job: str, **arguments: Any) -> Engine:
        self.requests += 1
        return self

    def wait(self, seconds: float) -> bool:
        return bool(self.answers)

    def result(self, timeout: float) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def engine(monkeypatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(module, "client", lambda: engine)
    return engine


@pytest.mark.parametrize("error", [RuntimeError("gone"), {"error": "The data set cannot be had."}])
def test_an_error_is_shown_and_then_asked_again(engine, monkeypatch, error):
    desk, key = Desk(), question("sentiment", {})
    engine.answers = [error, [1]]
    first = desk.look("sentiment", key, {}, 0)
    assert failed(first) and desk.known("sentiment", key) is None
    desk.tell(key, first)
    assert desk.known("sentiment", key) == first
    monkeypatch.setattr(module, "SHOWN", 0)
    assert desk.known("sentiment", key) is None
    assert desk.look("sentiment", key, {}, 0) == [1]
    assert desk.known("sentiment", key) == [1] and engine.requests == 2


def test_two_parts_of_a_page_that_both_fail_do_not_make_each_other_ask_again(engine):
    desk = Desk()
    for key in ("one", "two"):
        desk.tell(key, {"error": f"no {key}"})
    for _ in range(3):
        assert [desk.known("job", key)["error"] for key in ("one", "two")] == ["no one", "no two"]
    desk.forget("one")
    assert desk.known("job", "one") is None and desk.known("job", "two")


def test_what_is_under_way_is_asked_once_and_bounded(engine):
    desk = Desk()
    for number in range(3 * UNDER_WAY):
        for _ in range(2):
            assert desk.look("sample", str(number), {}, 0) is None
    assert engine.requests == 3 * UNDER_WAY and len(desk._pending) == UNDER_WAY
    desk.drop(str(3 * UNDER_WAY - 1))
    assert len(desk._pending) == UNDER_WAY - 1


def test_answers_are_bounded_and_the_oldest_go_first(engine):
    desk = Desk()
    engine.answers = list(range(100))
    for number in range(100):
        desk.look("explain_sentiment", str(number), {}, 0)
    kept = [n for n in range(100) if desk.known("explain_sentiment", str(n)) is not None]
    assert kept == [96, 97, 98, 99]


def test_nothing_is_asked_before_the_engine_is_there(engine):
    engine.ready, desk = False, Desk()
    assert desk.look("sample", "key", {}, 0) is None and not engine.requests


def test_a_question_is_short_however_large_the_upload_and_tells_uploads_apart():
    one, other = bytes(10_000_000), bytes(9_999_999) + b"1"
    asked = {question("classify", {"images": [picture]}) for picture in (one, other, bytes(10_000_000))}
    assert len(asked) == 2 and all(len(key) < 200 for key in asked)
