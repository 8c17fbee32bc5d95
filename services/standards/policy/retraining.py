"""Reading the ``retraining`` and ``budget`` sections of a policy, every error with its place."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter

from services.kernel.error import InvalidInput
from services.kernel.identity import Role
from services.kernel.money import Money
from services.standards.policy.reading import Part
from services.standards.policy.training import (
    CURRENCY,
    LABEL_ROWS,
    ApprovalRow,
    Budget,
    Retraining,
    Trigger,
    TriggerRule,
)

KEYS = (
    "on", "schedule", "timezone", "cooldown_days", "max_per_week", "approvals", "min_effect",
    "holdout_looks", "stop_idle", "fairness",
)  # fmt: skip
PAUSES = ("cooldown_days", "max_per_week")
RULE_KEYS = ("ticket", "approvals", *PAUSES)
BUDGET_KEYS = ("currency", "month", "ticket", "stop")
TRIGGERS = tuple(each.value for each in Trigger)
SIGNING = (
    Role.CONTRIBUTOR, Role.OWNER, Role.VALIDATOR, Role.APPROVER, Role.STAKEHOLDER, Role.OPERATOR,
)  # fmt: skip
_FIELDS = 5


def retraining(part: Part, currency: str = CURRENCY) -> Retraining:
    """Read when the models of a policy are trained anew.

    Parameters
    ----------
    currency
        In which amounts are written: that of the budget.

    Raises
    ------
    PolicyError
        With line and column, for anything that is not exactly a ``retraining`` section.
    """
    held = part.members(KEYS, ("on",))
    on = _triggers(held["on"], currency)
    schedule = _schedule(held["schedule"]) if "schedule" in held else ""
    if Trigger.SCHEDULE in on and not schedule:
        part.fail("'on' names the schedule; write it as 'schedule: \"0 3 * * 1\"'")
    if schedule and Trigger.SCHEDULE not in on:
        held["schedule"].fail("'on' does not name the schedule; add it there, or leave this out")
    counts: dict[str, Any] = {
        key: held[key].positive() for key in ("cooldown_days", "min_effect") if key in held
    }
    return Retraining(
        on=on,
        schedule=schedule,
        timezone=_timezone(held["timezone"]) if "timezone" in held else "UTC",
        max_per_week=held["max_per_week"].whole(1) if "max_per_week" in held else None,
        approvals=_approvals(held["approvals"], currency) if "approvals" in held else None,
        holdout_looks=held["holdout_looks"].whole(1) if "holdout_looks" in held else 20,
        stop_idle=held["stop_idle"].truth() if "stop_idle" in held else False,
        **(_fairness(held["fairness"]) if "fairness" in held else {}),
        **counts,
    )


def _fairness(part: Part) -> dict[str, Any]:
    held = part.members(("margin", "must_show"))
    found: dict[str, Any] = {}
    if "margin" in held:
        found["fairness_margin"] = held["margin"].positive()
    if "must_show" in held:
        found["must_show"] = held["must_show"].truth()
    return found


def budget(part: Part) -> Budget:
    """Read what trainings may cost.

    Raises
    ------
    PolicyError
        With line and column, for anything that is not exactly a ``budget`` section.
    """
    held = part.members(BUDGET_KEYS, ("currency",))
    currency = held["currency"].text()
    try:
        Money.none(currency)
    except InvalidInput as error:
        held["currency"].fail(error.message)
    limits = {key: _amount(held[key], currency) for key in ("month", "ticket") if key in held}
    month, ticket = limits.get("month"), limits.get("ticket")
    if month is not None and ticket is not None and ticket > month:
        held["ticket"].fail("one ticket may cost more than the whole month; correct one of them")
    return Budget(currency, month, ticket, held["stop"].truth() if "stop" in held else True)


def _amount(part: Part, currency: str) -> Money:
    if not isinstance(part.value, str):
        part.fail('an amount is written as a text, such as "50.00"')
    try:
        found = Money.parse(part.text(), currency)
    except InvalidInput as error:
        part.fail(error.message)
    if found.micros < 0:
        part.fail("an amount is 0 or more")
    return found


def _triggers(part: Part, currency: str) -> dict[Trigger, TriggerRule]:
    found: dict[Trigger, TriggerRule] = {}
    for each in part.items():
        rule = _trigger(each, currency)
        if rule.trigger in found:
            each.fail(f"{rule.trigger.value!r} stands here a second time")
        found[rule.trigger] = rule
    return found


def _trigger(part: Part, currency: str) -> TriggerRule:
    if not isinstance(part.value, dict):
        return TriggerRule(Trigger(part.one_of(TRIGGERS)))
    named = part.members(TRIGGERS)
    if len(named) != 1:
        part.fail("one trigger stands in one item, such as '{labels: {rows: 500}}'")
    ((name, inner),) = named.items()
    held = inner.members((*RULE_KEYS, *(("rows",) if name == Trigger.LABELS else ())))
    for key in PAUSES if name == Trigger.MANUAL else ():
        if key in held:
            held[key].fail("people may ask at any time; leave it out, or name another trigger")
    return TriggerRule(
        Trigger(name),
        ticket=held["ticket"].truth() if "ticket" in held else True,
        approvals=_approvals(held["approvals"], currency) if "approvals" in held else None,
        rows=held["rows"].whole(1) if "rows" in held else LABEL_ROWS,
        cooldown_days=held["cooldown_days"].positive() if "cooldown_days" in held else None,
        max_per_week=held["max_per_week"].whole(1) if "max_per_week" in held else None,
    )


def _approvals(part: Part, currency: str) -> tuple[ApprovalRow, ...]:
    rows: list[ApprovalRow] = []
    for each in part.items():
        held = each.members(("over", "quorum"), ("over", "quorum"))
        over = _amount(held["over"], currency)
        if rows and over <= rows[-1].over:
            held["over"].fail("the rows rise: each is over more than the one before")
        rows.append(ApprovalRow(over, _quorum(held["quorum"])))
    return tuple(rows)


def _quorum(part: Part) -> dict[Role, int]:
    held = part.members([role.value for role in SIGNING])
    quorum = {Role(role): each.whole(1) for role, each in held.items()}
    if not quorum:
        part.fail("at least one signature is needed; where nobody need sign, leave the row out")
    return quorum


def _schedule(part: Part) -> str:
    text = part.text()
    if len(text.split()) != _FIELDS or not croniter.is_valid(text):
        part.fail("write five fields of cron, such as '0 3 * * 1' for Mondays at three")
    return text


def _timezone(part: Part) -> str:
    name = part.text()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        part.fail(f"{name!r} is no time zone; write it as Europe/Dublin")
    return name
