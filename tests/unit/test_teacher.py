"""The teacher's password cannot be guessed by trying, and a teacher is not locked out for long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from dlcore.teacher import FORGET, FREE, LONGEST, Door

WRONG, WAIT = "That is not the teacher's password.", "There were too many wrong passwords"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    monkeypatch.setenv("DLCORE_TEACHER_PASSWORD", "schoolbell")
    return [1000.0]


def test_wrong_passwords_make_the_next_wait_longer_each_time(now: list[float]) -> None:
    door = Door(clock=lambda: now[0])
    for _ in range(FREE):
        assert door.open("guess") == WRONG
    delays = []
    for _ in range(8):
        begun = now[0]
        while (answer := door.open("guess")) != WRONG:
            assert answer.startswith(WAIT)
            now[0] += 0.5
        delays.append(now[0] - begun)
    assert delays == [1, 2, 4, 8, 16, 32, LONGEST, LONGEST]


def test_the_right_password_waits_too_and_ends_the_counting(now: list[float]) -> None:
    door = Door(clock=lambda: now[0])
    for _ in range(FREE):
        door.open("guess")
    assert door.open("schoolbell").startswith(WAIT)
    now[0] += LONGEST
    assert door.open("schoolbell") == ""
    assert door.open("guess") == WRONG
    assert door.open("schoolbell") == ""


def test_an_hour_of_peace_is_forgiven(now: list[float]) -> None:
    door = Door(clock=lambda: now[0])
    for _ in range(FREE):
        door.open("guess")
    now[0] += FORGET + 1
    assert [door.open("guess") for _ in range(FREE)] == [WRONG] * FREE


def test_many_at_once_have_no_more_tries_than_one(now: list[float]) -> None:
    door = Door(clock=lambda: now[0])
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(door.open, ["guess"] * 100))
    assert answers.count(WRONG) == FREE


def test_without_a_password_nobody_is_a_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DLCORE_TEACHER_PASSWORD", raising=False)
    assert Door().open("") == WRONG
