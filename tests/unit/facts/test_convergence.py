"""Runs that go nowhere: which metric tells, and what is said of its course."""

import math

import pytest

from services.facts.convergence.rules import doubts, watched
from services.facts.convergence.types import Course, DoubtKind

NAN = math.nan


def kinds(
    values: list[float], *, maximise: bool | None = False, baseline: float | None = None
) -> list[str]:
    return [each.kind.value for each in doubts(Course("loss", maximise, values, baseline))]


@pytest.mark.parametrize(
    ("names", "tags", "wanted"),
    [
        (["loss", "val_loss", "lr"], {}, ("val_loss", False)),
        (["train_auc", "val_auc"], {}, ("val_auc", True)),
        (["accuracy", "loss"], {}, ("loss", False)),
        (["reward"], {}, None),
        (["system/gpu_0_utilization_percentage", "system/error"], {}, None),
        (["reward", "loss"], {"countersign.metric": "reward", "countersign.maximise": "true"}, ("reward", True)),
        (["reward", "loss"], {"countersign.metric": "reward"}, ("reward", None)),
        (["loss"], {"countersign.metric": "gone"}, ("loss", False)),
    ],
)  # fmt: skip
def test_the_metric_that_tells_is_named_or_known_by_its_name(
    names: list[str], tags: dict[str, str], wanted: tuple[str, bool | None] | None
) -> None:
    assert watched(names, tags) == wanted


def test_two_losses_in_a_row_that_are_no_number_are_doubted_and_one_is_not() -> None:
    assert kinds([1.0, 0.5, NAN]) == []
    assert kinds([1.0, NAN, math.inf]) == [DoubtKind.NO_NUMBER]
    (said,) = doubts(Course("loss", None, [1.0, NAN, NAN, NAN]))
    assert said.words == "loss was no number 3 times in a row."
    assert kinds([NAN, NAN, 0.5]) == []


def test_a_plateau_is_half_of_at_least_twenty_evaluations_without_a_gain() -> None:
    falling = [1 / (n + 1) for n in range(40)]
    assert kinds(falling) == []
    assert kinds([0.5] * 19) == []
    (said,) = doubts(Course("loss", False, [1.0, 0.5, *[0.5] * 18]))
    assert (said.kind, said.words) == (
        DoubtKind.PLATEAU,
        "loss has not improved on 0.5 for 18 evaluations.",
    )
    assert kinds([*falling[:30], *[1.0] * 28]) == []
    assert kinds([*falling[:30], *[1.0] * 30]) == [DoubtKind.PLATEAU]
    assert kinds([*falling[:30], *[falling[29] * 0.99999] * 30]) == [DoubtKind.PLATEAU]


def test_a_metric_of_which_more_is_better_is_read_the_other_way() -> None:
    rising = [n / 40 for n in range(1, 41)]
    assert kinds(rising, maximise=True) == []
    assert kinds(rising) == [DoubtKind.PLATEAU]
    assert kinds(rising, maximise=None) == []


def test_what_is_behind_what_is_in_use_after_ten_evaluations_is_doubted() -> None:
    falling = [1 / (n + 1) for n in range(10)]
    assert kinds(falling[:9], baseline=0.01) == []
    assert kinds(falling, baseline=0.01) == [DoubtKind.WORSE]
    assert kinds(falling, baseline=0.1) == []
    assert kinds(falling, baseline=None) == []
    (said,) = doubts(Course("auc", True, [0.5 + n / 100 for n in range(10)], 0.9))
    assert said.words == "After 10 evaluations auc is 0.59 at best; what is in use reached 0.9."


def test_nothing_is_said_of_a_run_that_logged_next_to_nothing() -> None:
    assert kinds([]) == []
    assert kinds([NAN]) == []
