"""Both versions are timed as equals."""

from dataclasses import replace

import numpy as np

from services.facts.scoring.types import Scores
from services.workflows.retraining.comparing import Scored
from services.workflows.retraining.timing import MOST, fairly


def took(ms: float | None) -> Scored:
    return Scored(Scores(np.zeros(3), (), (), ms), "ab" * 32, 100)


class Clock:
    """Answers with the next time of each version, and remembers who was asked."""

    def __init__(self, **times: list[float | None]) -> None:
        self.times, self.asked = times, list[str]()

    def __call__(self, name: str) -> Scored:
        self.asked.append(name)
        return took(self.times[name].pop(0))


def test_a_new_version_that_is_as_fast_is_timed_once() -> None:
    clock = Clock()
    first, champion = took(5.0), took(4.0)
    new, old = fairly(first, champion, clock)
    assert new is first
    assert old is champion
    assert clock.asked == []


def test_a_busy_moment_is_timed_again_in_turn() -> None:
    clock = Clock(challenger=[4.4], champion=[4.1])
    new, old = fairly(took(13.1), took(5.0), clock)
    assert (new.scores.latency_ms, old.scores.latency_ms) == (4.4, 4.1)
    assert clock.asked == ["challenger", "champion"]


def test_what_is_slower_by_itself_stays_slower() -> None:
    clock = Clock(challenger=[20.0] * MOST, champion=[4.0] * MOST)
    new, old = fairly(took(21.0), took(5.0), clock)
    assert (new.scores.latency_ms, old.scores.latency_ms) == (20.0, 4.0)
    assert len(clock.asked) == 2 * MOST


def test_timing_again_changes_no_answer() -> None:
    first = replace(took(30.0), artifact_sha256="cd" * 32)
    new, _ = fairly(first, took(5.0), Clock(challenger=[5.0], champion=[5.0]))
    assert new.artifact_sha256 == first.artifact_sha256
    assert new.scores.outputs is first.scores.outputs


def test_what_nobody_timed_is_not_timed_again() -> None:
    clock = Clock()
    assert fairly(took(None), took(5.0), clock)[0].scores.latency_ms is None
    assert clock.asked == []
