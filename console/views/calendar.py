"""What is due, as a calendar that other programs can read (RFC 5545)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from console.views.inventory import ModelRow


def calendar_of(rows: Iterable[ModelRow], now: datetime) -> bytes:
    """Return one all-day event for each duty; the same duty keeps its id, so importing twice is once."""
    from icalendar import Calendar, Event  # loads slowly, and few ask for it

    found = Calendar()
    found.add("prodid", "-//Countersign//Duties//EN")
    found.add("version", "2.0")
    for row in rows:
        if row.days_left is None:
            continue
        due: date = (now + timedelta(days=row.days_left)).date()
        event = Event()
        event.add("uid", f"{row.next_duty}:{row.name}@countersign")
        event.add("summary", f"{row.next_duty}: {row.title}")
        event.add("dtstart", due)
        event.add("dtend", due + timedelta(days=1))
        event.add("dtstamp", now)
        found.add_component(event)
    return found.to_ical()
