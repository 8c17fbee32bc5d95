"""The changes a session knows, each with its event, inside somebody's unit of work."""

import secrets

from services.kernel.identity import new_id
from services.people.account.types import Principal
from services.people.session import repository
from services.people.session.types import AuthEvent, OpenSession, SessionLimits
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import UnitOfWork


def session_id_of(cookie: str) -> str:
    """Return the id under which the session of a cookie's secret is stored: its SHA-256."""
    return sha256_hex(cookie.encode("utf-8", "surrogatepass"))


def open_session(unit: UnitOfWork, person_id: str, method: str, limits: SessionLimits) -> str:
    """Store a session and return the secret for its cookie, 256 bits; event ``session:opened``."""
    cookie = secrets.token_urlsafe(32)
    opened = OpenSession(
        session_id=session_id_of(cookie),
        person_id=person_id,
        method=method,
        opened_at=unit.now,
        expires_at=unit.now + limits.absolute,
        seen_at=unit.now,
    )
    seq = unit.event(
        "session:opened",
        ("session", opened.session_id),
        person_id=person_id,
        method=method,
        expires_at=opened.expires_at,
    )
    repository.add(unit.session, opened, seq)
    return cookie


def end_session(unit: UnitOfWork, session_id: str, reason: str) -> None:
    """Revoke a standing session; event ``session:revoked``."""
    unit.event("session:revoked", ("session", session_id), reason=reason)
    repository.end(unit.session, session_id, unit.now)


def proved(unit: UnitOfWork, principal: Principal, method: str, components: int) -> AuthEvent:
    """Store a proof of identity; event ``session:reauthenticated``."""
    auth = AuthEvent(
        auth_event_id=new_id(),
        person_id=principal.person_id,
        session_id=principal.session_id,
        at=unit.now,
        method=method,
        components=components,
    )
    seq = unit.event(
        "session:reauthenticated",
        ("session", principal.session_id),
        auth_event_id=auth.auth_event_id,
        method=method,
        components=components,
    )
    repository.add_auth_event(unit.session, auth, seq)
    return auth
