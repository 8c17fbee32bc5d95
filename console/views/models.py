"""Models: the inventory, the governed version first, and what is not yet governed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from console.format import ago, day, plural
from console.views import fleet as fleets
from console.views.govern import GovernOptions, options
from console.views.inventory import ModelRow
from console.views.model import stale_words
from services.facts.registry.types import Model
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.governance.types import GovernedModel

if TYPE_CHECKING:
    from services.bootstrap.services import Services

ATTENTION = (
    ("unapproved", "not approved in production"),
    ("failing", "with a failing clause"),
    ("drifting", "with drift beyond its limit"),
    ("stale", "with evidence stale in 30 days"),
    ("review", "in review"),
)


@dataclass(frozen=True, slots=True)
class UngovernedRow:
    """A model of MLflow that nobody governs yet."""

    name: str
    versions: int
    aliases: str
    in_production: bool
    seen: str


@dataclass(frozen=True, slots=True)
class ModelsView:
    """What the inventory shows, filtered."""

    sentence: str
    rows: tuple[ModelRow, ...]
    total: int
    ungoverned: tuple[UngovernedRow, ...]
    attention: tuple[tuple[str, int, str], ...]
    owners: tuple[str, ...]
    teams: tuple[str, ...]
    tiers: tuple[str, ...]
    legal_classes: tuple[str, ...]
    states: tuple[str, ...]
    options: GovernOptions
    stale: str = ""
    at: date | None = None
    today: date | None = None
    kept: tuple[tuple[str, Mapping[str, str]], ...] = ()


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> ModelsView:
    """Return the models this person may see, as the query filters them."""
    now = services.clock.now()
    with services.store.reading() as session:
        at = as_of(query.get("at", ""), now)
        fleet = (
            fleets.stood(services, session, now, at) if at else fleets.load(services, session, now)
        )
        sync = services.registry.sync_state(session)
        kept = services.bookmarks.of(session, principal.person_id, "models")
    names, mirrored = fleet.names, fleet.mirrored
    seen = [each.row for each in fleet.listed if sees(services, principal, each.governed)]
    free = set(mirrored) - {each.governed.name for each in fleet.listed}
    rows = sorted(seen, key=lambda r: (_rank(r), r.name))
    shown = tuple(row for row in rows if fits(row, query))
    sees_all = services.authority.permits(principal, Action.MODEL_READ, model="", team="")
    unseen = [mirrored[name] for name in sorted(free)] if sees_all else []
    fresh = (
        f"as of the end of {day(at)}, UTC" if at else f"mirrored from MLflow {ago(sync.at, now)}"
    )
    sentence = f"{plural(len(shown), 'governed model')} of {len(rows)}, the governed version first · {fresh}"
    return ModelsView(
        sentence, shown, len(rows), ungoverned(unseen, query), attention(rows),
        _all(r.owner for r in rows), _all(r.team for r in rows), _all(r.tier for r in rows),
        _all(r.legal_class for r in rows), _all(r.state[2:] for r in rows),
        options(services, principal, names), stale_words(sync), at.date() if at else None, now.date(),
        tuple((each.name, each.query) for each in kept),
    )  # fmt: skip


def as_of(text: str, now: datetime) -> datetime | None:
    """Return the end of the day that an address names, UTC; None for now, for no day, or a later one."""
    try:
        day_ = date.fromisoformat(text)
    except ValueError:
        return None
    end = datetime.combine(day_, time.max, UTC)
    return end if end < now else None


def fits(row: ModelRow, query: Mapping[str, str]) -> bool:
    """Tell whether a row answers to all filters of a query; an absent filter fits everything."""
    find = query.get("find", "").casefold()
    exact = (
        (query.get("owner"), row.owner), (query.get("team"), row.team),
        (query.get("tier"), row.tier), (query.get("class"), row.legal_class),
        (query.get("state"), row.state[2:]),
    )  # fmt: skip
    return (
        find in f"{row.name} {row.owner} {row.team}".casefold()
        and all(not asked or asked == held for asked, held in exact)
        and (query.get("attention") or "") in {"", *row.flags}
    )


def ungoverned(models: Sequence[Model], query: Mapping[str, str]) -> tuple[UngovernedRow, ...]:
    """Return the models nobody governs, those in production first."""
    find = query.get("find", "").casefold()
    rows = [
        UngovernedRow(
            m.name, m.latest_version or 0, ", ".join(f"{a} → v{v}" for a, v in m.aliases.items()),
            bool(m.aliases), f"{m.mirrored_at:%d %b %Y}",
        )
        for m in models
        if find in m.name.casefold()
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (not row.in_production, row.name)))


def attention(rows: Sequence[ModelRow]) -> tuple[tuple[str, int, str], ...]:
    """Return the counts above the table; those of zero are left out."""
    counted = ((key, sum(key in row.flags for row in rows), words) for key, words in ATTENTION)
    return tuple(each for each in counted if each[1])


def sees(services: "Services", principal: Principal, governed: GovernedModel) -> bool:
    """Tell whether this person may see a governed model."""
    return services.authority.permits(
        principal, Action.MODEL_READ, model=governed.name, team=governed.team_id
    )


def _rank(row: ModelRow) -> int:
    return "✗?→◇✓".find(row.state[:1])


def _all(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values) - {""}))
