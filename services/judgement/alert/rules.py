"""How production is held against a rule: pure functions over numbers of windows.

A rule fires on what is proved, not on what was seen by chance. Unknown never resolves an alert.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from services.facts.evidence.types import parse_segment
from services.facts.window.types import WindowMetric
from services.judgement.alert.marks import Mark, bound_of, is_covered, mark
from services.judgement.alert.rhythm import stretched
from services.judgement.alert.types import Alert, Figures, Judgement, Reading
from services.kernel.metric import metric
from services.standards.policy.types import Threshold, shown
from services.standards.policy.watch import AlertRule, Comparison

MENDED = ("clear", "by hand")
MONTH, YEAR = timedelta(days=28), timedelta(days=365)


def judge(
    rule: AlertRule,
    series: Sequence[WindowMetric],
    *,
    baseline: float | None = None,
    opened: bool = False,
    family: int = 1,
) -> Judgement:
    """Hold one series against a rule.

    Parameters
    ----------
    series
        Windows of one metric, feature and segment, oldest first, one granularity; at least one.
    baseline
        What the version showed on its evaluation set; None where nothing is on file.
    opened
        Whether an alert of this rule is open on the series: it is clear again only on the calm side of
        ``resolve_at``.
    family
        How many series of the rule are judged together.

    Returns
    -------
    Judgement
        CLEAR means that so many windows are known to be inside that the others could not fire it.

    Notes
    -----
    Of the last ``of`` windows, counted back from the newest, ``least`` beyond the limit fire. A window
    that is missing or unknown counts neither as beyond nor as calm; ``of − least + 1`` calm windows
    are needed to be clear.
    """
    marks = [(mark(rule, each, baseline, family), each) for each in _last(series, rule.of)]
    known = [each for found, each in marks if found is not Mark.UNKNOWN]
    breaches = tuple(each for found, each in marks if found is Mark.BEYOND)
    calm = sum(found is Mark.CALM for found, _ in marks)
    inside = calm if opened else len(known) - len(breaches)
    needed = rule.of - rule.least + 1
    if len(breaches) >= rule.least:
        reading = Reading.FIRING
    elif inside >= needed:
        reading = Reading.CLEAR
    else:
        held = opened and len(known) >= needed
        reading = Reading.FIRING if held else Reading.UNKNOWN
    newest = series[-1]
    return Judgement(
        rule.id, rule.metric, newest.feature, newest.segment, reading, limit_words(rule, baseline),
        bound_of(rule, baseline), known[-1] if known else None, breaches,
        _why(rule, baseline, series[-1], len(known)) if reading is Reading.UNKNOWN else "",
    )  # fmt: skip


def judge_all(
    rule: AlertRule,
    numbers: Iterable[WindowMetric],
    baseline: float | None,
    opened: frozenset[tuple[str, str]],
) -> list[Judgement]:
    """Hold every series that a rule is about against it, by feature and segment.

    Parameters
    ----------
    numbers
        Of the rule's metric, oldest first, every feature and segment.
    opened
        Feature and segment of the alerts that are open.
    """
    series: dict[tuple[str, str], list[WindowMetric]] = {}
    for each in numbers:
        if _meant(rule, each):
            series.setdefault((each.feature, each.segment), []).append(each)
    return [
        judge(rule, its, baseline=baseline, opened=key in opened, family=len(series))
        for key, its in sorted(series.items())
    ]


def silence(rule: AlertRule, since: datetime, rhythm: timedelta, now: datetime) -> Judgement:
    """Tell whether a model has said nothing for too long.

    Parameters
    ----------
    since
        The last prediction that is known, or the beginning of watching.
    rhythm
        How long the model's own windows are; see :func:`stretched`.
    """
    limit, hours = stretched(rule, rhythm).limit, max((now - since) / timedelta(hours=1), 0.0)
    quiet = WindowMetric(since, max(now, since), rule.metric, hours, 0, method="clock")
    fires = hours > limit
    return Judgement(
        rule.id, rule.metric, "", "", Reading.FIRING if fires else Reading.CLEAR,
        Threshold(limit, at_least=False).words, limit, quiet, (quiet,) if fires else (),
    )  # fmt: skip


def may_raise(
    judgement: Judgement, before: Alert | None, cooldown_hours: float, now: datetime
) -> bool:
    """Tell whether a firing rule raises an alert.

    Parameters
    ----------
    before
        The last alert of the same rule, feature and segment, which is over; None without one.

    Notes
    -----
    The same windows raise no second alert, and within the cool-down no windows do.
    """
    if judgement.reading is not Reading.FIRING or not judgement.breaches:
        return False
    if before is None or before.resolved_at is None:
        return True
    cooled = now >= before.resolved_at + timedelta(hours=cooldown_hours)
    return cooled and judgement.breaches[-1].start > before.window_start


def figures(alerts: Sequence[Alert]) -> Figures:
    """Return how fast faults were found and mended.

    Notes
    -----
    Mean time to detect: from when a fault could first be known to its alert. Mean time to recover: from
    an alert to its end. Alerts that ended because their version or their rule did count as raised alone.
    """
    found = [each.raised_at - each.breached_at for each in alerts]
    mended = [
        each.resolved_at - each.raised_at
        for each in alerts
        if each.resolved_at is not None and each.how in MENDED
    ]
    return Figures(
        len(found), len(mended), _mean(found), _mean(mended), _median(found), _median(mended)
    )


def _mean(times: Sequence[timedelta]) -> timedelta | None:
    return sum(times, timedelta()) / len(times) if times else None


def _median(times: Sequence[timedelta]) -> timedelta | None:
    middle = sorted(times)[(len(times) - 1) // 2 : len(times) // 2 + 1]
    return _mean(middle)


def limit_words(rule: AlertRule, baseline: float | None) -> str:
    """Return the limit as people read it: ``≤ 0.20``, ``≥ 0.741 (0.95 of 0.78)``."""
    if rule.comparison is not Comparison.BELOW_BASELINE:
        words = Threshold(rule.limit, rule.comparison is Comparison.UNDER).words
        if metric(rule.metric).is_count:
            words = f"{words[0]} {rule.limit:,g}"
        return words if rule.sigmas is None else f"{words} by {rule.sigmas:g} standard errors"
    bound, share = bound_of(rule, baseline), shown(1 - rule.limit)
    if bound is None or baseline is None:
        return f"≥ {share} of the baseline"
    return f"≥ {shown(round(bound, 4))} ({share} of {shown(round(baseline, 4))})"


def _meant(rule: AlertRule, number: WindowMetric) -> bool:
    if rule.feature is not None and number.feature != rule.feature:
        return False
    if not rule.by:
        return not number.segment
    held = frozenset(parse_segment(number.segment))
    return any(held == frozenset(name.split("*")) for name in rule.by)


def _last(series: Sequence[WindowMetric], most: int) -> list[WindowMetric]:
    """Return the windows in the last ``most`` places, oldest first; a gap takes its place.

    Notes
    -----
    Windows that slide overlap: of those only what lies wholly before the one chosen last is another.
    """
    newest = _place(series[-1])
    found: list[WindowMetric] = []
    for each in reversed(series):
        if _place(each) <= newest - most:
            break
        if not found or each.end <= found[-1].start:
            found.append(each)
    return found[::-1]


def _place(window: WindowMetric) -> int:
    """Return the number of a window among those of its length; months and years by the calendar."""
    length = window.end - window.start
    if length < MONTH:
        return int(window.start.timestamp() // length.total_seconds())
    months = window.start.year * 12 + window.start.month
    return months // 12 if length >= YEAR else months


def _why(rule: AlertRule, baseline: float | None, newest: WindowMetric, known: int) -> str:
    if rule.comparison is Comparison.BELOW_BASELINE and bound_of(rule, baseline) is None:
        return "No baseline is on file for this version."
    if newest.is_withheld:
        return f"The values were {newest.method}."
    if newest.coverage is not None and not is_covered(rule, newest):
        return (
            f"Outcomes of {newest.coverage:.0%} of the newest window's rows are known; "
            f"{rule.min_coverage:.0%} are needed."
        )
    if rule.of == 1:
        return f"The newest window does not have the {rule.min_n:,} rows it needs, or no number."
    return f"Only {known} of the last {rule.of} windows could be read; {rule.of - rule.least + 1} are needed."
