"""Numbers, instants and names as people read them; no Streamlit.

Shares are fractions below this file and per cent above it. A value never stands without the
decimals of its interval, and never looks as if it were on the other side of its limit.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import unquote

NO_BREAK = "\u2011"
THIN = "\u2009"
NOTHING = "–"
_ESCAPE = str.maketrans({c: "\\" + c for c in "\\`*_{}[]()<>#+!|~:$^="})
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365.25 * _DAY
_MOST_PLACES = 6
_HIDDEN = {ord(c): None for c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def plain(text: str) -> str:
    """Return data escaped for Markdown: no link, no picture, no colour, one line."""
    return " ".join(text.translate(_HIDDEN).split()).translate(_ESCAPE)


def paragraph(text: str) -> str:
    """Return longer data escaped for Markdown; its line breaks stay."""
    lines = (plain(line) for line in text.splitlines())
    return "  \n".join(lines)


def solid(name: str) -> str:
    """Return a short name that does not break at its hyphen."""
    return name.replace("-", NO_BREAK)


def shortened(text: str, limit: int = 60) -> str:
    """Return text cut in its middle to at most ``limit`` characters; ends tell names apart."""
    if len(text) <= limit:
        return text
    keep = (limit - 1) // 2
    return f"{text[:keep]}…{text[-keep:]}"


def count(number: int | None) -> str:
    """Return a whole number with separators, or a dash when there is none."""
    return NOTHING if number is None else f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 model``, ``2 models``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def share(fraction: float | None, places: int = 0) -> str:
    """Return a share in [0, 1] as per cent: ``9 %``."""
    return NOTHING if fraction is None else f"{100 * fraction:.{places}f} %"


def points(difference: float, places: int = 0) -> str:
    """Return a difference of shares in percentage points: ``+2 points``."""
    return f"{signed(100 * difference, places)} points"


def signed(number: float, places: int) -> str:
    """Return a number with its sign, the minus a true one."""
    return f"{number:+.{places}f}".replace("-", "−")


def places(value: float, *others: float | None, limit: float | None = None) -> int:
    """Return the decimals that tell a value (and interval ends) from its limit; 3 at least.

    Numbers from 100 on get 1, from 10 on 2.
    """
    size = max(abs(x) for x in (value, *others) if x is not None)
    chosen = 3 if size < 10 else 2 if size < 100 else 1
    if limit is None:
        return chosen
    near = [x for x in (value, *others) if x is not None and x != limit]
    while chosen < _MOST_PLACES and any(round(x, chosen) == round(limit, chosen) for x in near):
        chosen += 1
    return chosen


def number(value: float | None, *, limit: float | None = None) -> str:
    """Return one number with the decimals it needs, or a dash."""
    if value is None:
        return NOTHING
    return f"{value:,.{places(value, limit=limit)}f}".replace("-", "−")


def interval(
    value: float | None, lo: float | None, hi: float | None, *, limit: float | None = None
) -> str:
    """Return a value with its interval, all with the same decimals: ``0.810 [0.770, 0.850]``."""
    if value is None:
        return NOTHING
    if lo is None or hi is None:
        return number(value, limit=limit)
    digits = places(value, lo, hi, limit=limit)
    text = f"{value:,.{digits}f} [{lo:,.{digits}f}, {hi:,.{digits}f}]"
    return text.replace("-", "−")


def instant(at: datetime | None) -> str:
    """Return an instant in UTC: ``14 Mar 2026, 09:12 UTC``."""
    return "never" if at is None else f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def day(at: datetime | None) -> str:
    """Return the UTC day of an instant: ``14 Mar 2026``."""
    if at is None:
        return NOTHING
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y}"


def window(start: datetime, granularity: str) -> str:
    """Return a window as people call it: ``14 Mar 2026``, ``14 Mar, 09:00``, ``Mar 2026``, ``1986``."""
    utc = start.astimezone(UTC)
    if granularity == "year":
        return f"{utc.year}"
    if granularity == "month":
        return f"{utc:%b %Y}"
    return day(utc) if granularity == "day" else f"{utc.day} {utc:%b, %H:%M}"


def local(at: datetime, zone: tzinfo) -> str:
    """Return an instant in UTC and on the reader's clock, as a signature shows it."""
    return f"{instant(at)} ({at.astimezone(zone):%H:%M} here)"


def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago: ``just now``, ``3 minutes ago``, ``yesterday``, then the date."""
    if at is None:
        return "never"
    seconds = (now - at).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return plural(int(seconds // _MINUTE), "minute") + " ago"
    if seconds < _DAY:
        return plural(int(seconds // _HOUR), "hour") + " ago"
    days = int(seconds // _DAY)
    return "yesterday" if days == 1 else f"{days} days ago" if days <= 30 else day(at)


def age(at: datetime | None, now: datetime) -> str:
    """Return an age without ``ago``, for a column of ages."""
    if at is None:
        return NOTHING
    seconds = max(0.0, (now - at).total_seconds())
    if seconds >= 2 * _YEAR:
        return plural(int(seconds // _YEAR), "year")
    for size, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= size:
            return plural(int(seconds // size), noun)
    return "now"


def lasting(span: timedelta) -> str:
    """Return how long something took, to a tenth of its unit: ``2.5 hours``, ``under a minute``."""
    seconds = span.total_seconds()
    for size, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= size:
            told = f"{seconds / size:.1f}".removesuffix(".0")
            return f"{told} {noun}{'' if told == '1' else 's'}"
    return "under a minute"


def until(at: datetime | None, now: datetime) -> str:
    """Return how much time is left: ``in 2 days``, ``today``, ``3 days overdue``."""
    if at is None:
        return NOTHING
    seconds = (at - now).total_seconds()
    if seconds < 0:
        return f"{plural(int(-seconds // _DAY), 'day')} overdue" if seconds < -_DAY else "overdue"
    days = int(seconds // _DAY)
    return "today" if days == 0 else f"in {plural(days, 'day')}"


def digest(text: str | None, groups: int = 0) -> str:
    """Return a digest in groups of eight; ``groups`` says how many, 0 means all of it."""
    if not text:
        return NOTHING
    parts = [text[i : i + 8] for i in range(0, len(text), 8)]
    if 0 < groups < len(parts):
        return " ".join(parts[:groups]) + " …"
    return " ".join(parts)


def short(identifier: str | None) -> str:
    """Return the end of an id: what differs between two made in the same minute."""
    return identifier[-8:] if identifier else NOTHING


def segment(text: str) -> str:
    """Return a segment as people say it: ``race=Black&sex=F`` is ``race Black, sex F``."""
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return ", ".join(f"{unquote(key)} {unquote(value)}" for key, _, value in pairs) or "all rows"
