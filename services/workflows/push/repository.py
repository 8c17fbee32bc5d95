"""Rows of pushed commits in, heads out."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.workflows.push.records import PushedCommitRecord
from services.workflows.push.types import Head

R = PushedCommitRecord


def head(session: Session, address: str, branch: str) -> Head | None:
    """Return where a branch stands; None when nobody told."""
    chosen = select(R).where(col(R.address) == address, col(R.branch) == branch)
    row = session.exec(chosen.order_by(col(R.number).desc())).first()
    return Head(row.commit, row.number, row.received_at) if row else None


def number_of(session: Session, address: str, branch: str, commit: str) -> int | None:
    """Return the place of a commit among those a branch stood at; None when it never did."""
    row = session.get(R, (address, branch, commit))
    return row.number if row else None


def add(session: Session, hook: str, address: str, branch: str, commit: str, now: datetime) -> None:
    """Let a branch stand at a commit from now on."""
    last = session.exec(
        select(sa.func.max(R.number)).where(col(R.address) == address, col(R.branch) == branch)
    ).one()
    session.add(
        R(
            address=address, branch=branch, commit=commit, hook=hook, number=(last or 0) + 1,
            received_at=now,
        )
    )  # fmt: skip
    session.flush()
