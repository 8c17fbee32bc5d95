"""Channel rows in, channels out; what is sealed leaves sealed."""

from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from services.kernel.identity import new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.channel.records import ChannelRecord
from services.standards.channel.types import Channel, Kind

R = ChannelRecord


def _channel(row: ChannelRecord) -> Channel:
    return Channel(
        row.name,
        Kind(row.kind),
        row.shown,
        row.allow_private,
        row.enabled,
        row.tested_at,
        row.made_by,
        row.valid_from,
    )


def channels(session: Session, at: datetime | None = None) -> list[Channel]:
    """Return channels by name, now or at an instant."""
    rows = session.exec(select(R).where(standing(R, at)).order_by(col(R.name)))
    return [_channel(row) for row in rows]


def by_name(session: Session, name: str) -> tuple[Channel, str] | None:
    """Return a channel and where it leads, sealed; or None."""
    row = session.exec(select(R).where(standing(R), col(R.name) == name)).first()
    return (_channel(row), row.sealed) if row else None


def end(unit: UnitOfWork, name: str) -> None:
    """End the standing version of a channel."""
    for row in unit.session.exec(select(R).where(standing(R), col(R.name) == name)):
        close(row, unit.now)
    unit.session.flush()


def write(unit: UnitOfWork, channel: Channel, sealed: str, seq: int) -> None:
    """Make this the standing version of a channel."""
    end(unit, channel.name)
    values = asdict(channel)
    values |= {"kind": channel.kind.value, "valid_from": values.pop("since")}
    unit.session.add(R(row_id=new_id(), sealed=sealed, event_seq=seq, **values))
    unit.session.flush()
