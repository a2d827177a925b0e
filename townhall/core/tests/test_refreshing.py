from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from townhall.core.refreshing import Refreshing

EIGHT = 8


def counting(number: list[int]) -> Callable[[], int]:
    def load() -> int:
        number.append(len(number) + 1)
        return number[-1]

    return load


def test_it_is_read_once_until_it_is_old() -> None:
    reads: list[int] = []
    kept = Refreshing(counting(reads), seconds=60)

    assert [kept.get() for _ in range(3)] == [1, 1, 1]
    kept.seconds = 0.0
    assert kept.fresh() == 2
    assert kept.get() == 3


def test_eight_threads_that_find_it_old_read_it_once() -> None:
    reads: list[int] = []
    began, go_on = threading.Event(), threading.Event()

    def slow() -> int:
        reads.append(len(reads) + 1)
        began.set()
        go_on.wait(40)
        return reads[-1]

    kept = Refreshing(slow, seconds=60)
    with ThreadPoolExecutor(EIGHT) as pool:
        asked = [pool.submit(kept.get) for _ in range(EIGHT)]
        began.wait(40)
        time.sleep(0.1)  # the others come to wait
        go_on.set()
        assert {one.result() for one in asked} == {1}
    assert reads == [1]


def test_fresh_is_never_what_was_read_before_it_was_asked_for() -> None:
    """The reading under way began before our change; another must follow."""
    reads: list[int] = []
    began, go_on = threading.Event(), threading.Event()

    def load() -> int:
        reads.append(len(reads) + 1)
        if len(reads) == 1:
            began.set()
            go_on.wait(40)
        return reads[-1]

    kept = Refreshing(load, seconds=60)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(kept.get)
        began.wait(40)
        second = pool.submit(kept.fresh)
        time.sleep(0.1)
        go_on.set()
        assert (first.result(), second.result()) == (1, 2)


def test_what_was_being_read_when_it_was_forgotten_is_not_kept() -> None:
    values = ["old", "new"]
    kept: Refreshing[str]

    def load() -> str:
        value = values.pop(0)
        if value == "old":
            kept.forget()  # somebody changes it in this very moment
        return value

    kept = Refreshing(load, seconds=60)
    assert kept.get() == "old"
    assert kept.get() == "new"


def test_a_value_that_did_not_change_is_not_read_again_unless_forgotten() -> None:
    reads: list[int] = []
    is_same = True
    kept = Refreshing(counting(reads), seconds=0.0, unchanged=lambda _value: is_same)

    assert [kept.get(), kept.get()] == [1, 1]
    is_same = False
    assert kept.get() == 2
    is_same = True
    kept.forget()
    assert kept.get() == 3
    assert kept.fresh() == 4


def test_a_reading_that_fails_keeps_nothing_and_the_next_tries_again() -> None:
    answers = ["", "here"]

    def load() -> str:
        if not (found := answers.pop(0)):
            raise OSError("the database is away")
        return found

    kept = Refreshing(load, seconds=60)
    with pytest.raises(OSError, match="away"):
        kept.get()
    assert kept.get() == "here"


def test_nothing_is_a_value_too() -> None:
    reads: list[int] = []

    def load() -> None:
        reads.append(1)

    kept = Refreshing(load, seconds=60)
    kept.get()
    kept.get()
    assert reads == [1]
