"""What needs the files of a run."""

from datetime import UTC, datetime, timedelta

import pytest

from services.decisions.disposal import rules
from services.decisions.disposal.types import Needed
from services.facts.storage.rules import by_model, gb_months
from services.facts.storage.types import KeptRun

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NOBODY = Needed({})
V1, V2 = ("loan", 1), ("loan", 2)


def kept(days: float, *, size: int | None = 10**9, held: str = "") -> KeptRun:
    ended = NOW - timedelta(days=days)
    return KeptRun("r1", "0", "trial", "loan", size, 3, held, ended, ended, ended)


@pytest.mark.parametrize(
    ("days", "versions", "words"),
    [
        (29, (), "ended less than 30 days ago; kept until 2 Nov 2026"),
        (31, (), None),
        (183, (V1,), "ended less than 184 days ago; kept until 2 Nov 2026"),
        (185, (V1,), None),
    ],
)
def test_a_run_is_kept_for_a_while_whatever_it_is(
    days: float, versions: tuple[tuple[str, int], ...], words: str | None
) -> None:
    assert rules.reasons(kept(days), versions, NOBODY, NOW) == ((words,) if words else ())


def test_a_run_is_needed_as_soon_as_one_of_its_versions_is() -> None:
    needed = Needed({V2: ("champion points at it", "a review of it is open")})
    assert rules.reasons(kept(400), (V1, V2), needed, NOW) == (
        "loan 2: champion points at it",
        "loan 2: a review of it is open",
    )
    assert rules.reasons(kept(400), (V1,), needed, NOW) == ()


def test_what_somebody_holds_and_what_nobody_can_weigh_stays() -> None:
    held = rules.reasons(kept(400, held="lawsuit 4711"), (), NOBODY, NOW)
    assert held == ("held: lawsuit 4711",)
    assert len(rules.reasons(kept(400, size=None), (), NOBODY, NOW)) == 1


def test_a_month_of_days_comes_to_a_month() -> None:
    november = [NOW.date() + timedelta(days=day) for day in range(30)]
    whole = sum(gb_months(3 * 10**9, day) for day in november)
    assert whole == 3


def test_only_whole_days_on_which_files_were_there_are_told() -> None:
    there, day = kept(2), NOW.date()
    assert by_model([there], day) == {"loan": 10**9}
    assert by_model([there], day - timedelta(days=3)) == {}
    gone = KeptRun("r1", "0", "trial", "loan", 10**9, 3, "", NOW, there.first_at, NOW, NOW)
    assert by_model([gone], day) == {}
    assert by_model([gone], day - timedelta(days=1)) == {"loan": 10**9}
    assert by_model([kept(2, size=None)], day) == {}
