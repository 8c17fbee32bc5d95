"""Runs of pages take turns."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.turns import Turns


def test_one_after_the_other_in_the_order_of_asking() -> None:
    turns, told, inside, most = Turns(longest=60), [], [0], [0]

    def run(number: int) -> None:
        with turns.one():
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.002)
            told.append(number)
            inside[0] -= 1

    with ThreadPoolExecutor(20) as people, turns.one():
        for number in range(20):
            people.submit(run, number)
            while turns.waiting <= number:
                time.sleep(0.001)
        assert told == []
    assert (most[0], turns.waiting, told) == (1, 0, list(range(20)))


def test_a_long_one_holds_up_the_next_no_longer_than_its_turn() -> None:
    turns = Turns(longest=0.05)
    begun, over, second, third = (threading.Event() for _ in range(4))

    def long() -> None:
        with turns.one():
            begun.set()
            over.wait(60)

    def short(began: threading.Event) -> None:
        with turns.one():
            began.set()

    with ThreadPoolExecutor(3) as people:
        people.submit(long)
        assert begun.wait(20)
        for each in (second, third):
            people.submit(short, each)
        came = second.wait(20), third.wait(20), not over.is_set()
        over.set()
    assert came == (True, True, True)


def test_a_run_that_fails_ends_its_turn() -> None:
    turns = Turns(longest=60)
    with pytest.raises(ValueError, match="a page"), turns.one():
        raise ValueError("a page")
    with turns.one():
        pass
