"""What asks for a new model, each as one cause with one key: pure functions."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

from services.decisions.promotion.types import Promotion
from services.decisions.retraining.rules import key_of
from services.decisions.retraining.types import Cause, Ticket, Trigger
from services.judgement.alert.types import Alert
from services.judgement.alert.words import number, what
from services.standards.policy.training import LABEL_ROWS, Retraining
from services.standards.policy.watch import Then
from services.workflows.triggering.types import Newest

PERFORMANCE = "performance."


def of_alert(alert: Alert) -> Cause | None:
    """Return the cause that an open alert is, where its rule says ``then: ticket``; else None.

    Notes
    -----
    One alert is one cause, however many windows cross the limit while it is open.
    """
    if not alert.is_open or alert.then is not Then.TICKET:
        return None
    worse = alert.metric.startswith(PERFORMANCE)
    trigger = Trigger.PERFORMANCE if worse else Trigger.DRIFT
    words = f"{what(alert)}: {number(alert)}, limit {alert.limit}."
    key = key_of(alert.ref.name, trigger, alert.alert_id)
    return Cause(trigger, key, words, (alert.alert_id,))


def of_schedule(model: str, plan: Retraining, since: datetime, now: datetime) -> Cause | None:
    """Return the cause that a schedule is; None when nothing was due since an instant.

    Parameters
    ----------
    since
        When the schedule began to hold: what was due before is not made up for.

    Notes
    -----
    Of all that was missed the last one counts. Its key is the time on the wall of its zone, so that an
    hour that comes twice in autumn is one cause, and one that is left out in spring is one too.
    """
    if not plan.schedule:
        return None
    due = last_due(plan.schedule, plan.timezone, now)
    if due <= since:
        return None
    wall = due.astimezone(ZoneInfo(plan.timezone)).strftime("%Y-%m-%dT%H:%M")
    words = f"Due by the schedule {plan.schedule!r} at {wall.replace('T', ' ')}, {plan.timezone}."
    return Cause(Trigger.SCHEDULE, key_of(model, Trigger.SCHEDULE, wall), words)


def last_due(schedule: str, timezone: str, now: datetime) -> datetime:
    """Return when a schedule was due last, now included."""
    local = now.astimezone(ZoneInfo(timezone))
    if croniter.match(schedule, local):
        return local.replace(second=0, microsecond=0)
    found: datetime = croniter(schedule, local).get_prev(datetime)
    return found


def of_labels(model: str, plan: Retraining, rows: int, tickets: int) -> Cause | None:
    """Return the cause that new outcomes are; None while they are too few.

    Parameters
    ----------
    rows
        Predictions made since the last ticket whose outcome is known.
    tickets
        How many tickets the model has had: the same outcomes ask once.
    """
    rule = plan.on.get(Trigger.LABELS)
    wanted = rule.rows if rule else LABEL_ROWS
    if rule is None or rows < wanted:
        return None
    words = f"The outcomes of {rows:,} later predictions are known; the policy asks at {wanted:,}."
    return Cause(Trigger.LABELS, key_of(model, Trigger.LABELS, f"after-{tickets}"), words)


def of_expiry(promotion: Promotion | None, now: datetime) -> Cause | None:
    """Return the cause that the end of an approval is; None while it holds."""
    due = promotion.authorisation.due_again_at if promotion else None
    if promotion is None or due is None or now < due:
        return None
    words = f"The approval of {promotion.ref.label} was to be looked at again by {due:%d %B %Y}."
    key = key_of(promotion.ref.name, Trigger.EXPIRY, promotion.promotion_id)
    return Cause(Trigger.EXPIRY, key, words, (promotion.review_id,))


def of_code(model: str, commit: str) -> Cause | None:
    """Return the cause that a push is; None when nothing was pushed that is not trained already."""
    if not commit:
        return None
    words = f"Commit {commit[:12]}… was pushed to the branch that the recipe follows."
    return Cause(Trigger.CODE, key_of(model, Trigger.CODE, commit), words)


def of_data(model: str, newest: Newest | None, last: Ticket | None, now: datetime) -> Cause | None:
    """Return the cause that new training data is; None when the last ticket trained on it already.

    Notes
    -----
    Before the first ticket a source that nobody pins has new rows when they are others than those that
    were there first; of a pinned snapshot nobody can tell. Where the recipe says how old rows may be,
    new ones ask when those of the last ticket are older than that, and they themselves are not.
    """
    held = last.data if last is not None else None
    before = held.sha256 if held is not None else (newest.before if newest else "")
    if newest is None or newest.sha256 == before or (last is None and not before):
        return None
    ends = held.last_at if held is not None else None
    words = "There is a new snapshot of the training data."
    if newest.before:
        words = f"The source of the training data has other rows now: {newest.rows:,}."
    if newest.max_age_days is not None:
        oldest = now - timedelta(days=newest.max_age_days)
        if (
            (ends is not None and ends >= oldest)
            or newest.last_at is None
            or newest.last_at < oldest
        ):
            return None
        until = f"end on {ends:%d %B %Y}, " if ends else "are older: "
        words = (
            f"The rows trained on last {until}more than {newest.max_age_days} days ago, "
            f"and newer ones are there, until {newest.last_at:%d %B %Y}."
        )
    key = key_of(model, Trigger.DATA, newest.sha256)
    return Cause(Trigger.DATA, key, words, (newest.sha256,))
