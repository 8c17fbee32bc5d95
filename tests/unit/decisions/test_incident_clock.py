"""The clock of Article 73, and the report that says UNKNOWN where nobody wrote anything."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.decisions.incident.report import PARTICULARS, UNKNOWN, report, to_markdown
from services.decisions.incident.rules import DAYS, deadline, due_at, reported_at
from services.decisions.incident.types import (
    INCIDENT,
    Entry,
    EntryKind,
    Harm,
    Incident,
    IncidentState,
    Origin,
    PostMortem,
    Remedy,
    Severity,
)
from services.kernel.error import InvalidTransition
from services.record.canonical import canonical

AWARE = datetime(2028, 2, 27, 23, 30, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)


def incident(harm: Harm = Harm.DEATH, aware_at: datetime = AWARE) -> Incident:
    return Incident(
        "i1", "credit-risk", 12, "run1", "It refused everybody", Severity.HIGH, harm, "p1",
        Origin.HAND, "", IncidentState.OPEN, "p1", aware_at, aware_at, None, {}, None,
    )  # fmt: skip


def line(kind: EntryKind, text: str, at: datetime = AWARE, evidence: str = "") -> Entry:
    return Entry("e1", "i1", kind, text, evidence, "p1", at)


@pytest.mark.parametrize(
    ("harm", "due"),
    [
        (Harm.WIDESPREAD, datetime(2028, 2, 29, 23, 30, tzinfo=UTC)),
        (Harm.INFRASTRUCTURE, datetime(2028, 2, 29, 23, 30, tzinfo=UTC)),
        (Harm.DEATH, datetime(2028, 3, 8, 23, 30, tzinfo=UTC)),
        (Harm.HEALTH, datetime(2028, 3, 13, 23, 30, tzinfo=UTC)),
        (Harm.RIGHTS, datetime(2028, 3, 13, 23, 30, tzinfo=UTC)),
        (Harm.PROPERTY, datetime(2028, 3, 13, 23, 30, tzinfo=UTC)),
        (Harm.NONE, None),
        (Harm.UNKNOWN, None),
    ],
)
def test_the_date_counts_calendar_days_over_a_leap_day(harm: Harm, due: datetime | None) -> None:
    assert due_at(harm, AWARE) == due


def test_a_year_without_a_leap_day_ends_a_day_earlier_in_march() -> None:
    aware = datetime(2027, 2, 27, 23, 30, tzinfo=UTC)
    assert due_at(Harm.WIDESPREAD, aware) == datetime(2027, 3, 1, 23, 30, tzinfo=UTC)


def test_every_class_but_two_has_a_clock() -> None:
    assert set(Harm) - set(DAYS) == {Harm.NONE, Harm.UNKNOWN}


@given(st.sampled_from(sorted(DAYS)), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_it_is_overdue_exactly_when_its_date_has_passed(
    harm: Harm, aware: datetime, later: timedelta
) -> None:
    now = aware + later
    held = deadline(incident(harm, aware), None, now)
    assert held is not None
    assert held.overdue == (now > held.due_at) == (held.days_left < 0)
    assert timedelta(0) <= held.due_at - now - timedelta(days=held.days_left) < timedelta(days=1)


def test_the_clock_stands_still_at_the_first_report() -> None:
    told = [line(EntryKind.REPORT, "final", AWARE + timedelta(days=30)),
            line(EntryKind.REPORT, "initial", AWARE + timedelta(days=9)),
            line(EntryKind.NOTE, "called", AWARE)]  # fmt: skip
    held = deadline(incident(), reported_at(told), AWARE + timedelta(days=99))
    assert held is not None
    assert (held.overdue, held.days_left) == (False, 1)
    late = deadline(incident(), AWARE + timedelta(days=11), AWARE + timedelta(days=11))
    assert late is not None
    assert late.overdue
    assert reported_at([]) is None


@pytest.mark.parametrize("current", sorted(IncidentState))
@pytest.mark.parametrize("to", sorted(IncidentState))
def test_the_states_follow_the_table(current: IncidentState, to: IncidentState) -> None:
    allowed = {
        ("open", "investigating"), ("open", "mitigated"), ("investigating", "mitigated"),
        ("mitigated", "investigating"), ("mitigated", "closed"), ("closed", "investigating"),
    }  # fmt: skip
    if (current, to) in allowed:
        INCIDENT.check(current, to)
    else:
        with pytest.raises(InvalidTransition):
            INCIDENT.check(current, to)


def test_what_nobody_wrote_is_unknown_and_every_field_is_there() -> None:
    held = report(incident(), [line(EntryKind.NOTE, "Nobody was granted a loan.")], [])
    assert {key for key in PARTICULARS if held[key] != UNKNOWN} == set()
    assert held["stage"] == held["submitted_at"] == held["cause"] == UNKNOWN
    assert held["description"] == "Nobody was granted a loan."
    said = json.loads(canonical(held))
    assert said["due_at"] == "2028-03-08T23:30:00Z"
    assert to_markdown(held).count(f"**{UNKNOWN}**") == len(PARTICULARS) + 4


def test_a_report_without_a_clock_says_so_and_a_full_one_hides_nothing() -> None:
    full = replace(
        incident(Harm.NONE), particulars={"member_state": "IE", "affected": "12 <b>people</b>"},
        post_mortem=PostMortem("a bug", "mended", "a test"),
    )  # fmt: skip
    remedy = Remedy("r1", "i1", "Call them", "p1", AWARE, None, "")
    lines = [line(EntryKind.EVIDENCE, "drift", evidence="0198"), line(EntryKind.REPORT, "initial")]
    held = report(full, lines, [remedy])
    assert (held["due_at"], held["stage"]) == (UNKNOWN, "initial")
    words = to_markdown(held)
    assert "12 \\<b\\>people\\</b\\>" in words
    assert "- 0198" in words
    assert "what: Call them, due at: 2028-02-27T23:30:00Z" in words
    assert "a test" in words
