"""Routes: channels, and what became of the last messages; nothing that leads anywhere."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from services.api.bearer import Bearers
from services.api.paging import Cursor, Limit, listed, page
from services.api.serialise import plain

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.standards.channel.types import Channel
    from services.workflows.notification.types import Delivery


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter(prefix="/channels")

    @routes.get("", dependencies=[bearers.needs("models:read")])
    def channels(cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """List the channels by name, each with its last message. Where they lead is not said."""
        with services.store.reading() as session:
            known = services.channels.all(session)
            found, following = page(known, cursor, limit, lambda each: each.name)
            last = services.deliveries.last_of_each(session)
        told = [_channel(each, last.get(each.name)) for each in found]
        return listed("channels", told, following)

    return routes


def _channel(channel: "Channel", last: "Delivery | None") -> dict[str, Any]:
    return {
        "name": channel.name,
        "kind": channel.kind.value,
        "enabled": channel.enabled,
        "tested_at": plain(channel.tested_at),
        "allow_private": channel.allow_private,
        "last": None if last is None else _delivery(last),
    }


def _delivery(delivery: "Delivery") -> dict[str, Any]:
    return {
        "delivery_id": delivery.delivery_id,
        "event": delivery.event,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "next_at": plain(delivery.next_at),
        "status": delivery.answered_status,
        "error": delivery.error,
        "created_at": plain(delivery.created_at),
        "delivered_at": plain(delivery.delivered_at),
    }
