"""Keeping a view of a page under a name, for oneself."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.kernel.error import InvalidInput
from services.kernel.text import one_line
from services.people.bookmark.records import BookmarkRecord
from services.people.bookmark.types import Bookmark
from services.record.trail.unit_of_work import Store

B = BookmarkRecord
MOST, LONGEST = 50, 4000


class Bookmarks:
    """The views that people keep; nobody sees another's."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, session: Session, person_id: str, page: str) -> list[Bookmark]:
        """Return the views of a page that a person keeps, by name."""
        chosen = select(B).where(col(B.person_id) == person_id, col(B.page) == page)
        rows = session.exec(chosen.order_by(col(B.name)))
        return [Bookmark(row.name, dict(parse_qsl(row.query))) for row in rows]

    def keep(self, person_id: str, page: str, name: str, query: Mapping[str, str]) -> Bookmark:
        """Keep a view; the same name again is the newer view.

        Raises
        ------
        InvalidInput
            When the name is empty or too long, the view is too long, or there are fifty already.
        """
        title = one_line(name, limit=60, what="The name of the view")
        text = urlencode(sorted(query.items()))
        if len(text) > LONGEST:
            raise InvalidInput("This view is too long to be kept; use fewer filters.")
        with self._store.operational() as session:
            known = {each.name for each in self.of(session, person_id, page)}
            if title not in known and len(known) >= MOST:
                raise InvalidInput(f"{MOST} views are kept already; forget one first.")
            row = session.get(B, (person_id, page, title))
            row = row or B(person_id=person_id, page=page, name=title, query="", at=self._now())
            row.query, row.at = text, self._now()
            session.add(row)
        return Bookmark(title, dict(query))

    def forget(self, person_id: str, page: str, name: str) -> None:
        """Forget a view; forgetting it twice changes nothing."""
        with self._store.operational() as session:
            session.execute(
                sa.delete(B).where(
                    col(B.person_id) == person_id, col(B.page) == page, col(B.name) == name
                )
            )

    def _now(self) -> datetime:
        return self._store.clock.now()
