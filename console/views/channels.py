"""Channels: who is told over which, whether that works, and what became of the last messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from console.format import ago, instant, plural
from services.kernel.error import NotFound
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.channel.service import TEST
from services.standards.channel.types import PARTS, Channel, Kind, Part
from services.workflows.notification.types import Delivery, DeliveryState

if TYPE_CHECKING:
    from services.bootstrap.services import Services

STATES: Mapping[DeliveryState, tuple[str, str]] = MappingProxyType(
    {
        DeliveryState.PENDING: ("info", "On its way"),
        DeliveryState.SENDING: ("info", "Being sent"),
        DeliveryState.DELIVERED: ("pass", "Delivered"),
        DeliveryState.UNSURE: ("stale", "Perhaps delivered"),
        DeliveryState.FAILED: ("fail", "Not delivered"),
        DeliveryState.GIVEN_UP: ("fail", "Given up"),
    }
)
EVENTS = {
    "raised": "Raised",
    "acknowledged": "Acknowledged",
    "reminder": "Reminder",
    "resolved": "Resolved",
    "told": "News",
}
_MOST = 50


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message on its way to one channel."""

    delivery_id: str
    channel: str
    event: str
    title: str
    status: str
    word: str
    when: str
    why: str


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel.

    Attributes
    ----------
    shown
        The host, and the last four characters of its secret.
    last
        None while no message went over it.
    """

    name: str
    kind: str
    shown: str
    status: str
    word: str
    tested: str
    enabled: bool
    inside: bool
    last: DeliveryRow | None


@dataclass(frozen=True, slots=True)
class ChannelTest:
    """A test message of this person that may become a channel."""

    task_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class ChannelsView:
    """All channels, the one that is chosen, and what the form offers.

    Attributes
    ----------
    parts
        Of the kind that is chosen, in the order of the form.
    may_allow
        Whether this person may let a channel lead into this network.
    """

    sentence: str
    rows: tuple[ChannelRow, ...]
    chosen: ChannelRow | None
    deliveries: tuple[DeliveryRow, ...]
    test: ChannelTest | None
    kinds: tuple[tuple[str, str], ...]
    kind: str
    parts: tuple[Part, ...]
    may_allow: bool


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> ChannelsView:
    """Return all channels; ``channel`` in the query opens one, ``test`` shows a test message.

    Raises
    ------
    NotPermitted
        When this person manages no channels.
    """
    services.authority.require(principal, Action.CHANNEL_MANAGE)
    now = services.clock.now()
    with services.store.reading() as session:
        last = services.deliveries.last_of_each(session)
        newest = [_delivery(each, now) for each in services.deliveries.newest(session, _MOST)]
        rows = tuple(_row(each, last, now) for each in services.channels.all(session))
    chosen = next((row for row in rows if row.name == query.get("channel")), None)
    shown = tuple(row for row in newest if chosen is None or row.channel == chosen.name)
    kind = Kind(query["kind"]) if query.get("kind") in set(Kind) else Kind.SLACK
    return ChannelsView(
        _sentence(rows),
        rows,
        chosen,
        shown,
        _test(services, principal, query.get("test")),
        tuple((each.value, each.words) for each in Kind),
        kind.value,
        PARTS[kind],
        services.authority.permits(principal, Action.CHANNEL_PRIVATE),
    )


def _sentence(rows: tuple[ChannelRow, ...]) -> str:
    if not rows:
        return "Nobody is told of an alert yet; it stands in the console alone."
    untested = sum(row.status == "unknown" for row in rows)
    failing = sum(row.last is not None and row.last.status == "fail" for row in rows)
    return (
        f"{plural(len(rows), 'channel')}, {untested} never tested, {failing} with a last message "
        "that did not arrive; policies name them."
    )


def _row(channel: Channel, last: Mapping[str, Delivery], now: datetime) -> ChannelRow:
    known = last.get(channel.name)
    status, word = ("pass", "Tested") if channel.tested_at else ("unknown", "Never tested")
    if not channel.enabled:
        status, word = "none", "Switched off"
    return ChannelRow(
        channel.name,
        channel.kind.words,
        channel.shown,
        status,
        word,
        f"a test message arrived {ago(channel.tested_at, now)}" if channel.tested_at else "never",
        channel.enabled,
        channel.allow_private,
        _delivery(known, now) if known else None,
    )


def _delivery(delivery: Delivery, now: datetime) -> DeliveryRow:
    status, word = STATES[delivery.state]
    tries = plural(delivery.attempts, "try", "tries")
    why = f"{delivery.error} ({tries})" if delivery.error else ""
    if delivery.next_at is not None:
        why += f" Next try {instant(delivery.next_at)}."
    return DeliveryRow(
        delivery.delivery_id,
        delivery.channel,
        EVENTS.get(delivery.event, delivery.event.capitalize()),
        delivery.message.title,
        status,
        word,
        ago(delivery.delivered_at or delivery.created_at, now),
        why.strip(),
    )


def _test(services: "Services", principal: Principal, task_id: str | None) -> ChannelTest | None:
    if not task_id:
        return None
    try:
        task = services.tasks.get(task_id)
    except NotFound:
        return None
    mine = task.kind == TEST and task.requested_by == principal.person_id
    return ChannelTest(task_id, task.subject_id) if mine else None
