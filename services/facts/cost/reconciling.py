"""A bill held against our own lines for the same hours: who bears it, and what is not counted twice.

Notes
-----
The bill decides the sum; our own lines decide who. For a model ``m`` with ``own`` of our lines and
``tagged`` of the bill that its tags give to it: ``min(own, tagged)`` of the bill are taken back, since
our lines stand for them already; what our lines say beyond that is taken from what the bill gives to
nobody, as far as that reaches; where it does not reach, our lines are lowered. Then the lines of both
come to the bill, exactly.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

Group = tuple[date, str, str, str]
"""Day, model, team and kind; the model is empty for what no tag gives to one."""
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Matched:
    """What a comparison comes to, in micro-units of one currency.

    Attributes
    ----------
    billed, estimated
        The bill, and our own lines for the same hours.
    tagged
        Of the bill, what its tags give to a model.
    explained
        Of the bill, what a model bears: by tags, or because our lines say so.
    take_back
        Of the bill's groups, what our own lines stand for already.
    lower
        By model, how far our own lines are above what the bill has for them.
    """

    billed: int
    estimated: int
    tagged: int
    explained: int
    take_back: Mapping[Group, int]
    lower: Mapping[str, int]

    @property
    def unallocated(self) -> int:
        """Return what nobody bears."""
        return self.billed - self.explained

    @property
    def difference(self) -> int:
        """Return how far our own lines are above the bill; 0 where the bill covers them."""
        return sum(self.lower.values())


def match(bill: Mapping[Group, int], own: Mapping[str, int]) -> Matched:
    """Hold a bill against our own lines.

    Parameters
    ----------
    bill
        What is billed by group; credits are negative.
    own
        What our own lines come to by model, empty for nobody's; below 0 counts as nothing.
    """
    by_model: dict[str, int] = {}
    for (_, model, _, _), micros in bill.items():
        by_model[model] = by_model.get(model, 0) + micros
    ours = {model: max(0, micros) for model, micros in own.items()}
    tagged = {m: min(ours.get(m, 0), max(0, held)) for m, held in by_model.items() if m}
    missing = {m: micros - tagged.get(m, 0) for m, micros in ours.items()}
    spare = min(max(0, by_model.get("", 0)), sum(missing.values()))
    from_spare = share(spare, missing)
    take = _spread(bill, {**tagged, "": sum(from_spare.values())})
    lower = {m: missing[m] - from_spare.get(m, 0) for m in missing}
    given = sum(held for model, held in by_model.items() if model)
    named = sum(micros for model, micros in from_spare.items() if model)
    return Matched(
        billed=sum(bill.values()),
        estimated=sum(own.values()),
        tagged=given,
        explained=given + named,
        take_back=take,
        lower={m: micros for m, micros in lower.items() if micros},
    )


def share(total: int, weights: Mapping[K, int]) -> dict[K, int]:
    """Split a whole number by weights: the parts add up to it exactly.

    Notes
    -----
    Largest remainder (Hamilton); of equal remainders the first. Without a weight above 0 nobody gets
    anything.
    """
    held = {key: weight for key, weight in weights.items() if weight > 0}
    whole = sum(held.values())
    if not whole or total <= 0:
        return {}
    parts = {key: divmod(total * weight, whole) for key, weight in held.items()}
    left = total - sum(part for part, _ in parts.values())
    first = sorted(parts, key=lambda key: -parts[key][1])[:left]
    found = {key: part for key, (part, _) in parts.items()}
    for key in first:
        found[key] += 1
    return {key: part for key, part in found.items() if part}


def _spread(bill: Mapping[Group, int], taken: Mapping[str, int]) -> dict[Group, int]:
    groups: dict[str, dict[Group, int]] = {}
    for group, micros in bill.items():
        groups.setdefault(group[1], {})[group] = micros
    return {
        group: part
        for model, total in taken.items()
        for group, part in share(total, groups.get(model, {})).items()
    }
