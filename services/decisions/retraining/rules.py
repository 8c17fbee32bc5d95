"""Whether a cause may open a ticket, and what a training took: pure functions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from services.decisions.retraining.quote import PastRun
from services.decisions.retraining.types import Attempt, Cause, Ticket, Trigger
from services.standards.policy.training import Retraining

COMMIT = re.compile(r"[0-9a-f]{40}")
WEEK = timedelta(days=7)
TITLES: Mapping[Trigger, str] = {
    Trigger.DRIFT: "drift",
    Trigger.PERFORMANCE: "worse performance",
    Trigger.SCHEDULE: "the schedule",
    Trigger.DATA: "new training data",
    Trigger.LABELS: "new outcomes",
    Trigger.CODE: "a change of code",
    Trigger.EXPIRY: "the end of an approval",
    Trigger.MANUAL: "people",
}


def key_of(model: str, trigger: Trigger, about: str) -> str:
    """Return the key of a cause: the same model, trigger and matter are one cause."""
    return f"{trigger.value}:{model}:{about}"


def commit_of(cause: Cause) -> str:
    """Return the commit that a push told; empty for every cause that none did."""
    about = cause.key.rpartition(":")[2]
    return about if cause.trigger is Trigger.CODE and COMMIT.fullmatch(about) else ""


def forbidden(plan: Retraining, trigger: Trigger) -> str:
    """Return why a policy lets a trigger open nothing, in one sentence; empty when it does not."""
    rule = plan.on.get(trigger)
    if rule is None:
        return f"The policy does not let {TITLES[trigger]} open a ticket."
    if not rule.ticket:
        return f"The policy only notes {TITLES[trigger]}; a person may open a ticket."
    return ""


def other_code(pinned: str, key: str) -> str:
    """Return why a change of code is not what would be trained, in one sentence; empty when it is.

    Parameters
    ----------
    pinned
        The commit that the recipe trains; empty where it trains a folder as it is.
    key
        What was asked about; only a whole commit can be another one.
    """
    asked = key.strip().lower()
    if not pinned or not COMMIT.fullmatch(asked) or asked == pinned:
        return ""
    return (
        f"The recipe trains commit {pinned[:12]}… and not {asked[:12]}…; "
        "publish it with the new commit, and ask again."
    )


def held(plan: Retraining, cause: Cause, tickets: Sequence[Ticket], now: datetime) -> str:
    """Return why a trigger opens nothing now, in one sentence; empty when it opens a ticket.

    Parameters
    ----------
    tickets
        All of the model, newest first.
    """
    against = forbidden(plan, cause.trigger)
    if against:
        return against
    standing = next((each for each in tickets if not each.is_over), None)
    if standing is not None:
        return f"A ticket of {standing.opened_at:%d %B %Y} is open for this model."
    automatic = [each for each in tickets if is_automatic(each)]
    of_its_own = [each for each in automatic if each.cause.trigger is cause.trigger]
    rule, title = plan.on[cause.trigger], TITLES[cause.trigger]
    return (
        _soon(tickets, plan.cooldown_days, now, "The last ticket was opened")
        or _often(automatic, plan.max_per_week, now, "Triggers")
        or _soon(of_its_own, rule.cooldown_days, now, f"The last ticket for {title} was opened")
        or _often(of_its_own, rule.max_per_week, now, title[0].upper() + title[1:])
    )


def _soon(tickets: Sequence[Ticket], days: float | None, now: datetime, what: str) -> str:
    if not tickets or days is None or now >= tickets[0].opened_at + timedelta(days=days):
        return ""
    return (
        f"{what} on {tickets[0].opened_at:%d %B %Y}; "
        f"the policy lets {days:g} days pass before the next."
    )


def _often(tickets: Sequence[Ticket], most: int | None, now: datetime, who: str) -> str:
    lately = sum(now - each.opened_at < WEEK for each in tickets)
    if most is None or lately < most:
        return ""
    return f"{who} opened {lately} tickets in seven days; the policy allows no more."


def is_automatic(ticket: Ticket) -> bool:
    """Tell whether a trigger opened a ticket, and no person by hand."""
    return ticket.cause.trigger is not Trigger.MANUAL


def past_run(ticket: Ticket, attempts: Iterable[Attempt]) -> PastRun | None:
    """Return what a training took, all its attempts together; None when that is not known."""
    seconds, gpu_seconds = 0.0, 0.0
    known = ticket.closed_at is not None
    for each in attempts:
        wall = each.usage.get("wall_seconds") or _between(each.started_at, each.finished_at)
        known = known and wall is not None
        seconds += wall or 0.0
        gpu_seconds += each.usage.get("gpu_seconds") or 0.0
    if not known or not seconds or ticket.closed_at is None:
        return None
    return PastRun(
        ticket.ticket_id, ticket.recipe, ticket.recipe_version, ticket.data.rows if ticket.data else 0,
        seconds, gpu_seconds or None, ticket.spent, ticket.closed_at,
    )  # fmt: skip


def _between(begun: datetime | None, over: datetime | None) -> float | None:
    return (over - begun).total_seconds() if begun and over else None
