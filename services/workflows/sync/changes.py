"""What one look writes: versions that differ, and aliases that moved."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.facts.registry import mirror
from services.facts.registry.types import Head, SeenVersion
from services.kernel.error import InvalidInput
from services.kernel.text import clean, visible
from services.record.trail.unit_of_work import UnitOfWork

LONGEST_NAME = 1000


def usable(heads: Iterable[Head]) -> tuple[list[Head], list[str]]:
    """Return the models that can be kept, and the names of those that cannot."""
    kept: list[Head] = []
    skipped: list[str] = []
    for head in heads:
        try:
            clean(head.name, limit=LONGEST_NAME, what="The name")
        except InvalidInput as error:
            skipped.append(f"{visible(head.name)[:80]}: {error.message}")
            continue
        kept.append(head)
    return kept, skipped


def write_versions(
    unit: UnitOfWork, changed: list[Head], versions: list[SeenVersion], seq: int
) -> int:
    """Store versions that differ from what stands; return how many vanished."""
    names = sorted({head.name for head in changed} | {each.name for each in versions})
    known = mirror.known_versions(unit.session, names)
    seen = {(each.name, each.version): each for each in versions}
    fresh = [each for key, each in seen.items() if _differs(known.get(key), each)]
    another = [k for k, v in seen.items() if k in known and _another(known[k], v)]
    lost = [key for key in known if key not in seen]
    ended = [
        str(known[k]["row_id"])
        for k in [*((f.name, f.version) for f in fresh), *lost]
        if k in known
    ]
    mirror.write_versions(unit, fresh, ended, seq)
    for name, number in [*another, *lost]:
        unit.event(
            "version:vanished",
            ("version", f"{name}/{number}"),
            run_id=str(known[name, number]["run_id"]),
            replaced=(name, number) in seen,
        )
    return len(another) + len(lost)


def _another(known: dict[str, object], seen: SeenVersion) -> bool:
    """Tell whether a number was given to another version: another run, or other files."""
    return (known["run_id"], known["source_uri"]) != (seen.run_id, seen.source_uri)


def _differs(known: dict[str, object] | None, seen: SeenVersion) -> bool:
    if known is None:
        return True
    now = (seen.run_id, seen.source_uri, seen.status, seen.description, dict(seen.tags))
    keys = ("run_id", "source_uri", "status", "description", "tags")
    return now != tuple(known[key] for key in keys)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at MLflow saw that differs from what stands.

    Attributes
    ----------
    began
        When the look began: an alias that the console itself moved after that is newer than it.
    first
        Whether nothing was ever mirrored before.
    """

    began: datetime
    first: bool
    changed: list[Head]
    gone: list[str]
    versions: list[SeenVersion]


def unsettled(unit: UnitOfWork, look: Look) -> list[Head]:
    """Return the heads to store; one whose alias the console moved meanwhile is read again next."""
    newer = {name for name, _ in mirror.aliases_since(unit.session, look.began)}
    return [replace(head, sha256="") if head.name in newer else head for head in look.changed]


def write_aliases(unit: UnitOfWork, look: Look, seq: int) -> int:
    """Store where aliases point; return how many moved since the last look."""
    changed, versions = look.changed, look.versions
    before = mirror.standing_aliases(unit.session)
    newer = mirror.aliases_since(unit.session, look.began)
    known = mirror.known_versions(unit.session, [head.name for head in changed])
    run_of = {key: str(row["run_id"]) for key, row in known.items()}
    run_of |= {(each.name, each.version): each.run_id for each in versions}
    now = {
        (head.name, alias): (number, run_of.get((head.name, number), ""))
        for head in changed
        for alias, number in head.aliases.items()
    }
    if look.first and not before:
        mirror.write_first_aliases(unit, now, seq)
        return 0
    names = {head.name for head in changed} | set(look.gone)
    moved = [
        key
        for key in {*before, *now} - newer
        if key[0] in names and before.get(key) != now.get(key)
    ]
    for name, alias in sorted(moved):
        was, target = before.get((name, alias)), now.get((name, alias))
        move = unit.event(
            "alias:moved",
            ("model", name),
            alias=alias,
            before=was[0] if was else None,
            after=target[0] if target else None,
            run_id=target[1] if target else None,
        )
        mirror.write_alias(unit, name, alias, target, "sync", move)
    return len(moved)
