"""The audit trail: what happened, by whom, to what, and whether the chain holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import digest, instant, short
from console.views.event import EventRow, row
from console.views.names import Names
from console.views.names import load as names_of
from services.people.account.types import Principal
from services.record.trail.actions import ACTIONS
from services.record.trail.types import TrailEvent
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services

PAGE = 50


@dataclass(frozen=True, slots=True)
class TrailView:
    """A page of events, newest first."""

    sentence: str
    head: tuple[tuple[str, str], ...]
    rows: tuple[EventRow, ...]
    actions: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    older: str
    detail: tuple[tuple[str, str], ...] = ()
    envelope: str = ""


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> TrailView:
    """Return a page of events; the query names action, by, about, before and event.

    Raises
    ------
    NotPermitted
        When this person may not read the trail.
    """
    services.authority.require(principal, Action.TRAIL_READ)
    now = services.clock.now()
    with services.store.reading() as session:
        names = names_of(services, session)
        found = _search(services, session, query)
        newest = services.trail.search(session, limit=1)
        opened = _number(query.get("event"))
        event = services.trail.by_seqs(session, [opened]).get(opened) if opened else None
    rows = tuple(row(each, names, now) for each in found[:PAGE])
    older = str(found[PAGE - 1].seq) if len(found) > PAGE else ""
    people = tuple((p.person_id, p.name) for p in names.people.values())
    return TrailView(
        f"{newest[0].seq if newest else 0:,} events, each sealed with all before it.",
        _head(newest[0]) if newest else (),
        rows,
        tuple(sorted(ACTIONS)),
        tuple(sorted(people, key=lambda pair: pair[1].casefold())),
        older,
        _detail(event, names) if event else (),
        json.dumps(dict(event.payload), indent=2, ensure_ascii=False) if event else "",
    )


def _search(services: "Services", session: Session, query: Mapping[str, str]) -> list[TrailEvent]:
    about = query.get("about", "").strip()
    subject = None
    if about:
        kind, _, subject_id = about.partition(":")
        subject = (kind, subject_id) if subject_id else ("model", about)
    return services.trail.search(
        session,
        action=query.get("action") or None,
        subject=subject,
        actor_id=query.get("by") or None,
        before=_number(query.get("before")),
        limit=PAGE + 1,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 16 else None


def _head(newest: TrailEvent) -> tuple[tuple[str, str], ...]:
    return (
        ("Newest event", f"{newest.seq:,}"),
        ("Sealed at", instant(newest.at)),
        ("Chain hash", digest(newest.chain_hash)),
    )


def _detail(event: TrailEvent, names: Names) -> tuple[tuple[str, str], ...]:
    return (
        ("Event", f"{event.seq:,}"),
        ("Action", event.action),
        ("By", names.actor(event.actor)),
        ("Session", short(event.actor.session)),
        ("About", f"{event.subject_kind} {event.subject_id}"),
        ("At", instant(event.at)),
        ("Id", event.event_id),
        ("Chain hash", digest(event.chain_hash)),
    )
