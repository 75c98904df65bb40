"""What is kept is bounded, and made once however many ask."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dlcore.cache import Cache


def test_the_cache_holds_the_latest_up_to_its_bytes():
    cache = Cache(100)
    for name in "abcde":
        cache.put(name, name.upper(), 30)
    assert cache.bytes == 90
    assert [cache.get(name) for name in "abcde"] == [None, None, "C", "D", "E"]


def test_what_was_used_lately_stays():
    cache = Cache(100)
    for name in "abc":
        cache.put(name, name, 30)
    cache.get("a")
    cache.put("d", "d", 30)
    assert cache.get("a") == "a" and cache.get("b") is None


def test_what_was_put_again_stays_and_counts_once():
    cache = Cache(100)
    for name in "abc":
        cache.put(name, name, 30)
    cache.put("a", "new", 40)
    assert cache.bytes == 100
    cache.put("d", "d", 30)
    assert cache.get("a") == "new" and cache.get("b") is None


def test_the_cache_holds_so_many_where_that_is_said():
    cache = Cache(100, most=2)
    for name in "abc":
        cache.put(name, name.upper(), 1)
    assert [cache.get(name) for name in "abc"] == [None, "B", "C"]


def test_one_value_larger_than_the_cache_is_kept_alone():
    cache = Cache(100)
    cache.put("small", 1, 30)
    cache.put("huge", 2, 1000)
    assert cache.get("huge") == 2 and cache.get("small") is None
    cache.put("small", 1, 30)
    assert cache.get("huge") is None and cache.bytes == 30


def test_what_many_ask_for_at_once_is_made_once_and_others_do_not_wait():
    cache, begin, made = Cache(100), threading.Barrier(8), []
    slow = threading.Event()

    def make(key: str) -> str:
        made.append(key)
        if key == "slow":
            slow.wait(20)
        return key

    def ask(number: int) -> str:
        begin.wait()
        key = "slow" if number % 2 else "quick"
        answer = cache.of(key, lambda: make(key), len)
        if key == "quick":
            slow.set()  # would never come if it waited for the slow one
        return answer

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == ["quick", "slow"] * 4
    assert sorted(made) == ["quick", "slow"] and not cache._making


def test_what_could_not_be_made_is_tried_again():
    cache = Cache(100)
    with pytest.raises(OSError):
        cache.of("key", lambda: open("/no/such/file"), lambda _: 1)  # noqa: SIM115, PTH123
    assert cache.of("key", lambda: 1, lambda _: 1) == 1


def test_the_bound_is_the_setting_where_none_is_given(monkeypatch):
    monkeypatch.setenv("DLCORE_CACHE_MB", "1")
    cache = Cache()
    for name in "abc":
        cache.put(name, name, 2**19)
    assert [cache.get(name) for name in "abc"] == [None, "b", "c"]
